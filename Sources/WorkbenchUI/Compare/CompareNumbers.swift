import QuantEngine

/// The lines of the tab `numbers`: every metric beside that of the other run, then what the details hold.
enum CompareNumbers {
  static func rows(_ layer: String, _ runs: ComparedRuns, _ details: LayerDetails?) -> [[Span]] {
    guard let m = runs.metrics[layer] else { return [[Span("run \(runs.run.number) did not measure it", .textDim)]] }
    var rows = CompareMetric.allCases.map { metricRow($0, m, runs) }
    rows.append(
      line("least cos", "chain \(Digits.cosine(m.cosineMin))", m.localMin.map { "local \(Digits.cosine($0))" }))
    if let local = m.local_sqnr_db { rows.append(line("local SQNR dB", Digits.fixed(local, 1), nil)) }
    let isScaled = m.slope.isFinite && !(0.97...1.03).contains(m.slope)
    rows.append(
      [Span("slope |q|/|o|", .textDim).fit(to: 18), Span(Digits.fixed(m.slope, 4))]
        + (isScaled ? [Span("  outside 0.97..1.03", .metricNear)] : []))
    if let zeroed = m.zeroed { rows.append(line("became 0", percent(zeroed), nil)) }
    guard let details else { return rows }
    rows += output(details)
    for input in details.inputs { rows += self.input(input) }
    if let ratio = details.weightRatio {
      rows.append(line("weight channels", "widest is x \(PlotNumber.short(ratio)) the median", nil))
    }
    return rows
  }

  /// The titles over the metrics.
  static func head(_ runs: ComparedRuns) -> [Span] {
    [
      Span("calibration, \(runs.report.images)", .textDim).fit(to: 18),
      Span("run \(runs.run.number)", .textDim).fit(to: 10),
    ] + (runs.before.map { [Span("run \($0.number)", .textDim).fit(to: 10), Span("change", .textDim)] } ?? [])
  }

  private static func metricRow(_ metric: CompareMetric, _ m: LayerMetric, _ runs: ComparedRuns) -> [Span] {
    let before = runs.metricsBefore[m.layer].map { metric.text(metric.value($0)) }
    var spans = [
      Span(Words(metric.label), .textDim).fit(to: 18), Span(TextClip.fit(metric.text(metric.value(m)), to: 10)),
    ]
    if let before { spans.append(Span(TextClip.fit(before, to: 10), .textDim)) }
    if let delta = runs.delta(metric, of: m.layer) {
      spans.append(Span(metric.deltaText(delta), metric.role(ofDelta: delta)))
    }
    return spans
  }

  private static func output(_ d: LayerDetails) -> [[Span]] {
    func row(_ name: String, _ a: String, _ b: String) -> [Span] {
      [Span(Words(name), .textDim).fit(to: 18), Span(TextClip.fit(a, to: 12), .plotOrig), Span(b, .plotQuant)]
    }
    let (a, b) = (d.original, d.quantized)
    var rows = [
      [
        Span("output values", .textStrong).fit(to: 18), Span("original", .textDim).fit(to: 12),
        Span("fake-quant", .textDim),
      ],
      row("count", "\(a.count)", "\(b.count)"),
      row("mean", PlotNumber.text(a.mean), PlotNumber.text(b.mean)),
      row("std", PlotNumber.text(a.deviation), PlotNumber.text(b.deviation)),
      row("min", PlotNumber.text(a.min), PlotNumber.text(b.min)),
      row("max", PlotNumber.text(a.max), PlotNumber.text(b.max)),
    ]
    if a.notFinite + b.notFinite > 0 { rows.append(row("not finite", "\(a.notFinite)", "\(b.notFinite)")) }
    return rows
  }

  private static func input(_ i: LayerDetails.Input) -> [[Span]] {
    var rows = [
      [Span("input \(i.bottom) \(i.blob)", .textStrong).fit(to: 46)],
      line("code", "\(i.numBits) bit", "offset \(i.offset)"),
      line("scale", PlotNumber.text(Double(i.scale)), nil),
      line("clip", "\(PlotNumber.text(Double(i.clipMin))) .. \(PlotNumber.text(Double(i.clipMax)))", nil),
      line("range", "\(PlotNumber.text(Double(i.rangeMin))) .. \(PlotNumber.text(Double(i.rangeMax)))", nil),
      line("clipped", percent(i.saturated), "becomes 0 \(percent(i.zeroed))"),
    ]
    if let tail = i.tail {
      rows.append(
        line("tail", "\(tail.percent)% end at \(PlotNumber.text(Double(tail.at)))", nil))
    }
    if let ratio = i.channelRatio {
      rows.append(line("channels", "widest is x \(PlotNumber.short(ratio)) the median", nil))
    }
    return rows
  }

  private static func line(_ name: String, _ text: String, _ more: String?) -> [Span] {
    [Span(Words(name), .textDim).fit(to: 18), Span(Words(text)), Span(more.map { "  \(said: $0)" } ?? "")]
  }

  static func percent(_ share: Double) -> String { PlotNumber.short(share * 100) + " %" }
}
