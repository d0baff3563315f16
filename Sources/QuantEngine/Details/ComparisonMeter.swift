import Kernels
import LayerGraph
import Layers
import Passes
import Tensors

/// Adds up, batch by batch, what comparison tells of each layer.
final class ComparisonMeter {
  let original: OriginalSide
  let quantized: QuantizedSide
  private let mapping: LayerMapping
  private let net: LocalNet
  /// Where each output's sums are: often those of a layer.
  private let outputIndices: [Int]

  init(_ mapping: LayerMapping, _ net: LocalNet, threads: Int) {
    self.mapping = mapping
    self.net = net
    var pairs = zip(net.layers, mapping.layers).map { (original: $0.original, quantized: $1.quantized) }
    outputIndices = zip(net.outputs, mapping.outputs).map { blob, output in
      if let known = pairs.firstIndex(where: { $0.original == blob && $0.quantized == output.quantized }) {
        return known
      }
      pairs.append((blob, output.quantized))
      return pairs.count - 1
    }
    original = OriginalSide(net, threads: threads)
    quantized = QuantizedSide(original, pairs, detailed: mapping.layers.count, threads: threads)
  }

  /// - Parameter images: of the batch that follows.
  func begin(images: Int) { original.begin(images: images) }

  // MARK: report

  func report(images: Int) -> ComparisonReport {
    let layers = mapping.layers.enumerated().map { i, m in
      let s = quantized.scans[i]
      let t = s.total
      var metric = LayerMetric(
        layer: m.layer, type: m.type, state: m.isQuantized ? "quantized" : "float", cosine: Self.mean(s.cosines),
        cosineMin: Self.least(s.cosines), sqnr_db: t.sqnr, mse: t.mse, max_abs: t.maxAbs, slope: t.slope)
      (metric.rel_l2, metric.mean_bias, metric.zeroed) = (t.relativeL2, t.meanBias, t.zeroedShare)
      if !net.layers[i].inputs.isEmpty {
        var losses = QuantLosses()
        for input in net.layers[i].inputs { losses += original.losses(input) }
        metric.saturated = losses.clippedShare
      }
      if net.layers[i].twin != nil {
        let local = original.local[i]
        metric.local = Self.mean(local.cosines)
        metric.localMin = Self.least(local.cosines)
        metric.local_sqnr_db = local.total.sqnr
      }
      return metric
    }
    let outputs = mapping.outputs.enumerated().map { k, m in
      let s = quantized.scans[outputIndices[k]]
      let t = s.total
      var metric = OutputMetric(
        blob: m.blob, cosine: Self.mean(s.cosines), cosineMin: Self.least(s.cosines), sqnr_db: t.sqnr, mse: t.mse,
        max_abs: t.maxAbs, slope: t.slope)
      (metric.rel_l2, metric.mean_bias, metric.zeroed) = (t.relativeL2, t.meanBias, t.zeroedShare)
      return metric
    }
    return ComparisonReport(images: images, metric: "chain", layers: layers, outputs: outputs)
  }

  private static func mean(_ v: [Double]) -> Double { v.isEmpty ? .nan : v.reduce(0, +) / Double(v.count) }
  private static func least(_ v: [Double]) -> Double { v.contains(where: \.isNaN) ? .nan : v.min() ?? .nan }

  // MARK: details

  /// - Parameters:
  ///   - localGraph: of the local net, for names of blobs.
  ///   - quantizedGraph: for weights.
  func details(_ localGraph: Graph, _ quantizedGraph: Graph) -> [LayerDetails] {
    let nodes = Dictionary(quantizedGraph.nodes.map { ($0.name, $0) }) { a, _ in a }
    return mapping.layers.enumerated().map { i, m in
      let layer = net.layers[i]
      let pair = quantized.scans[i]
      let scan = original.scans[layer.original] ?? BlobScan()
      return LayerDetails(
        layer: m.layer, type: m.type, state: m.isQuantized ? "quantized" : "float",
        inputs: layer.inputs.map { self.input($0, localGraph[$0.blob].name) },
        original: Self.numbers(pair.total, .original, scan.histogram),
        quantized: Self.numbers(pair.total, .quantized, pair.histogram),
        originalHistogram: scan.histogram.table(with: pair.histogram),
        quantizedHistogram: pair.histogram.table(with: scan.histogram),
        channelMin: scan.channelMin, channelMax: scan.channelMax,
        channelCosine: pair.channels.map { Float($0.cosine) }, cosines: pair.cosines.map { Float($0) },
        localCosines: original.local[i].cosines.map { Float($0) },
        scatter: quantized.scatters[i].map { .init(image: $0.image, original: $0.original, quantized: $0.quantized) },
        weightRatio: nodes[m.layer].flatMap { Self.weightRatio($0, quantizedGraph) })
    }
  }

