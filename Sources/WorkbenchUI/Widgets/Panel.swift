extension Canvas {
  /// Draws a frame with a title in its upper line and returns the space inside.
  @discardableResult
  package mutating func drawFrame(
    _ rect: Rect, title: Words = "", footer: Words = "", isFocused: Bool = false, look: Look
  ) -> Rect {
    guard rect.columns >= 2, rect.rows >= 2 else {
      return Rect(column: rect.column, row: rect.row, columns: 0, rows: 0)
    }
    let g = look.glyphs
    let role: Role = isFocused ? .frameFocus : .frame
    let (last, bottom) = (rect.endColumn - 1, rect.endRow - 1)
    for row in [rect.row, bottom] {
      fill(Rect(column: rect.column, row: row, columns: rect.columns, rows: 1), with: g.horizontal, role: role)
    }
    for column in [rect.column, last] {
      fill(Rect(column: column, row: rect.row, columns: 1, rows: rect.rows), with: g.vertical, role: role)
    }
    for (corner, column, row) in [
      (g.topLeft, rect.column, rect.row), (g.topRight, last, rect.row), (g.bottomLeft, rect.column, bottom),
      (g.bottomRight, last, bottom),
    ] { put(String(corner), column: column, row: row, role: role) }
    drawFrameText(look.strings[title], row: rect.row, in: rect, role: .title)
    drawFrameText(look.strings[footer], row: bottom, in: rect, role: .textDim)
    return rect.inset(columns: 1, rows: 1)
  }

  private mutating func drawFrameText(_ text: String, row: Int, in rect: Rect, role: Role) {
    guard !text.isEmpty, rect.columns > 6 else { return }
    put(
      " \(TextClip.cut(text, to: rect.columns - 6)) ", column: rect.column + 2, row: row, role: role)
  }

  /// Draws a rule with words in it, as between the parts of a detail pane: `-- result of run 12 -----`.
  package mutating func drawRule(_ words: Words, in line: Rect, look: Look) {
    fill(line, with: look.glyphs.horizontal, role: .frame)
    let text = look.strings[words]
    if !text.isEmpty { put(" \(TextClip.cut(text, to: line.columns - 5)) ", in: line, indent: 2, role: .title) }
  }
}

/// The panes of a screen: two side by side from 110 columns on, one below.
package struct SplitLayout: Equatable, Sendable {
  /// From this width on the detail is shown beside the list.
  package static let wideColumns = 110
  /// Smaller than this there is only one line of explanation.
  package static let minimum = Size(columns: 60, rows: 16)

  package let isWide: Bool
  package let list: Rect
  /// `nil` in one-pane layout: the detail takes the place of the list on Enter.
  package let detail: Rect?

  /// - Parameters:
  ///   - body: what the status lines leave.
  ///   - share: part of the width for the list, in percent; kept within 30...80.
  ///   - zoomed: one pane only, whatever the width.
  package init(body: Rect, share: Int = 60, zoomed: Bool = false) {
    isWide = body.columns >= Self.wideColumns
    if isWide, !zoomed {
      let (left, right) = body.splitColumns(body.columns * min(80, max(30, share)) / 100)
      list = left
      // The panes share the frame line between them.
      detail = Rect(column: right.column - 1, row: right.row, columns: right.columns + 1, rows: right.rows)
    } else {
      list = body
      detail = nil
    }
  }

  package static func isTooSmall(_ size: Size) -> Bool { size.columns < minimum.columns || size.rows < minimum.rows }
}

extension Canvas {
  /// Draws the two panes' frames, joined where they meet; returns the insides.
  package mutating func drawPanes(
    _ layout: SplitLayout, titles: (list: Words, detail: Words), detailFocused: Bool = false, look: Look
  ) -> (list: Rect, detail: Rect?) {
    let list = drawFrame(layout.list, title: titles.list, isFocused: !detailFocused, look: look)
    guard let rect = layout.detail else { return (list, nil) }
    let detail = drawFrame(rect, title: titles.detail, isFocused: detailFocused, look: look)
    put(String(look.glyphs.teeDown), column: rect.column, row: rect.row, role: .frame)
    put(String(look.glyphs.teeUp), column: rect.column, row: rect.endRow - 1, role: .frame)
    return (list, detail)
  }

  /// The one line shown when the terminal is too small for the screens.
  package static func tooSmall(_ size: Size, look: Look) -> Canvas {
    var canvas = Canvas(size, sentences: look.strings.sentences)
    canvas.put(look.strings.tooSmall(size, SplitLayout.minimum), in: canvas.bounds, role: .textStrong)
    return canvas
  }

  /// The keys that work where nothing else fits.
  mutating func putKeysOfSmall(look: Look) {
    let keys = [("q", "quit"), ("?", "these keys"), ("ctrl-l", "draw again"), ("ctrl-c", "twice: quit")]
    for (index, key) in keys.enumerated() {
      put([Span(key.0, .key), Span("  \(look.strings[key.1])")], in: bounds, line: index + 2)
    }
  }
}
