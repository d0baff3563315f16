extension LocatedJSON {
  /// The text as Python's `json.dump(value, indent=4, separators=(',', ':'))` lays it out: no space after `:`, one
  /// element a line, four spaces a level, non-ASCII characters escaped, no newline at the end. Numbers keep their text.
  package var pythonText: String {
    var out = ""
    write(to: &out, indent: 0)
    return out
  }

  private func write(to out: inout String, indent: Int) {
    switch value {
    case .object(let members):
      Self.writeList(members, "{", "}", to: &out, indent: indent) { member, out in
        Self.write(string: member.key, to: &out)
        out += ":"
        member.value.write(to: &out, indent: indent + 1)
      }
    case .array(let elements):
      Self.writeList(elements, "[", "]", to: &out, indent: indent) { $0.write(to: &$1, indent: indent + 1) }
    case .string(let text): Self.write(string: text, to: &out)
    case .number(let text): out += text
    case .bool(let flag): out += flag ? "true" : "false"
    case .null: out += "null"
    }
  }

  private static func writeList<Item>(
    _ items: [Item], _ opening: String, _ closing: String, to out: inout String, indent: Int,
    _ write: (Item, inout String) -> Void
  ) {
    out += opening
    for (i, item) in items.enumerated() {
      out += (i == 0 ? "\n" : ",\n") + String(repeating: "    ", count: indent + 1)
      write(item, &out)
    }
    if !items.isEmpty { out += "\n" + String(repeating: "    ", count: indent) }
    out += closing
  }

  private static func write(string: String, to out: inout String) {
    out += "\""
    for unit in string.utf16 {
      switch unit {
      case 0x22: out += "\\\""
      case 0x5C: out += "\\\\"
      case 0x0A: out += "\\n"
      case 0x0D: out += "\\r"
      case 0x09: out += "\\t"
      case 0x08: out += "\\b"
      case 0x0C: out += "\\f"
      case 0x20..<0x7F: out.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default:
        let digits = String(unit, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    out += "\""
  }
}
