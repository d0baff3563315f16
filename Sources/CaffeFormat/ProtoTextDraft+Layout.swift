/// Where bytes go in and out of a text, by how it is laid out.
extension ProtoTextDraft {
  typealias Edit = (range: Range<Int>, text: String)

  /// What follows a place on its line.
  private struct Rest {
    /// True when nothing follows but blanks and a comment.
    let isOpen: Bool
    /// Where the comment begins.
    let comment: Int?
    /// Before the newline, or the end of the text.
    let end: Int
    /// Behind the newline.
    let next: Int
  }

  private func rest(from start: Int) -> Rest {
    var position = start
    while position < bytes.count, Self.isBlank(bytes[position]) { position += 1 }
    let comment = position < bytes.count && bytes[position] == UInt8(ascii: "#") ? position : nil
    if comment != nil {
      while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      if position < bytes.count, bytes[position - 1] == UInt8(ascii: "\r") { position -= 1 }
    }
    var next = position
    if next < bytes.count, bytes[next] == UInt8(ascii: "\r") { next += 1 }
    let isEnd = position == bytes.count
    let isNewline = next < bytes.count && bytes[next] == UInt8(ascii: "\n")
    return Rest(isOpen: isEnd || isNewline, comment: comment, end: position, next: isNewline ? next + 1 : next)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private func lineStart(_ position: Int) -> Int {
    var start = position
    while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    // A byte order mark is no part of the line.
    return start == 0 && bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? min(3, position) : start
  }

  private func beginsLine(_ position: Int) -> Bool { bytes[lineStart(position)..<position].allSatisfy(Self.isBlank) }

  private func indent(of position: Int) -> String {
    let start = lineStart(position)
    return String(decoding: bytes[start...].prefix { Self.isBlank($0) }, as: UTF8.self)
  }

  // MARK: style

  /// The style for a new field: that of its namesakes in the message, else of its neighbours, else of the text.
  func layout(in body: ProtoTextOutline.Body, for name: String) -> ProtoTextLayout {
    var layout = ProtoTextLayout()
    if let end = bytes.firstIndex(of: UInt8(ascii: "\n")), end > 0, bytes[end - 1] == UInt8(ascii: "\r") {
      layout.newline = "\r\n"
    }
    var learner = StyleLearner(draft: self)
    learner.learn(outline.root.fields, parentIndent: nil)
    if let unit = learner.unit { layout.unit = unit }
    if let opening = learner.opening { layout.opening = opening }
    let near = body.fields.reversed()
    let models = near.filter { $0.name == name } + near.filter { $0.name != name }
    if let colon = models.lazy.compactMap({ self.colon(of: $0) }).first ?? learner.colon { layout.colon = colon }
    return layout
  }

  /// What stands between name and value of a scalar, when that is blanks and a colon.
  private func colon(of field: ProtoTextOutline.Field) -> String? {
    field.entries.first?.body == nil ? gap(of: field) : nil
  }

  private func gap(of field: ProtoTextOutline.Field) -> String? {
    let gap = bytes[field.nameRange.upperBound..<field.valueRange.lowerBound]
    let isPlain = gap.allSatisfy { Self.isBlank($0) || $0 == UInt8(ascii: ":") }
    return isPlain ? String(decoding: gap, as: UTF8.self) : nil
  }

  private struct StyleLearner {
    let draft: ProtoTextDraft
    var unit: String?
    var opening: String?
    var colon: String?

    mutating func learn(_ fields: [ProtoTextOutline.Field], parentIndent: String?) {
      for field in fields {
        if unit != nil, opening != nil, colon != nil { return }
        let begins = draft.beginsLine(field.range.lowerBound)
        let indent = begins ? draft.indent(of: field.range.lowerBound) : nil
        if unit == nil, let parentIndent, let indent, indent.count > parentIndent.count, indent.hasPrefix(parentIndent)
        {
          unit = String(indent.dropFirst(parentIndent.count))
        }
        if field.entries.first?.body == nil {
          if colon == nil { colon = draft.colon(of: field) }
        } else if opening == nil, !field.isList {
          opening = draft.gap(of: field)
        }
        for entry in field.entries {
          if let body = entry.body { learn(body.fields, parentIndent: indent) }
        }
      }
    }
  }

  // MARK: insertion

  func insertion(
    of fields: [ProtoTextField], behind field: ProtoTextOutline.Field, _ layout: ProtoTextLayout
  ) -> Edit {
    let end = field.range.upperBound
    let rest = rest(from: end)
    guard rest.isOpen else { return (end..<end, fields.map { " " + layout.line($0) }.joined()) }
    let begins = beginsLine(field.range.lowerBound)
    // The line may begin with an earlier field of the same message, which has the right indentation as well; or with
    // the message itself.
    let start = lineStart(field.range.lowerBound)
    let opened = bytes[start..<field.range.lowerBound].contains { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "<") }
    let indent = indent(of: field.range.lowerBound) + (begins || !opened ? "" : layout.unit)
    let text = fields.map { layout.newline + indent + layout.block($0, indent: indent) }.joined()
    return (rest.end..<rest.end, text)
  }

