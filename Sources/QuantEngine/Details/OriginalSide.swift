import Diagnostics
import Engine
import Kernels
import LayerGraph
import Tensors

/// Watches the original net with its twins: keeps what the quantized net will be compared with, looks at how values lie,
/// and measures each quantized layer alone.
final class OriginalSide: RunObserver {
  private let net: LocalNet
  private let parallel: Parallel
  /// The layers whose twin makes a blob.
  private let byTwin: [BlobID: Int]
  private let kept: Set<BlobID>
  private var images = 1
  /// The batch's values of the blobs that are compared, in the order in which they lay.
  private var values: [BlobID: (tensor: Tensor, isChannelsLast: Bool)] = [:]
  private(set) var scans: [BlobID: BlobScan]
  /// Similarity of each layer's twin with the original; empty for float layers.
  private(set) var local: [PairScan]

  init(_ net: LocalNet, threads: Int) {
    self.net = net
    parallel = Parallel(threads: threads)
    var twins: [BlobID: Int] = [:]
    var roundings: [BlobID: [Rounding]] = [:]
    for (i, layer) in net.layers.enumerated() {
      if let twin = layer.twin { twins[twin] = i }
      roundings[layer.original, default: []] += []
      for input in layer.inputs where roundings[input.blob]?.contains(input.rounding) != true {
        roundings[input.blob, default: []].append(input.rounding)
      }
    }
    byTwin = twins
    kept = Set(net.layers.map(\.original) + net.outputs)
    scans = roundings.mapValues { BlobScan($0) }
    local = net.layers.map { _ in PairScan(isDetailed: false) }
  }

  var observed: Set<BlobID> { kept.union(scans.keys).union(byTwin.keys) }

  /// - Parameter images: of the batch that follows.
  func begin(images: Int) { self.images = images }

  func wants(_ blob: BlobID) -> Bool { kept.contains(blob) || scans[blob] != nil || byTwin[blob] != nil }

  let takesChannelsLast = true

  func observe(_ blob: BlobID, _ lanes: LaneValues) throws(DiagnosticError) {
    if let i = byTwin[blob] {
      try compare(net.layers[i].original, lanes) { o, q, shape in
        local[i].add(original: o, quantized: q, shape, parallel)
      }
    }
    let x = lanes.lanes[0]
    let shape = ItemShape(lanes.shape, images: images, isChannelsLast: lanes.isChannelsLast)
    guard kept.contains(blob) else {
      scans[blob]?.add(x, shape, parallel)
      return
    }
    // The last batch's copy is written over.
    var copy = values.removeValue(forKey: blob)?.tensor ?? Tensor(shape: lanes.shape)
    if copy.shape != lanes.shape { copy = Tensor(shape: lanes.shape) }
    copy.withMutable { copy in
      if scans[blob] == nil { copy.copy(x) } else { scans[blob]?.add(x, shape, copy: copy, parallel) }
    }
    values[blob] = (copy, lanes.isChannelsLast)
  }

  /// Calls `body` with the kept values of `original` and those of another blob, in one order.
  /// - Throws: when the two have different shapes.
  func compare(
    _ original: BlobID, _ other: LaneValues, _ body: (_ o: FloatView, _ q: FloatView, ItemShape) -> Void
  ) throws(DiagnosticError) {
    guard let (tensor, isChannelsLast) = values[original], tensor.shape == other.shape else {
      throw DiagnosticError("a blob has another shape in the quantized net: \(other.shape)")
    }
    let q = other.lanes[0]
    if isChannelsLast == other.isChannelsLast {
      let shape = ItemShape(other.shape, images: images, isChannelsLast: isChannelsLast)
      return tensor.withView { body($0, q, shape) }
    }
    // Axis 0 stays in front in both orders, whatever it counts.
    let channels = other.shape.rank > 1 ? other.shape[1] : 1
    let last = ItemShape(
      items: other.shape[0], channels: channels, inner: other.shape.count / other.shape[0] / channels,
      isChannelsLast: true)
    let shape = ItemShape(other.shape, images: images)
    if isChannelsLast {
      Tensor(shape: other.shape, tensor.withView(last.plain)).withView { body($0, q, shape) }
    } else {
      let plain = Tensor(shape: other.shape, last.plain(q))
      plain.withView { q in tensor.withView { body($0, q, shape) } }
    }
  }

  /// What quantizing an input loses of the original's values.
  func losses(_ input: LocalNet.Input) -> QuantLosses {
    guard let scan = scans[input.blob], let k = scan.roundings.firstIndex(of: input.rounding) else {
      return QuantLosses()
    }
    return scan.losses[k]
  }
}