  private func input(_ input: LocalNet.Input, _ name: String) -> LayerDetails.Input {
    let scan = original.scans[input.blob] ?? BlobScan()
    let losses = original.losses(input)
    let rounding = input.rounding
    let isEmpty = scan.histogram.isEmpty
    return LayerDetails.Input(
      bottom: input.bottom, blob: name, numBits: input.numBits, scale: input.scale, offset: input.offset,
      clipMin: Float(rounding.low) * input.scale, clipMax: Float(rounding.high) * input.scale,
      rangeMin: isEmpty ? 0 : scan.histogram.min, rangeMax: isEmpty ? 0 : scan.histogram.max,
      histogram: scan.histogram.table(), tail: Self.tail(scan.histogram), saturated: losses.clippedShare,
      zeroed: losses.zeroedShare,
      // The range that one step has to serve holds 0 always.
      channelRatio: Self.ratio(zip(scan.channelMin, scan.channelMax).map { max($1, 0) - min($0, 0) }))
  }

  private static func numbers(
    _ sums: Comparison, _ side: Comparison.Side, _ histogram: Histogram
  ) -> LayerDetails.Numbers {
    let (mean, deviation) = sums.moments(side)
    let isEmpty = histogram.isEmpty
    return LayerDetails.Numbers(
      count: sums.count, mean: mean, deviation: deviation, min: isEmpty ? .nan : Double(histogram.min),
      max: isEmpty ? .nan : Double(histogram.max), notFinite: histogram.notFinite)
  }

  /// The tail on the side where it is longer, by the largest percentage that leaves a value beyond.
  static func tail(_ histogram: Histogram) -> LayerDetails.Tail? {
    let count = Double(histogram.count)
    guard let percent = [99.9999, 99.99, 99.9].first(where: { count * (1 - $0 / 100) * (1 + 1e-9) >= 1 }) else {
      return nil
    }
    let ends = histogram.ends(share: percent / 100)
    let sides = [(at: ends.high, end: histogram.max), (at: ends.low, end: histogram.min)]
    let longer = abs(sides[0].end - sides[0].at) >= abs(sides[1].end - sides[1].at) ? sides[0] : sides[1]
    return .init(percent: percent, at: longer.at, end: longer.end)
  }

  private static func weightRatio(_ node: Node, _ graph: Graph) -> Double? {
    guard let role = node.layer?.quantization, role.kind == .weightsAndData, role.inputs == .first,
      let weights = node.params.first,
      weights.shape.rank > role.outputAxis, let top = graph.shapes(of: node)?.tops.first, top.rank > 1
    else { return nil }
    // An InnerProduct's outputs lie on any axis of its top; a Deconvolution's weights know only those of one group.
    let channels = weights.shape.rank == 2 ? weights.shape[role.outputAxis] : top[1]
    let index = ChannelIndex(role.outputAxis, weights.shape, channels: channels)
    var ranges = [Float](repeating: 0, count: index.channels)
    weights.withView { view in
      for i in 0..<view.count {
        let c = index.channel(i)
        ranges[c] = max(ranges[c], abs(view[i]))
      }
    }
    return ratio(ranges)
  }

  /// Largest over median; `nil` for fewer than three channels, or when half of them have no range.
  static func ratio(_ ranges: [Float]) -> Double? {
    let sorted = ranges.sorted()
    guard sorted.count > 2, let largest = sorted.last, largest.isFinite else { return nil }
    let median = (Double(sorted[(sorted.count - 1) / 2]) + Double(sorted[sorted.count / 2])) / 2
    return median > 0 ? Double(largest) / median : nil
  }
}
