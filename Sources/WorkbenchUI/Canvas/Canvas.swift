/// One character cell: what is shown and what it means; colours come from the theme.
package struct Cell: Equatable, Sendable {
  package var character: Character = " "
  /// 1; 2 for a wide character; 0 for the cell that its right half covers.
  package var width: UInt8 = 1
  package var role: Role = .text
  /// A role laid over the cell's own, as the cursor over a row: it wins where it says something.
  package var overlay: Role?
}

/// What is the same in every language: a name, a number.
///
/// A type of its own, so that a literal is never taken for one: literals are `Words`.
package protocol Verbatim: Sendable {}
extension String: Verbatim {}

/// A part of a line with one role.
package struct Span: Equatable, Sendable {
  /// In English.
  package private(set) var text: String
  package var role: Role
  /// `nil`: a name or a number, which is the same in every language.
  private var words: Words?
  /// Cut or filled to so many columns.
  private var columns: Int?

  package init(_ words: Words, _ role: Role = .text) {
    (text, self.words) = (words.english, words)
    self.role = role
  }

  /// What is the same in every language.
  @_disfavoredOverload
  package init(_ text: any Verbatim, _ role: Role = .text) {
    self.text = "\(text)"
    self.role = role
  }

  package static func == (left: Span, right: Span) -> Bool { left.text == right.text && left.role == right.role }

  /// In a language.
  func said(_ sentences: Sentences) -> String {
    guard let words else { return text }
    return columns.map { TextClip.fit(sentences[words], to: $0) } ?? sentences[words]
  }

  /// The same, cut or filled to so many columns.
  func fit(to columns: Int) -> Span {
    var span = self
    span.text = TextClip.fit(text, to: columns)
    span.columns = columns
    return span
  }
}

