import Diagnostics

/// A protobuf text under change: every edit touches only the bytes it must, so that comments, order, quotes and blanks
/// of all the rest stay, and says what the text shall mean then.
///
/// The meaning is kept beside the text on purpose: whoever makes the edits reads the final text with the real reader and
/// compares.
package struct ProtoTextDraft: Sendable {
  /// One step into a message: the entry `index` of the field `name`.
  package struct Step: Sendable, Hashable {
    package let name: String
    package let index: Int

    package init(_ name: String, _ index: Int = 0) {
      self.name = name
      self.index = index
    }
  }

  package private(set) var bytes: [UInt8]
  package private(set) var outline: ProtoTextOutline
  /// What the text shall mean.
  package private(set) var message: ProtoMessage

  /// - Parameter message: what the reader made of `bytes`.
  /// - Throws: a text whose fields cannot be found.
  package init(_ bytes: [UInt8], _ message: ProtoMessage) throws(DiagnosticError) {
    guard let outline = ProtoTextOutline(bytes) else { throw Self.notFound(message.location.file) }
    self.bytes = bytes
    self.outline = outline
    self.message = message
  }

  private static func notFound(_ file: String) -> DiagnosticError {
    DiagnosticError("the fields of this text cannot be told apart", at: SourceLocation(file: file))
  }

  // MARK: looking

  package func body(at path: [Step]) -> ProtoTextOutline.Body? {
    var body = outline.root
    for step in path {
      guard let inner = entry(step, in: body)?.entry.body else { return nil }
      body = inner
    }
    return body
  }

  package func message(at path: [Step]) -> ProtoMessage? {
    var message = message
    for step in path {
      let all = message.messages(step.name)
      guard all.indices.contains(step.index) else { return nil }
      message = all[step.index]
    }
    return message
  }

  private func entry(
    _ step: Step, in body: ProtoTextOutline.Body
  ) -> (field: ProtoTextOutline.Field, position: Int, entry: ProtoTextOutline.Entry)? {
    var left = step.index
    for field in body.fields where field.name == step.name {
      if left < field.entries.count { return (field, left, field.entries[left]) }
      left -= field.entries.count
    }
    return nil
  }

  private func find(
    _ step: Step, at path: [Step]
  ) throws(DiagnosticError) -> (field: ProtoTextOutline.Field, position: Int, entry: ProtoTextOutline.Entry) {
    guard let body = body(at: path), let found = entry(step, in: body) else {
      throw DiagnosticError("the text has no \((path + [step]).map(\.name).joined(separator: "."))")
    }
    return found
  }

  // MARK: editing

  /// Replaces the value of a scalar field that is there.
  package mutating func replace(
    _ step: Step, at path: [Step], with text: String, meaning value: ProtoValue
  ) throws(DiagnosticError) {
    let entry = try find(step, at: path).entry
    try splice([(entry.range, text)])
    edit(at: path) { $0.replace(step, value) }
  }

  /// Gives a field another name, which must mean a message of the type `type`; its fields stay.
  package mutating func rename(
    _ step: Step, at path: [Step], to name: String, type: String
  ) throws(DiagnosticError) {
    try splice([(try find(step, at: path).field.nameRange, name)])
    edit(at: path) { message in
      guard let old = message.take(step), case .message(let inner) = old.value else { return }
      var renamed = ProtoMessage(type, location: inner.location)
      renamed.fields = inner.fields
      message.fields.append(ProtoField(name, .message(renamed)))
    }
  }

  /// Takes an entry out; a comment behind it on its line stays.
  package mutating func remove(_ step: Step, at path: [Step]) throws(DiagnosticError) {
    let found = try find(step, at: path)
    if found.field.isList, found.field.entries.count > 1 {
      try splice(removal(fromList: found.field, at: found.position))
    } else {
      let removal = removal(of: found.field.range)
      try splice([(removal.range, removal.text)])
    }
    edit(at: path) { _ = $0.take(step) }
  }

  /// Puts fields behind the last field of the message at `path` that `rank` does not put behind them; without a rank,
  /// behind all.
  /// - Parameter rank: orders the names of fields.
  package mutating func insert(
    _ fields: [ProtoTextField], at path: [Step], rank: ((String) -> Int)? = nil
  ) throws(DiagnosticError) {
    guard let body = body(at: path), let first = fields.first else {
      throw DiagnosticError("the text has no \(path.map(\.name).joined(separator: "."))")
    }
    let before = body.fields.last { field in rank.map { $0(field.name) <= $0(first.name) } ?? true }
    let layout = layout(in: body, for: first.name)
    try splice([
      before.map { insertion(of: fields, behind: $0, layout) }
        ?? body.fields.first.map { insertion(of: fields, before: $0, layout) }
        ?? insertion(of: fields, into: body, isRoot: path.isEmpty, layout)
    ])
    edit(at: path) { $0.fields += fields.map(\.field) }
  }

  /// Adds a name to a list of strings: as another `[a, b]` item where the last one is written so, else as a field.
  package mutating func append(
    string text: String, to name: String, rank: ((String) -> Int)? = nil
  ) throws(DiagnosticError) {
    let literal = ProtoTextField.literal(text, quote: quote(near: name))
    guard let last = outline.root.fields.last(where: { $0.name == name }), last.isList else {
      return try insert([ProtoTextField(name, .scalar(literal, .string(text)))], at: [], rank: rank)
    }
    if let item = last.entries.last {
      try splice([(item.range.upperBound..<item.range.upperBound, ", " + literal)])
    } else {
      try splice([(last.valueRange.lowerBound + 1..<last.valueRange.lowerBound + 1, literal)])
    }
    message.fields.append(ProtoField(name, .string(text)))
  }

  /// The quote that the text uses for this field, or else anywhere.
  package func quote(near name: String) -> Character {
    func first(_ fields: [ProtoTextOutline.Field], _ isFit: (ProtoTextOutline.Field) -> Bool) -> Character? {
      for field in fields {
        for entry in field.entries {
          if let body = entry.body {
            if let quote = first(body.fields, isFit) { return quote }
          } else if isFit(field), !entry.range.isEmpty {
            let byte = bytes[entry.range.lowerBound]
            if byte == UInt8(ascii: "'") { return "'" }
            if byte == UInt8(ascii: "\"") { return "\"" }
          }
        }
      }
      return nil
    }
    return first(outline.root.fields) { $0.name == name } ?? first(outline.root.fields) { _ in true } ?? "\""
  }

  /// Replaces ranges that do not overlap.
  private mutating func splice(_ edits: [(range: Range<Int>, text: String)]) throws(DiagnosticError) {
    var copy = bytes
    for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      copy.replaceSubrange(edit.range, with: Array(edit.text.utf8))
    }
    guard let outline = ProtoTextOutline(copy) else { throw Self.notFound(message.location.file) }
    (bytes, self.outline) = (copy, outline)
  }

  private mutating func edit(at path: [Step], _ change: (inout ProtoMessage) -> Void) {
    message.edit(path[...], change)
  }
}

extension ProtoMessage {
  fileprivate mutating func edit(_ path: ArraySlice<ProtoTextDraft.Step>, _ change: (inout ProtoMessage) -> Void) {
    guard let step = path.first else { return change(&self) }
    guard let i = index(of: step), case .message(var inner) = fields[i].value else { return }
    inner.edit(path.dropFirst(), change)
    fields[i].value = .message(inner)
  }

  private func index(of step: ProtoTextDraft.Step) -> Int? {
    let all = fields.indices.filter { fields[$0].name == step.name }
    return all.indices.contains(step.index) ? all[step.index] : nil
  }

  fileprivate mutating func replace(_ step: ProtoTextDraft.Step, _ value: ProtoValue) {
    if let i = index(of: step) { fields[i].value = value }
  }

  fileprivate mutating func take(_ step: ProtoTextDraft.Step) -> ProtoField? {
    index(of: step).map { fields.remove(at: $0) }
  }
}
