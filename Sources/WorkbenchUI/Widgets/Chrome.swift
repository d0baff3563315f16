/// The lines around every screen: header and tabs above, message, keys and status below.
package struct Chrome: Equatable, Sendable {
  package struct Tab: Equatable, Sendable {
    /// The key that leads there and the name, long and short: `2 Layers`, `2Lay`.
    package let key: String
    package let name: String
    package let short: String

    package init(key: String, name: String, short: String) {
      self.key = key
      self.name = name
      self.short = short
    }
  }

  /// Facts of the header, most important first; those that do not fit are left out from the end.
  package var header: [String]
  package var tabs: [Tab]
  package var selectedTab: Int
  /// The last message, and its kind.
  package var message: Toasts.Toast?
  /// Shown where no message is: what can be undone, for instance.
  package var hint: String
  package var keys: [KeyRow]
  /// Left end of the last line: screen, mode, position.
  package var place: String
  /// Right end of the last line, least important first: job, unsaved, encoding and colours.
  package var facts: [String]
  /// Whether there is a command line to hint at.
  package var hasCommands = true

  package init(
    header: [String], tabs: [Tab], selectedTab: Int, message: Toasts.Toast? = nil, hint: String = "",
    keys: [KeyRow] = [], place: String = "", facts: [String] = []
  ) {
    self.header = header
    self.tabs = tabs
    self.selectedTab = selectedTab
    self.message = message
    self.hint = hint
    self.keys = keys
    self.place = place
    self.facts = facts
  }

  package static let rowsAbove = 2
  package static let rowsBelow = 3

  /// What is left for the screen.
  package static func body(of size: Size) -> Rect {
    Rect(row: rowsAbove, columns: size.columns, rows: size.rows - rowsAbove - rowsBelow)
  }
}

extension Chrome {
  fileprivate func hints(_ look: Look) -> [String] {
    (hasCommands ? [look.strings.commandHint] : []) + [look.strings.helpHint]
  }

  /// Where the tabs stand: with their long names where there is room for all.
  fileprivate func tabPlaces(
    columns: Int, look: Look
  ) -> (tabs: [(text: String, start: Int, end: Int)], isLong: Bool, end: Int) {
    let long = tabs.map { "\($0.key) \(look.strings[$0.name])" }
    let isLong =
      long.reduce(2) { $0 + CellWidth.of($1) + 2 } + hints(look).reduce(0) { $0 + CellWidth.of($1) + 2 } <= columns
    var at = 0
    var places: [(text: String, start: Int, end: Int)] = []
    for (index, tab) in tabs.enumerated() {
      let text = isLong ? long[index] : tab.key + look.strings[tab.short]
      let end = at + 1 + CellWidth.of(text)
      places.append((text, at + 1, end))
      at = end + (isLong ? 1 : 0)
    }
    return (places, isLong, at)
  }

  /// The tab at a column of the second line.
  func tab(at column: Int, columns: Int, look: Look) -> Int? {
    tabPlaces(columns: columns, look: look).tabs.firstIndex { $0.start <= column && column < $0.end }
  }
}

extension Canvas {
  package mutating func draw(_ chrome: Chrome, look: Look) {
    drawHeader(chrome.header.map { look.strings[$0] })
    drawTabs(chrome, look: look)
    let base = size.rows - Chrome.rowsBelow
    drawMessage(chrome, row: base, look: look)
    let keyLine = Rect(column: 1, row: base + 1, columns: size.columns - 2, rows: 1)
    put(Footer.spans(chrome.keys, columns: keyLine.columns, strings: look.strings), in: keyLine)
    drawStatus(chrome, row: base + 2)
  }

  private mutating func drawHeader(_ facts: [String]) {
    let line = Rect(columns: size.columns, rows: 1)
    fill(line, role: .header)
    var shown = facts
    while shown.count > 1, CellWidth.of(shown.joined(separator: " | ")) > line.columns - 2 { shown.removeLast() }
    put(shown.joined(separator: " | "), in: line, indent: 1, role: .header)
  }

  private mutating func drawTabs(_ chrome: Chrome, look: Look) {
    let line = Rect(row: 1, columns: size.columns, rows: 1)
    let places = chrome.tabPlaces(columns: line.columns, look: look)
    var brackets: (Int, Int)?
    for (index, place) in places.tabs.enumerated() {
      let isSelected = index == chrome.selectedTab
      put(place.text, in: line, indent: place.start, role: isSelected ? .textStrong : .textDim)
      if isSelected { brackets = (place.start - 1, place.end) }
    }
    let (isLong, hints, at) = (places.isLong, chrome.hints(look), places.end)
    // The brackets say it without colour, and stand where there is a space otherwise, so nothing jumps.
    if let (open, close) = brackets {
      put("[", in: line, indent: open, role: .textStrong)
      put("]", in: line, indent: close, role: .textStrong)
    }
    let hint = isLong ? hints.joined(separator: "  ") : chrome.hasCommands ? ": ?" : "?"
    put(hint, in: line, indent: min(at + 1, line.columns), role: .textDim, alignment: .trailing)
  }

  private mutating func drawMessage(_ chrome: Chrome, row: Int, look: Look) {
    let line = Rect(column: 1, row: row, columns: size.columns - 2, rows: 1)
    if let toast = chrome.message {
      let text = TextClip.cutMessage(look.strings[toast.text], to: line.columns - toast.kind.letter.count - 2)
      put([Span(toast.kind.letter, toast.kind.role), Span("  \(text)", toast.kind.role)], in: line)
    } else {
      put(look.strings[chrome.hint], in: line, role: .textDim)
    }
  }

  private mutating func drawStatus(_ chrome: Chrome, row: Int) {
    let line = Rect(row: row, columns: size.columns, rows: 1)
    fill(line, role: .status)
    put(chrome.place, in: line, indent: 1, role: .status)
    var facts = chrome.facts
    let room = line.columns - CellWidth.of(chrome.place) - 4
    while !facts.isEmpty, CellWidth.of(facts.joined(separator: "   ")) > room { facts.removeFirst() }
    put(
      facts.joined(separator: "   "), in: line.splitColumns(line.columns - 1).left,
      indent: CellWidth.of(chrome.place) + 2,
      role: .status, alignment: .trailing)
  }
}
