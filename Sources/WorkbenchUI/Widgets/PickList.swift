/// Names to choose from: typing narrows the list, Enter takes the one under the cursor, or all that are ticked.
struct PickList: Sendable {
  struct Item: Sendable, Equatable {
    let name: String
    /// Beside the name.
    var note = ""
    /// The item should not be there.
    var isWrong = false
  }

  let items: [Item]
  /// Whether several can be ticked.
  let isMultiple: Bool
  private(set) var search = TextField()
  private(set) var list = ListState()
  private(set) var ticked: Set<String>
  /// Indices of the items that fit what is typed.
  private(set) var shown: [Int]

  init(_ items: [Item], isMultiple: Bool = false, ticked: Set<String> = [], at name: String? = nil) {
    self.items = items
    self.isMultiple = isMultiple
    self.ticked = ticked
    shown = Array(items.indices)
    list = ListState(count: items.count, height: 10)
    if let name, let index = items.firstIndex(where: { $0.name == name }) { list.move(.to(index)) }
  }

  var selected: Item? { shown.indices.contains(list.selection) ? items[shown[list.selection]] : nil }

  enum Outcome: Equatable { case stay, accept, close }

  mutating func handle(_ key: Key) -> Outcome {
    switch key {
    case .enter: return isMultiple || selected != nil ? .accept : .stay
    case .escape, .control("c"), .function(10):
      if search.isEmpty { return .close }
      search = TextField()
      narrow()
    case .up: list.move(.by(-1))
    case .down: list.move(.by(1))
    case .pageUp: list.move(.pageUp)
    case .pageDown: list.move(.pageDown)
    case .space where isMultiple:
      guard let name = selected?.name else { break }
      if ticked.remove(name) == nil { ticked.insert(name) }
      list.move(.by(1))
    default: if search.handle(key) { narrow() }
    }
    return .stay
  }

  mutating func paste(_ text: String) {
    search.insert(text)
    narrow()
  }

  mutating func fit(height: Int) { list.fit(height: height) }

  private mutating func narrow() {
    let text = search.text
    shown = items.indices.filter { FuzzyMatch.fits(text, items[$0].name) }
    list.fit(count: shown.count)
    list.move(.first)
  }
}

extension Canvas {
  /// Draws the line that is typed in, the list, and the keys.
  mutating func draw(_ picks: PickList, verb: String, in rect: Rect, look: Look) {
    let title = sentences[Words("find: ")]
    put(title, in: rect, role: .key)
    draw(picks.search, in: rect.line(0).splitColumns(CellWidth.of(title)).rest)
    let (_, below) = rect.splitRows(2)
    let (body, foot) = below.splitRows(below.rows - 2)
    if picks.shown.isEmpty { put("nothing fits '\(picks.search.text)'; Esc clears it", in: body, role: .textDim) }
    draw(picks.list, in: body, look: look) { index, canvas, line in
      let item = picks.items[picks.shown[index]]
      let tick = picks.isMultiple ? (picks.ticked.contains(item.name) ? "[x] " : "[ ] ") : ""
      let half = line.columns / 2
      canvas.put(
        tick + item.name, in: line.splitColumns(half).left, role: item.isWrong ? .inputBad : .text, keep: .tail)
      canvas.put(Words(item.note), in: line.splitColumns(half + 1).rest, role: item.isWrong ? .inputBad : .textDim)
    }
    var spans = [Span("Enter", .key), Span(" \(said: verb)  ", .dialog)]
    if picks.isMultiple { spans = [Span("space", .key), Span(" tick  ", .dialog)] + spans }
    put(spans + [Span("Esc", .key), Span(" leave", .dialog)], in: foot, line: 1)
  }
}
