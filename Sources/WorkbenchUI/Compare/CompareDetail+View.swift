import QuantEngine

/// What the tabs are drawn from.
struct CompareDetailScene {
  let detail: CompareDetail
  let session: Session
  let runs: ComparedRuns
  let row: LayerRow
  let shown: ShownDetails

  var look: Look { session.look }
}

extension Canvas {
  /// Draws the pane: layer, tabs, the tab, and what to look at and to try.
  mutating func draw(
    _ detail: CompareDetail, _ state: DetailsStore.State, _ runs: ComparedRuns, _ session: Session,
    _ workspace: Workspace, row: LayerRow?, in inner: Rect
  ) {
    let layout = CompareDetailLayout(detail, session, in: inner)
    drawTabs(detail, in: layout.head.line(1))
    if detail.tab == .settings {
      put(
        row.map { [Span($0.name, .textStrong), Span("  \($0.type)")] } ?? [Span("the whole net", .textStrong)],
        in: layout.head)
      return draw(detail.settings, session, workspace, in: inner.splitRows(CompareDetailLayout.headRows).rest)
    }
    guard let row else {
      put("choose a layer", in: layout.body, line: 1, role: .textDim)
      return
    }
    put([Span(row.name, .textStrong), Span("  \(row.type)")], in: layout.head)
    if let m = runs.metrics[row.name] {
      put(
        "chain \(Digits.cosine(m.cosine))", in: layout.head,
        role: MetricRole.of(m.cosine, threshold: session.threshold),
        alignment: .trailing)
    }
    drawAdvice(detail, state, runs, in: layout.foot, look: session.look)
    switch state {
    case .reading where detail.tab != .numbers:
      put("reading what run \(runs.run.number) kept of it ..", in: layout.body, line: 1, role: .textDim)
    case .none(let reason) where detail.tab != .numbers:
      for (line, text) in TextClip.wrap(sentences[reason], to: layout.body.columns).enumerated() {
        put(text, in: layout.body, line: line + 1, role: .textDim)
      }
    case .found(let shown):
      let scene = CompareDetailScene(detail: detail, session: session, runs: runs, row: row, shown: shown)
      switch detail.tab {
      case .scatter: drawScatter(scene, in: layout.body)
      case .histogram: drawHistograms(scene, in: layout.body)
      case .channels: drawChannels(scene, in: layout.body)
      case .images: drawImages(scene, in: layout.body)
      case .numbers, .settings: drawNumbers(detail, row.name, runs, shown.details, session, in: layout.body)
      }
    case .reading, .none: drawNumbers(detail, row.name, runs, nil, session, in: layout.body)
    }
  }

  /// The brackets stand where there is a space otherwise.
  private mutating func drawTabs(_ detail: CompareDetail, in line: Rect) {
    var at = 0
    for tab in CompareDetail.Tab.allCases {
      let isOn = tab == detail.tab
      let width = put(Words(tab.word), in: line, indent: at + 1, role: isOn ? .textStrong : .textDim)
      if isOn {
        put("[", in: line, indent: at, role: .textStrong)
        put("]", in: line, indent: at + 1 + width, role: .textStrong)
      }
      at += width + 1
    }
  }

  private mutating func drawAdvice(
    _ detail: CompareDetail, _ state: DetailsStore.State, _ runs: ComparedRuns, in foot: Rect, look: Look
  ) {
    var line = 0
    if foot.rows > CompareDetailLayout.shortFootRows {
      drawRule(Words(runs.imageSet), in: foot.line(0), look: look)
      line = 1
      if case .found(let shown) = state {
        for spans in Self.spread(shown, picked: detail.image) {
          put(spans, in: foot, line: line)
          line += 1
        }
      }
    }
    let suggestionRows = detail.suggestion == nil ? 0 : foot.rows > CompareDetailLayout.shortFootRows ? 3 : 2
    let (above, below) = foot.splitRows(foot.rows - suggestionRows)
    let hints = detail.advice.hints.map { sentences[$0] }.joined(separator: "; ")
    if !hints.isEmpty {
      let room = max(1, above.rows - line)
      var lines = TextClip.wrap(sentences["look at: \(hints)"], to: foot.columns)
      if lines.count > room { lines[room - 1] = TextClip.cut(lines[room - 1], to: foot.columns - 2) + ".." }
      for (index, text) in lines.prefix(room).enumerated() {
        put(text, in: above, line: line + index, role: .metricNear)
      }
    }
    drawSuggestions(detail, in: below)
  }

  /// `try: [percentile .9999] bits 12  float`, and why.
  private mutating func drawSuggestions(_ detail: CompareDetail, in rect: Rect) {
    guard let chosen = detail.suggestion else { return }
    var spans = [Span("try: ", .textDim)]
    for (index, suggestion) in detail.advice.suggestions.enumerated() {
      let isOn = index == detail.choice
      spans.append(Span(isOn ? "[\(said: suggestion.text)]" : " \(said: suggestion.text) ", isOn ? .textStrong : .text))
    }
    put(spans, in: rect)
    let before: Words = detail.hasFocus && chosen.isDoable ? "Enter does it: " : ""
    let reason = sentences[before] + sentences[chosen.reason]
    for (line, text) in TextClip.wrap(reason, to: rect.columns).prefix(rect.rows - 1).enumerated() {
      put(text, in: rect, line: line + 1, role: .textDim)
    }
  }

  /// How images and channels differ; where an image is picked, its own figures.
  private static func spread(_ shown: ShownDetails, picked: Int?) -> [[Span]] {
    var lines: [[Span]] = []
    if let s = shown.spread {
      lines.append([
        Span("images: ", .textDim),
        Span(
          "min \(Digits.fixed(s.min, 3)) p5 \(Digits.fixed(s.p5, 3)) med \(Digits.fixed(s.median, 3)) max "
            + "\(Digits.fixed(s.max, 3))"),
      ])
      var worst: Words = "\(shown.name(ofImage: s.worst))"
      if let channel = shown.channels.first {
        worst = worst + "  channel \(channel.index) cos \(Digits.fixed(channel.cosine, 3))"
      }
      lines.append([Span("worst: ", .textDim), Span(worst)])
    }
    lines.append([Span("channels under .9: ", .textDim), Span("\(shown.badChannels) of \(shown.channels.count)")])
    if let picked, let text = pickedText(shown, picked) { lines.append([Span(text, .mark)]) }
    return lines
  }

  static func pickedText(_ shown: ShownDetails, _ image: Int) -> Words? {
    let details = shown.details
    guard details.cosines.indices.contains(image) else { return nil }
    let local: Words =
      details.localCosines.indices.contains(image)
      ? " local \(Digits.fixed(Double(details.localCosines[image]), 4))" : ""
    let rank: Words = shown.rank(ofImage: image).map { "  #\($0) of \(shown.images.count)" } ?? ""
    return "\(shown.name(ofImage: image)): chain \(Digits.fixed(Double(details.cosines[image]), 4))\(local)\(rank)"
  }
}
