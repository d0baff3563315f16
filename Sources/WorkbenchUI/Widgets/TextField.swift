/// One line of text with a cursor.
package struct TextField: Equatable, Sendable {
  package private(set) var characters: [Character]
  /// Before which character the cursor stands, 0...count.
  package private(set) var cursor: Int

  package init(_ text: String = "") {
    characters = Array(text)
    cursor = characters.count
  }

  package var text: String { String(characters) }
  package var isEmpty: Bool { characters.isEmpty }

  /// Edits by a key as shells do; false when the key means nothing to a text field.
  package mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .character(let letter): insert(String(letter))
    case .left: cursor = max(0, cursor - 1)
    case .right: cursor = min(characters.count, cursor + 1)
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = characters.count
    case .backspace:
      if cursor > 0 {
        cursor -= 1
        characters.remove(at: cursor)
      }
    case .delete, .control("d"): if cursor < characters.count { characters.remove(at: cursor) }
    case .control("u"):
      characters.removeFirst(cursor)
      cursor = 0
    case .control("k"): characters.removeSubrange(cursor...)
    case .control("w"):
      let start = characters[..<cursor].dropSuffix(\.isWhitespace).dropSuffix { !$0.isWhitespace }.endIndex
      characters.removeSubrange(start..<cursor)
      cursor = start
    default: return false
    }
    return true
  }

  /// Inserts typed or pasted text at the cursor; line ends become spaces.
  package mutating func insert(_ text: String) {
    // Joined as a string, because a combining mark typed alone belongs to the character before it.
    let before = Array(String(characters[..<cursor]) + String(text.map { $0.isNewline ? " " : $0 }))
    characters = before + characters[cursor...]
    cursor = before.count
  }
}

extension ArraySlice {
  /// The slice without the elements at its end that fit.
  fileprivate func dropSuffix(_ fits: (Element) -> Bool) -> ArraySlice {
    var end = endIndex
    while end > startIndex, fits(self[end - 1]) { end -= 1 }
    return self[startIndex..<end]
  }
}

extension Canvas {
  /// Draws a text field on a line, scrolled so that the cursor is seen, and puts the terminal's cursor there.
  package mutating func draw(_ field: TextField, in line: Rect, isValid: Bool = true, hasFocus: Bool = true) {
    guard line.columns > 1, line.rows > 0 else { return }
    let role: Role = isValid ? .input : .inputBad
    fill(line, role: role)
    let widths = field.characters.map { max(1, CellWidth.of($0)) }
    var first = 0
    var before = widths[..<field.cursor].reduce(0, +)
    while before > line.columns - 1 {
      before -= widths[first]
      first += 1
    }
    put(String(field.characters[first...]), column: line.column, row: line.row, role: role, columns: line.columns)
    if hasFocus { cursor = Point(column: line.column + before, row: line.row) }
  }
}
