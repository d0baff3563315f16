import Foundation

@testable import QuantEngine

/// A project folder written by hand, removed with this object.
final class MadeUpProject {
  let path = NSTemporaryDirectory() + "cortado-project-" + UUID().uuidString + "/.cortado"
  var project: ProjectFolder { ProjectFolder(path: path) }
  var store: RunStore { RunStore(project) }

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }

  /// Writes a file of the project; folders that are missing are made.
  func write(_ name: String, _ text: String) throws {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
  }

  func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: path + "/" + name).map { String(decoding: $0, as: UTF8.self) }
  }

  func names(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)) ?? []).sorted()
  }

  /// A `run.json` as runs wrote it before they said where they came from.
  static func oldRun(_ layers: String = "", comparison: String = "", label: String? = nil) -> String {
    """
    {"run":"x","work":"w","files":[],"seconds":{"parse":0.5,"calibrate":1.25},"peakBytes":1024,"images":8,\
    "evaluation":null,"layers":[\(layers)]\(label.map { ",\"label\":\"\($0)\"" } ?? "")\(comparison)}
    """
  }

  static func layer(_ name: String, _ type: String, _ state: String) -> String {
    """
    {"layer":"\(name)","type":"\(type)","state":"\(state)","scale_d":[0.5],"offset_d":[-128],"num_bits_d":[8],\
    "scale_w":[0.25,0.125],"num_bits_w":8,"seconds":0.1}
    """
  }

  /// The `comparison` of a `run.json`; values as JSON.
  static func comparison(_ layers: [(name: String, cosine: String)], output: String) -> String {
    func numbers(_ cosine: String) -> String {
      "\"cosine\":\(cosine),\"cosineMin\":\(cosine),\"sqnr_db\":20,\"mse\":0.01,\"max_abs\":0.5,\"slope\":1"
    }
    let list = layers.map {
      "{\"layer\":\"\($0.name)\",\"type\":\"Convolution\",\"state\":\"quantized\",\(numbers($0.cosine))}"
    }
    return ",\"comparison\":{\"images\":8,\"metric\":\"chain\",\"layers\":[\(list.joined(separator: ","))],"
      + "\"outputs\":[{\"blob\":\"prob\",\(numbers(output))}]}"
  }

  static func config(bits: Int) -> String {
    """
    {
      "version": 1,
      "batch_num": 1,
      "conv1": {
        "quant_enable": true,
        "activation_quant_params": {
          "num_bits": \(bits)
        }
      }
    }

    """
  }
}