  /// Before the first field, and before the comment lines that lead up to it.
  func insertion(
    of fields: [ProtoTextField], before field: ProtoTextOutline.Field, _ layout: ProtoTextLayout
  ) -> Edit {
    let start = field.range.lowerBound
    guard beginsLine(start) else { return (start..<start, fields.map { layout.line($0) + " " }.joined()) }
    var line = lineStart(start)
    while line > 0 {
      let above = lineStart(line - 1)
      guard above < line, bytes[above..<line].first(where: { !Self.isBlank($0) }) == UInt8(ascii: "#") else { break }
      line = above
    }
    let indent = indent(of: start)
    return (line..<line, fields.map { indent + layout.block($0, indent: indent) + layout.newline }.joined())
  }

  func insertion(
    of fields: [ProtoTextField], into body: ProtoTextOutline.Body, isRoot: Bool, _ layout: ProtoTextLayout
  ) -> Edit {
    if isRoot {
      let isOpen = bytes.isEmpty || bytes.last == UInt8(ascii: "\n")
      let lines = fields.map { layout.block($0, indent: "") }.joined(separator: layout.newline)
      return (bytes.count..<bytes.count, isOpen ? lines + layout.newline : layout.newline + lines)
    }
    let close = body.inner.upperBound
    guard bytes[body.inner].contains(UInt8(ascii: "\n")) else {
      let start = body.inner.lowerBound
      let text = fields.map { " " + layout.line($0) }.joined()
      return (start..<start, body.inner.isEmpty ? text + " " : text)
    }
    let indent = indent(of: close) + layout.unit
    let line = lineStart(close)
    return (line..<line, fields.map { indent + layout.block($0, indent: indent) + layout.newline }.joined())
  }

  // MARK: removal

  func removal(of range: Range<Int>) -> Edit {
    let rest = rest(from: range.upperBound)
    let begins = beginsLine(range.lowerBound)
    if begins, rest.isOpen {
      return (rest.comment.map { range.lowerBound..<$0 } ?? lineStart(range.lowerBound)..<rest.next, "")
    }
    if begins { return (range.lowerBound..<rest.end, "") }
    var start = range.lowerBound
    while start > 0, Self.isBlank(bytes[start - 1]) { start -= 1 }
    return (start..<range.upperBound, isToken(at: range.upperBound) && isToken(at: start - 1) ? " " : "")
  }

  /// An item of `[a, b, c]` with the comma that it no longer needs.
  func removal(fromList field: ProtoTextOutline.Field, at position: Int) -> [Edit] {
    let range = field.entries[position].range
    let isLast = position == field.entries.count - 1
    let left = isLast ? field.entries[position - 1].range.upperBound : range.upperBound
    let right = isLast ? range.lowerBound : field.entries[position + 1].range.lowerBound
    guard let comma = comma(left..<right) else { return [removal(of: range)] }
    if isLast { return [(comma..<comma + 1, ""), removal(of: range)] }
    var end = comma + 1
    while end < right, Self.isBlank(bytes[end]) { end += 1 }
    // Without a comment between them, item and comma go as one.
    if bytes[range.upperBound..<comma].allSatisfy(Self.isBlank) { return [(range.lowerBound..<end, "")] }
    return [(range, ""), (comma..<end, "")]
  }

  /// The comma in a range of blanks and comments.
  private func comma(_ range: Range<Int>) -> Int? {
    var isComment = false
    for i in range {
      switch bytes[i] {
      case UInt8(ascii: "#"): isComment = true
      case UInt8(ascii: "\n"): isComment = false
      case UInt8(ascii: ",") where !isComment: return i
      default: break
      }
    }
    return nil
  }

  /// True for a byte that would run together with a neighbour.
  private func isToken(at position: Int) -> Bool {
    guard bytes.indices.contains(position) else { return false }
    let byte = bytes[position]
    let marks = ["{", "}", "<", ">", "[", "]", ",", ";", ":", "\n", "\r"].map { (c: Unicode.Scalar) in UInt8(ascii: c) }
    return !Self.isBlank(byte) && !marks.contains(byte)
  }
}
