import QuantEngine

/// The tabs of the detail pane that are made of what a run kept of a layer.
extension Canvas {
  mutating func drawScatter(_ scene: CompareDetailScene, in rect: Rect) {
    guard let points = scene.shown.points, let scatter = scene.shown.details.scatter else {
      put("the run kept no points of this layer", in: rect, line: 1, role: .textDim)
      return
    }
    put(
      [
        Span("fake-quant", .plotQuant), Span(" over "), Span("original", .plotOrig),
        Span(", \(points.points.count) points"),
      ],
      in: rect)
    let image = scene.shown.name(ofImage: scatter.image)
    put("of the worst image, \(image)", in: rect, line: 1, role: .textDim, keep: .tail)
    let (plot, below) = rect.splitRows(2).rest.splitRows(rect.rows - 2 - (rect.rows > 16 ? 2 : 1))
    draw(points, in: plot, look: scene.look)
    guard let m = scene.runs.metrics[scene.row.name] else { return }
    let isScaled = m.slope.isFinite && !(0.97...1.03).contains(m.slope)
    func number(_ word: Words, _ text: String?, _ role: Role = .text) -> [Span] {
      text.map { [Span("\(word) ", .textDim), Span("\($0)  ", role)] } ?? []
    }
    let values =
      number("slope", Digits.fixed(m.slope, 3), isScaled ? .metricNear : .text)
      + number("bias", m.mean_bias.map(PlotNumber.short))
    let losses =
      number("became 0", m.zeroed.map(CompareNumbers.percent))
      + number("input clipped", m.saturated.map(CompareNumbers.percent))
    if below.rows > 1 { put(losses, in: below, line: 1) }
    put(below.rows > 1 ? values : values + losses, in: below)
  }

  mutating func drawHistograms(_ scene: CompareDetailScene, in rect: Rect) {
    let details = scene.shown.details
    let input =
      details.inputs.indices.contains(scene.detail.rows.selection)
      ? details.inputs[scene.detail.rows.selection] : nil
    var (upper, lower): (Rect, Rect?) = (rect, nil)
    // The lower one has a line of text more.
    if input != nil { (upper, lower) = rect.splitRows((rect.rows - 1) / 2) }
    put(
      [
        Span("output: ", .textStrong), Span("original \(scene.look.glyphs.levels.last ?? "#")", .plotOrig), Span("  "),
        Span("fake-quant o", .plotQuant), Span("  log count", .textDim),
      ], in: upper)
    let bins = details.originalHistogram
    draw(
      Histogram(
        start: bins.start, width: bins.width, counts: bins.counts, overlay: details.quantizedHistogram.counts),
      in: upper.splitRows(1).rest, look: scene.look)
    guard let input, let lower else { return }
    let which: Words =
      details.inputs.count > 1 ? " (\(scene.detail.rows.selection + 1) of \(details.inputs.count), j k)" : ""
    put(
      [Span("input \(input.bottom) \(input.blob)\(which): ", .textStrong), Span("^ clip", .plotClip)], in: lower)
    put(
      "\(PlotNumber.short(Double(input.clipMin))) .. \(PlotNumber.short(Double(input.clipMax)))  clipped "
        + "\(CompareNumbers.percent(input.saturated))  becomes 0 \(CompareNumbers.percent(input.zeroed))", in: lower,
      line: 1, role: .textDim)
    let (read, clips) = (input.histogram, [Double(input.clipMin), Double(input.clipMax)])
    draw(
      Histogram(start: read.start, width: read.width, counts: read.counts, clips: clips), in: lower.splitRows(2).rest,
      look: scene.look)
  }

  mutating func drawChannels(_ scene: CompareDetailScene, in rect: Rect) {
    let channels = scene.shown.channels
    put(
      "output channels, worst first; under .9: \(scene.shown.badChannels) of \(channels.count)", in: rect,
      role: .textDim)
    let table = Table(
      [
        .init("ch", 5, .trailing), .init("cos", 8, .trailing), .init("min", 9, .trailing), .init("max", 9, .trailing),
        .init("range", nil),
      ], width: rect.columns - 1)
    drawHead(table, in: rect.line(1))
    let widest = channels.lazy.map { Double($0.max) - Double($0.min) }.filter(\.isFinite).max() ?? 0
    drawTabList(scene, in: rect) { index, canvas, line in
      let c = channels[index]
      canvas.put("\(c.index)", 0, of: table, in: line, role: .textDim)
      canvas.put(Digits.cosine(c.cosine), 1, of: table, in: line, role: MetricRole.of(c.cosine, threshold: 0.9))
      canvas.put(PlotNumber.short(Double(c.min)), 2, of: table, in: line)
      canvas.put(PlotNumber.short(Double(c.max)), 3, of: table, in: line)
      let range = Double(c.max) - Double(c.min)
      canvas.drawProgress(widest > 0 ? range / widest : 0, in: table.cell(4, in: line), look: scene.look)
    }
  }

  mutating func drawImages(_ scene: CompareDetailScene, in rect: Rect) {
    let (details, images) = (scene.shown.details, scene.shown.images)
    put("\(scene.runs.imageSet), worst first, i follows one", in: rect, role: .textDim)
    let table = Table(
      [
        .init("", 1), .init("image", nil, keep: .tail), .init("chain", 8, .trailing), .init("local", 8, .trailing),
        .init("", 12),
      ], width: rect.columns - 1)
    drawHead(table, in: rect.line(1))
    drawTabList(scene, in: rect) { index, canvas, line in
      let image = images[index]
      let cosine = Double(details.cosines[image])
      let role = MetricRole.of(cosine, threshold: scene.session.threshold)
      if image == scene.detail.image { canvas.put("*", 0, of: table, in: line, role: .mark) }
      canvas.put(scene.shown.name(ofImage: image), 1, of: table, in: line)
      canvas.put(Digits.cosine(cosine), 2, of: table, in: line, role: role)
      let local = details.localCosines.indices.contains(image) ? Double(details.localCosines[image]) : nil
      canvas.put(
        local.map(Digits.cosine) ?? "-", 3, of: table, in: line,
        role: local.map { MetricRole.of($0, threshold: scene.session.threshold) } ?? .metricNone)
      canvas.drawNinesBar(
        cosine, threshold: scene.session.threshold, in: table.cell(4, in: line), role: role, look: scene.look)
    }
  }

  private mutating func drawTabList(
    _ scene: CompareDetailScene, in rect: Rect, row: (Int, inout Canvas, Rect) -> Void
  ) {
    draw(
      scene.detail.rows, in: rect.splitRows(2).rest, isActive: scene.detail.hasFocus, look: scene.look, row: row)
  }

  mutating func drawNumbers(
    _ detail: CompareDetail, _ layer: String, _ runs: ComparedRuns, _ details: LayerDetails?, _ session: Session,
    in rect: Rect
  ) {
    put(CompareNumbers.head(runs), in: rect)
    let rows = CompareNumbers.rows(layer, runs, details)
    var list = detail.rows
    list.fit(count: rows.count)
    draw(list, in: rect.splitRows(1).rest, isActive: detail.hasFocus, look: session.look) { index, canvas, line in
      canvas.put(rows[index], in: line)
    }
  }
}

extension Histogram {
  /// Of counts in bins of one width.
  init(start: Double, width: Double, counts: [Int], overlay: [Int] = [], clips: [Double] = []) {
    let end = start + max(0, width) * Double(counts.count)
    self.init(counts: counts, overlay: overlay, range: start...max(start, end), clips: clips)
  }
}
