import QuantEngine

/// The details of one layer as text: `compare --run ID --layer NAME`.
struct LayerDetailsText {
  let details: LayerDetails
  let metric: LayerMetric?

  /// Lines of a histogram, and rows of the tables of channels and images.
  private static let histogramLines = 16
  private static let rows = 8

  var text: String {
    let blocks = [head, numbers, outputHistogram] + details.inputs.map(input) + [channels, images, hints]
    return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }

  private var head: [String] {
    var lines = ["\(details.layer) (\(details.type)), \(details.state)"]
    guard let m = metric else { return lines }
    var words = ["chain cos \(fixed(m.cosine, 5))"]
    if let local = m.local { words.append("local cos \(fixed(local, 5))") }
    words += ["SQNR \(fixed(m.sqnr_db, 1)) dB", "slope \(fixed(m.slope, 4))"]
    if let saturated = m.saturated { words.append("saturated \(fixed(saturated * 100, 3)) %") }
    if let zeroed = m.zeroed { words.append("zeroed \(fixed(zeroed * 100, 3)) %") }
    lines.append(words.joined(separator: "  "))
    return lines
  }

  private var numbers: [String] {
    var t = TextTable(["output", "count", "mean", "std", "min", "max", "not finite"], right: Set(1...6))
    for (name, n) in [("original", details.original), ("fake-quant", details.quantized)] {
      t.add([
        name, grouped(n.count), fixed(n.mean, 5), fixed(n.deviation, 5), fixed(n.min, 5), fixed(n.max, 5),
        grouped(n.notFinite),
      ])
    }
    return [t.text]
  }

  private var outputHistogram: [String] {
    let (a, b) = (merged(details.originalHistogram), merged(details.quantizedHistogram))
    var t = TextTable(["output from", "original", "fake-quant"], right: [0, 1, 2])
    for (i, count) in a.counts.enumerated() {
      t.add([
        fixed(a.start + Double(i) * a.width, 5), grouped(count), grouped(i < b.counts.count ? b.counts[i] : 0),
      ])
    }
    return a.counts.isEmpty ? [] : [t.text]
  }

  private func input(_ input: LayerDetails.Input) -> [String] {
    let h = merged(input.histogram)
    var t = TextTable(["input from", "count", ""], right: [0, 1])
    for (i, count) in h.counts.enumerated() {
      let start = h.start + Double(i) * h.width
      // A clip end in the middle of the range.
      let marks = [(input.clipMin, "clip min"), (input.clipMax, "clip max")].filter {
        (start..<start + h.width).contains(Double($0.0))
      }
      t.add([fixed(start, 5), grouped(count), marks.map(\.1).joined(separator: ", ")])
    }
    return [
      "input \(input.bottom) '\(input.blob)': \(input.numBits) bits, scale \(input.scale), offset \(input.offset), "
        + "clip \(fixed(Double(input.clipMin), 5)) .. \(fixed(Double(input.clipMax), 5)), range "
        + "\(fixed(Double(input.rangeMin), 5)) .. \(fixed(Double(input.rangeMax), 5)), saturated "
        + "\(fixed(input.saturated * 100, 3)) %, zeroed \(fixed(input.zeroed * 100, 3)) %", t.text,
    ]
  }

  private var channels: [String] {
    guard details.channelCosine.count > 1 else { return [] }
    var t = TextTable(["channel", "cos", "min", "max"], right: Set(0...3))
    for c in details.channelsWorstFirst.prefix(Self.rows) {
      t.add(["\(c.index)", fixed(c.cosine, 5), fixed(Double(c.min), 5), fixed(Double(c.max), 5)])
    }
    return ["channels under .9: \(details.channels()) of \(details.channelCosine.count)", t.text]
  }

  private var images: [String] {
    guard let spread = details.spread else { return [] }
    var lines = [
      "images: min \(fixed(spread.min, 5)) p5 \(fixed(spread.p5, 5)) med \(fixed(spread.median, 5)) max "
        + "\(fixed(spread.max, 5))  worst: \(details.name(ofImage: spread.worst))"
    ]
    var t = TextTable(["image", "cos", "local"], right: [1, 2])
    for i in details.imagesWorstFirst.prefix(Self.rows) {
      t.add([
        details.name(ofImage: i), fixed(Double(details.cosines[i]), 5),
        i < details.localCosines.count ? fixed(Double(details.localCosines[i]), 5) : "",
      ])
    }
    lines.append(t.text)
    return lines
  }

  private var hints: [String] { LayerHint.all(details, metric: metric).map { "hint: " + $0.text } }

  /// Bins added up until they fit the lines there are.
  private func merged(_ bins: LayerDetails.Bins) -> LayerDetails.Bins {
    let factor = max(1, (bins.counts.count + Self.histogramLines - 1) / Self.histogramLines)
    let counts = stride(from: 0, to: bins.counts.count, by: factor).map { i in
      bins.counts[i..<min(i + factor, bins.counts.count)].reduce(0, +)
    }
    return LayerDetails.Bins(start: bins.start, width: bins.width * Double(factor), counts: counts)
  }
}