/// A screenful of cells to draw on.
///
/// Drawing outside of it is cut off, never an error.
package struct Canvas: Equatable, Sendable {
  package let size: Size
  package private(set) var cells: [Cell]
  /// The language of the words that are drawn.
  let sentences: Sentences
  /// Where the terminal's own cursor blinks; hidden when `nil`.
  package var cursor: Point?
  /// Rows of lists, the last drawn on top: what a click means.
  private var rows: [ListRow] = []

  /// A row of a list that was drawn.
  package struct ListRow: Equatable, Sendable {
    package let place: Rect
    package let index: Int
    /// The row that is selected now.
    package let selection: Int
    /// The list has the keys.
    package let isActive: Bool
  }

  package init(_ size: Size, sentences: Sentences = Sentences()) {
    self.size = size
    self.sentences = sentences
    cells = Array(repeating: Cell(), count: size.columns * size.rows)
  }

  package mutating func note(_ row: ListRow) { rows.append(row) }

  /// The row of a list at a place; of several, the one drawn last.
  package func row(at point: Point) -> ListRow? { rows.last { $0.place.contains(point) } }

  package var bounds: Rect { Rect(size) }

  package subscript(column: Int, row: Int) -> Cell? {
    bounds.contains(Point(column: column, row: row)) ? cells[row * size.columns + column] : nil
  }

  /// Draws text to the right of a place, in at most `columns` columns; returns the columns it took.
  ///
  /// Control characters are shown as `?`, so that a layer name cannot command the terminal; a tab is one space.
  @discardableResult
  package mutating func put(
    _ text: String, column: Int, row: Int, role: Role = .text, columns: Int = .max
  ) -> Int {
    guard row >= 0, row < size.rows, columns > 0 else { return 0 }
    let end = columns > size.columns - column ? size.columns : column + columns
    var x = column
    for character in text {
      let shown = Self.printable(character)
      let width = CellWidth.of(shown)
      if width == 0 { continue }
      if x + width > end { break }
      if x >= 0 { set(shown, width: width, column: x, row: row, role: role) }
      x += width
    }
    return x - column
  }

  /// Draws words in the canvas's language on a line of a block.
  @discardableResult
  package mutating func put(
    _ words: Words, in rect: Rect, line: Int = 0, indent: Int = 0, role: Role = .text,
    keep: TextClip.Keep = .head, alignment: TextClip.Alignment = .leading
  ) -> Int {
    let text = sentences[words]
    return put(text, in: rect, line: line, indent: indent, role: role, keep: keep, alignment: alignment)
  }

  /// Draws text on a line of a block: cut to the block, aligned within it from `indent` on.
  @_disfavoredOverload
  @discardableResult
  package mutating func put(
    _ text: any Verbatim, in rect: Rect, line: Int = 0, indent: Int = 0, role: Role = .text,
    keep: TextClip.Keep = .head, alignment: TextClip.Alignment = .leading
  ) -> Int {
    guard line >= 0, line < rect.rows, indent < rect.columns else { return 0 }
    let room = rect.columns - indent
    let cut = TextClip.cut("\(text)", to: room, keep: keep)
    let free = room - CellWidth.of(cut)
    let shift =
      switch alignment {
      case .leading: 0
      case .trailing: free
      case .center: free / 2
      }
    return shift
      + put(cut, column: rect.column + indent + shift, row: rect.row + line, role: role, columns: room - shift)
  }

  /// Draws spans one after another on a line of a block; returns the columns they took.
  @discardableResult
  package mutating func put(_ spans: [Span], in rect: Rect, line: Int = 0, indent: Int = 0) -> Int {
    var at = indent
    for span in spans { at += put(span.said(sentences), in: rect, line: line, indent: at, role: span.role) }
    return at - indent
  }

  package mutating func fill(_ rect: Rect, with character: Character = " ", role: Role = .text) {
    let width = max(1, CellWidth.of(character))
    for row in max(0, rect.row)..<max(max(0, rect.row), min(size.rows, rect.endRow)) {
      var x = max(0, rect.column)
      while x + width <= min(size.columns, rect.endColumn) {
        set(character, width: width, column: x, row: row, role: role)
        x += width
      }
    }
  }

  /// Lays a role over what is drawn already.
  package mutating func overlay(_ rect: Rect, _ role: Role) {
    let columns = max(0, rect.column)..<max(max(0, rect.column), min(size.columns, rect.endColumn))
    for row in max(0, rect.row)..<max(max(0, rect.row), min(size.rows, rect.endRow)) {
      for column in columns { cells[row * size.columns + column].overlay = role }
    }
  }

  /// The canvas as lines of text without trailing spaces.
  package var lines: [String] {
    (0..<size.rows).map { row in
      var line = ""
      for cell in cells[(row * size.columns)..<((row + 1) * size.columns)] where cell.width > 0 {
        line.append(cell.character)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  package var text: String { lines.joined(separator: "\n") }

  // MARK: Private

  private static func printable(_ character: Character) -> Character {
    guard let first = character.unicodeScalars.first else { return " " }
    if first == "\t" { return " " }
    if first.value < 0x20 || (0x7f..<0xa0).contains(first.value) { return "?" }
    // Directional overrides inside a cell could reorder the whole line.
    let hidden = character.unicodeScalars.contains {
      (0x202a...0x202e).contains($0.value) || (0x2066...0x2069).contains($0.value)
    }
    return hidden ? "?" : character
  }

  /// Writes one character; halves of wide characters it cuts become spaces.
  private mutating func set(_ character: Character, width: Int, column: Int, row: Int, role: Role) {
    let index = row * size.columns + column
    if cells[index].width == 0, column > 0 { blank(index - 1) }
    if column + width < size.columns, cells[index + width].width == 0 { blank(index + width) }
    cells[index] = Cell(character: character, width: UInt8(width), role: role)
    if width == 2 { cells[index + 1] = Cell(width: 0, role: role) }
  }

  private mutating func blank(_ index: Int) {
    cells[index].character = " "
    cells[index].width = 1
  }
}
