import Tensors
import TestSupport

/// A random net of up to `layers` layers over blobs of one spatial size, in prototxt text; fixed by its seed.
struct RandomNet {
  private var random: SeededRandom
  /// Blobs that may be read, with their channels.
  private var blobs: [(name: String, channels: Int)] = [("data", 4)]
  private(set) var text: String

  init(seed: UInt64, layers: Int) {
    random = SeededRandom(seed: seed)
    text = NetText.input("data", [2, 4, 5, 4])
    for i in 0..<layers { add("l\(i)") }
  }

  private mutating func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

  private mutating func add(_ name: String) {
    // New blobs more often than old ones, so that chains form.
    let at = pick(5) == 0 ? pick(blobs.count) : blobs.count - 1
    let bottom = blobs[at]
    func emit(_ type: String, _ bottoms: [String], _ settings: String = "", top: String? = nil) -> String {
      NetText.layer(name, type, bottoms, [top ?? name], settings)
    }
    switch pick(9) {
    case 0, 1:
      let outputs = [4, 8, 16][pick(3)]
      let kernel = pick(2) == 0 ? "kernel_size: 1" : "kernel_size: 3 pad: 1"
      text += emit("Convolution", [bottom.name], "convolution_param { num_output: \(outputs) \(kernel) }")
      blobs.append((name, outputs))
    case 2:
      let type = ["ReLU", "Sigmoid", "TanH", "AbsVal"][pick(4)]
      // Never onto the net's input, whose name the data come under.
      if pick(2) == 0, at > 0 {
        text += emit(type, [bottom.name], top: bottom.name)
      } else {
        text += emit(type, [bottom.name])
        blobs.append((name, bottom.channels))
      }
    case 3:
      text += emit(["BatchNorm", "Scale"][pick(2)], [bottom.name])
      blobs.append((name, bottom.channels))
    case 4, 5:
      let same = blobs.filter { $0.channels == bottom.channels }
      let operation = ["SUM", "SUM", "MAX", "PROD"][pick(4)]
      text += emit("Eltwise", [same[pick(same.count)].name, bottom.name], "eltwise_param { operation: \(operation) }")
      blobs.append((name, bottom.channels))
    case 6:
      text += NetText.layer(name, "Split", [bottom.name], [name + "a", name + "b"])
      blobs += [(name + "a", bottom.channels), (name + "b", bottom.channels)]
    case 7:
      text += emit("Pooling", [bottom.name], "pooling_param { kernel_size: 3 stride: 1 pad: 1 }")
      blobs.append((name, bottom.channels))
    default:
      let other = blobs[pick(blobs.count)]
      text += emit("Concat", [bottom.name, other.name])
      blobs.append((name, bottom.channels + other.channels))
    }
  }
}
