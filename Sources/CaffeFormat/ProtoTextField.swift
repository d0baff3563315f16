/// A field that is to be written into a protobuf text.
package struct ProtoTextField: Sendable {
  package enum Content: Sendable {
    /// The text as it is to stand there, and what it means.
    case scalar(String, ProtoValue)
    /// A message of the named type.
    case message(String, [ProtoTextField])
  }

  package let name: String
  package let content: Content

  package init(_ name: String, _ content: Content) {
    self.name = name
    self.content = content
  }

  /// What the field means.
  package var field: ProtoField {
    switch content {
    case .scalar(_, let value): ProtoField(name, value)
    case .message(let type, let fields): ProtoField(name, .message(ProtoMessage(type, fields: fields.map(\.field))))
    }
  }

  /// A string literal; UTF-8 stays legible, control characters become octal.
  package static func literal(_ text: String, quote: Character = "\"") -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      if scalar == "\\" || Character(scalar) == quote {
        out += "\\" + String(scalar)
      } else if scalar.value < 0x20 || scalar.value == 0x7F {
        let digits = String(scalar.value, radix: 8)
        out += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
    return "\(quote)\(out)\(quote)"
  }
}

/// How a text is laid out, learnt from what is there.
struct ProtoTextLayout {
  var newline = "\n"
  /// One level of indentation.
  var unit = "  "
  /// Between a scalar's name and its value.
  var colon = ": "
  /// Between a message's name and its brace.
  var opening = " "

  /// The field on one line.
  func line(_ field: ProtoTextField) -> String {
    switch field.content {
    case .scalar(let text, _): return field.name + colon + text
    case .message(_, let fields):
      return field.name + opening + "{" + fields.map { " " + line($0) }.joined() + " }"
    }
  }

  /// The field on as many lines as it needs, without indentation of the first and newline of the last.
  func block(_ field: ProtoTextField, indent: String) -> String {
    guard case .message(_, let fields) = field.content, !fields.isEmpty else { return line(field) }
    let inner = fields.map { newline + indent + unit + block($0, indent: indent + unit) }.joined()
    return field.name + opening + "{" + inner + newline + indent + "}"
  }
}
