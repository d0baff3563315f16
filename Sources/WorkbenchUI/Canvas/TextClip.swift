/// Cutting and padding text by the columns it takes.
package enum TextClip {
  /// Which end of a text that is too long stays.
  package enum Keep: Sendable { case head, tail }
  package enum Alignment: Sendable { case leading, trailing, center }

  /// The text in at most `columns` columns; two dots stand for what was cut (one when there is room for one only).
  ///
  /// Layer names keep the tail, which tells them apart (`..branch2b`); sentences keep the head.
  package static func cut(_ text: String, to columns: Int, keep: Keep = .head) -> String {
    if CellWidth.of(text) <= columns { return text }
    if columns <= 0 { return "" }
    let dots = String(repeating: ".", count: min(2, columns))
    let room = columns - dots.count
    switch keep {
    case .head: return String(prefix(of: text, columns: room)) + dots
    case .tail: return dots + String(prefix(of: text.reversed(), columns: room).reversed())
    }
  }

  /// A message in at most `columns` columns: a long path at its front gives way to what is said about it, and keeps
  /// its tail, the file's name and the place in it.
  package static func cutMessage(_ text: String, to columns: Int) -> String {
    guard CellWidth.of(text) > columns, text.hasPrefix("/"), let colon = text.range(of: ": ") else {
      return cut(text, to: columns)
    }
    let (path, words) = (String(text[..<colon.lowerBound]), String(text[colon.lowerBound...]))
    let least = min(CellWidth.of(path), columns / 3)
    return cut(cut(path, to: max(least, columns - CellWidth.of(words)), keep: .tail) + words, to: columns)
  }

  /// The text in exactly `columns` columns.
  package static func fit(
    _ text: String, to columns: Int, keep: Keep = .head, alignment: Alignment = .leading
  ) -> String {
    let cut = cut(text, to: columns, keep: keep)
    let rest = max(0, columns - CellWidth.of(cut))
    let before =
      switch alignment {
      case .leading: 0
      case .trailing: rest
      case .center: rest / 2
      }
    return String(repeating: " ", count: before) + cut + String(repeating: " ", count: rest - before)
  }

  /// Lines of at most `columns` columns, broken at spaces; a longer word is broken where the line ends.
  package static func wrap(_ text: String, to columns: Int) -> [String] {
    guard columns > 0 else { return [] }
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let linesBefore = lines.count
      var line = ""
      for word in paragraph.split(separator: " ") {
        var rest = Substring(word)
        if !line.isEmpty, CellWidth.of(line) + 1 + CellWidth.of(rest) <= columns {
          line += " " + rest
          continue
        }
        if !line.isEmpty { lines.append(line) }
        while CellWidth.of(rest) > columns {
          // At least one character a line, or a wide one in a narrow column would never end.
          let head = prefix(of: rest, columns: max(columns, 2)).prefix(max(1, rest.count))
          lines.append(String(head))
          rest = rest.dropFirst(head.count)
        }
        line = String(rest)
      }
      // An empty paragraph is an empty line.
      if !line.isEmpty || lines.count == linesBefore { lines.append(line) }
    }
    return lines
  }

  private static func prefix(of characters: some Sequence<Character>, columns: Int) -> [Character] {
    var used = 0
    return Array(
      characters.prefix {
        used += CellWidth.of($0)
        return used <= columns
      })
  }
}
