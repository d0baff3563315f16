/// Which row of a list is selected and which is on top.
///
/// Cheap for any number of rows: only shown rows are ever drawn.
package struct ListState: Equatable, Sendable {
  package private(set) var count: Int
  /// Rows that can be seen at once; at least 1.
  package private(set) var height: Int
  /// Index of the selected row; 0 in an empty list.
  package private(set) var selection = 0
  /// Index of the first row shown.
  package private(set) var top = 0

  package init(count: Int = 0, height: Int = 1) {
    self.count = max(0, count)
    self.height = max(1, height)
  }

  package enum Move: Equatable, Sendable {
    case by(Int), to(Int), first, last, pageUp, pageDown, halfPageUp, halfPageDown
  }

  package mutating func move(_ move: Move) {
    switch move {
    case .by(let n): selection = clamped(selection, n)
    case .to(let index): selection = index
    case .first: selection = 0
    case .last: selection = count - 1
    case .pageUp: scroll(by: -height)
    case .pageDown: scroll(by: height)
    case .halfPageUp: scroll(by: -max(1, height / 2))
    case .halfPageDown: scroll(by: max(1, height / 2))
    }
    settle()
  }

  /// A new number of rows or a new height; selection and scroll stay as far as they can.
  package mutating func fit(count: Int? = nil, height: Int? = nil) {
    if let count { self.count = max(0, count) }
    if let height { self.height = max(1, height) }
    settle()
  }

  /// Moves what is shown without moving the selection further than needed, as a mouse wheel does.
  package mutating func wheel(by rows: Int) {
    top = min(max(0, clamped(top, rows)), max(0, count - height))
    selection = min(max(selection, top), max(0, min(count, top + height) - 1))
  }

  /// The rows shown.
  package var visible: Range<Int> { top..<min(count, top + height) }

  private mutating func scroll(by rows: Int) {
    selection = clamped(selection, rows)
    top = clamped(top, rows)
  }

  private func clamped(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? (b < 0 ? 0 : count) : sum
  }

  private mutating func settle() {
    selection = min(max(0, selection), max(0, count - 1))
    top = min(max(0, top), max(0, count - height))
    if selection < top { top = selection }
    if selection >= top + height { top = selection - height + 1 }
  }
}

extension Canvas {
  /// Draws the rows of a list that can be seen, the selected one under the cursor, a thumb at the right edge when there
  /// are more.
  ///
  /// `row`: draws one row into its line.
  package mutating func draw(
    _ list: ListState, in rect: Rect, isActive: Bool = true, look: Look,
    row: (_ index: Int, _ canvas: inout Canvas, _ line: Rect) -> Void
  ) {
    var list = list
    list.fit(height: rect.rows)
    let scrolls = list.count > rect.rows && rect.columns > 1
    let width = rect.columns - (scrolls ? 1 : 0)
    for (line, index) in list.visible.enumerated() {
      let place = Rect(column: rect.column, row: rect.row + line, columns: width, rows: 1)
      row(index, &self, place)
      note(ListRow(place: place, index: index, selection: list.selection, isActive: isActive))
      if index == list.selection { overlay(place, isActive ? .cursor : .cursorIdle) }
    }
    guard scrolls, rect.rows > 0 else { return }
    let thumb = max(1, rect.rows * rect.rows / list.count)
    let start = list.top * (rect.rows - thumb) / max(1, list.count - rect.rows)
    for line in 0..<rect.rows where line >= start && line < start + thumb {
      put(String(look.glyphs.scrollThumb), column: rect.endColumn - 1, row: rect.row + line, role: .frame)
    }
  }
}
