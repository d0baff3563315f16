/// The help of the present screen: every key and what it does, made from the key table; typing searches it.
package struct HelpOverlay: Sendable {
  package struct Section: Sendable {
    package let title: String
    package let rows: [KeyRow]

    package init(title: String, rows: [KeyRow]) {
      self.title = title
      self.rows = rows
    }
  }

  package let screen: String
  package let sections: [Section]
  package private(set) var search = TextField()
  package private(set) var list = ListState()

  package init(screen: String, sections: [Section]) {
    self.screen = screen
    self.sections = sections
    list = ListState(count: lines.count, height: 10)
  }

  package enum Line: Equatable, Sendable {
    case title(String)
    case key(KeyRow)
  }

  /// What is shown: all sections, or the rows in which each word of the search occurs.
  package var lines: [Line] {
    let words = search.text.lowercased().split(separator: " ")
    return sections.flatMap { section -> [Line] in
      let rows = section.rows.filter { row in
        let text = "\(row.keyText) \(row.action) \(row.help)".lowercased()
        return words.allSatisfy { text.contains($0) }
      }
      return rows.isEmpty ? [] : [.title(section.title)] + rows.map(Line.key)
    }
  }

  /// False when help is to be closed: Esc, F1, or `?` while nothing is searched for.
  package mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .escape, .control("c"):
      if search.isEmpty { return false }
      search = TextField()
    case .function(1), .function(10): return false
    case .character("?"), .character("q"):
      if search.isEmpty { return false }
      _ = search.handle(key)
    case .up: list.wheel(by: -1)
    case .down: list.wheel(by: 1)
    case .pageUp: list.wheel(by: -list.height)
    case .pageDown: list.wheel(by: list.height)
    default: _ = search.handle(key)
    }
    list.fit(count: lines.count)
    return true
  }

  package mutating func fit(_ size: Size) { list.fit(height: Self.rect(in: size).rows - 4) }

  static func rect(in size: Size) -> Rect {
    Rect(size).centered(columns: min(84, size.columns - 2), rows: size.rows - 2)
  }
}

extension Canvas {
  package mutating func draw(_ help: HelpOverlay, look: Look) {
    let rect = HelpOverlay.rect(in: size)
    fill(rect)
    let inner = drawFrame(
      rect, title: "\(look.strings.helpTitle(look.strings[help.screen]))", isFocused: true, look: look
    )
    .inset(
      columns: 1)
    let (top, body) = inner.splitRows(2)
    put(look.strings.helpSearch, in: top, role: .textDim)
    let start = CellWidth.of(look.strings.helpSearch)
    draw(help.search, in: top.line(0).splitColumns(start).rest)
    let lines = help.lines
    if lines.isEmpty { put(look.strings.helpNothing(help.search.text), in: body, role: .textDim) }
    var list = help.list
    list.fit(count: lines.count, height: body.rows)
    for (row, index) in list.visible.enumerated() {
      switch lines[index] {
      case .title(let title): put(look.strings[title], in: body, line: row, role: .title)
      case .key(let key): drawHelpRow(key, in: body.line(row), look: look)
      }
    }
  }

  private mutating func drawHelpRow(_ row: KeyRow, in line: Rect, look: Look) {
    let isOff = row.offReason != nil
    put(TextClip.cut(row.keyText, to: 14), in: line, indent: 2, role: isOff ? .textDim : .key)
    put(TextClip.cut(row.action, to: 15), in: line, indent: 17, role: .textDim)
    let reason = row.offReason.map { " (\(look.strings.offNow(look.strings[$0])))" } ?? ""
    put(look.strings[row.help] + reason, in: line, indent: 33, role: isOff ? .textDim : .text)
  }
}
