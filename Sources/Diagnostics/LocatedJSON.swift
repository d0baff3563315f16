/// A JSON value that knows where it stands; objects keep the order of their keys, numbers their spelling.
///
/// Strict RFC 8259: no comments, no trailing commas, no duplicate keys, one value per text.
package struct LocatedJSON: Sendable, Equatable {
  package indirect enum Value: Sendable, Equatable {
    case null
    case bool(Bool)
    /// The number as typed, e.g. "0.70".
    case number(String)
    case string(String)
    case array([LocatedJSON])
    case object([Member])
  }

  package struct Member: Sendable, Equatable {
    package let name: String
    package let location: SourceLocation
    package let value: LocatedJSON
  }

  package let value: Value
  package let location: SourceLocation

  /// Reads one JSON text; `file` names it in errors.
  /// - Throws: one error with line and column of the first thing that is not JSON.
  package init(parsing text: some Sequence<UInt8>, file: String) throws(DiagnosticError) {
    var parser = LocatedJSONParser(Array(text), file: file)
    self = try parser.document()
  }

  init(_ value: Value, _ location: SourceLocation) {
    self.value = value
    self.location = location
  }

  /// What this is, for messages: "a number", "an object".
  package var kind: String {
    switch value {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

/// Recursive descent over UTF-8 bytes.
struct LocatedJSONParser {
  /// Deeper nesting is no configuration, and would exhaust the stack.
  private static let depthLimit = 128

  private let bytes: [UInt8]
  private let file: String
  private var at = 0
  private var line = 1
  /// A place on the line whose column is known: columns are counted on from here.
  private var mark = (at: 0, column: 1)
  private var depth = 0

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
      at = 3
      mark.at = 3
    }
  }

  mutating func document() throws(DiagnosticError) -> LocatedJSON {
    let root = try value()
    skipBlanks()
    if at < bytes.count { throw unexpected("the end of the file") }
    return root
  }

  /// Columns count characters (Unicode scalars), not bytes.
  private var here: SourceLocation {
    let column = bytes[mark.at..<at].reduce(mark.column) { $0 + ($1 & 0xc0 == 0x80 ? 0 : 1) }
    return SourceLocation(file: file, line: line, column: column)
  }

  private mutating func locate() -> SourceLocation {
    let location = here
    mark = (at, location.column)
    return location
  }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private func error(_ text: String) -> DiagnosticError { DiagnosticError(text, at: here) }

  private func unexpected(_ wanted: String) -> DiagnosticError {
    guard let byte = next else { return error("the file ends where \(wanted) should stand") }
    let rest = String(decoding: bytes[at..<min(at + 4, bytes.count)], as: UTF8.self)
    return error("\(wanted) expected, not '\(byte < 0x20 ? " " : rest.prefix(1))'")
  }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d {
      at += 1
      if byte == 0x0a {
        line += 1
        mark = (at, 1)
      }
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  private mutating func value() throws(DiagnosticError) -> LocatedJSON {
    skipBlanks()
    let location = locate()
    guard let byte = next else { throw unexpected("a value") }
    switch byte {
    case UInt8(ascii: "{"):
      return LocatedJSON(.object(try nested { p throws(DiagnosticError) in try p.members() }), location)
    case UInt8(ascii: "["):
      return LocatedJSON(.array(try nested { p throws(DiagnosticError) in try p.elements() }), location)
    case UInt8(ascii: "\""): return LocatedJSON(.string(try string()), location)
    case UInt8(ascii: "-"), 0x30...0x39: return LocatedJSON(.number(try number()), location)
    default:
      let words: [(String, LocatedJSON.Value)] = [("true", .bool(true)), ("false", .bool(false)), ("null", .null)]
      for (word, value) in words where bytes[at...].starts(with: word.utf8) {
        at += word.utf8.count
        return LocatedJSON(value, location)
      }
      throw unexpected("a value")
    }
  }

  private mutating func nested<R>(
    _ body: (inout LocatedJSONParser) throws(DiagnosticError) -> R
  ) throws(DiagnosticError) -> R {
    if depth == Self.depthLimit { throw error("nested more than \(Self.depthLimit) deep") }
    depth += 1
    at += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  private mutating func members() throws(DiagnosticError) -> [LocatedJSON.Member] {
    var members: [LocatedJSON.Member] = []
    var places: [String: SourceLocation] = [:]
    skipBlanks()
    if take("}") { return members }
    repeat {
      skipBlanks()
      let location = locate()
      guard next == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
      let name = try string()
      if let first = places.updateValue(location, forKey: name) {
        throw DiagnosticError(
          "the key '\(name)' stands here twice", at: location, notes: [.init("first here", at: first)])
      }
      skipBlanks()
      if !take(":") { throw unexpected("':'") }
      members.append(.init(name: name, location: location, value: try value()))
      skipBlanks()
    } while take(",")
    if !take("}") { throw unexpected("',' or '}'") }
    return members
  }

  private mutating func elements() throws(DiagnosticError) -> [LocatedJSON] {
    var elements: [LocatedJSON] = []
    skipBlanks()
    if take("]") { return elements }
    repeat {
      elements.append(try value())
      skipBlanks()
    } while take(",")
    if !take("]") { throw unexpected("',' or ']'") }
    return elements
  }

  private mutating func number() throws(DiagnosticError) -> String {
    let start = at
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func digits() throws(DiagnosticError) {
    guard let byte = next, (0x30...0x39).contains(byte) else { throw unexpected("a digit") }
    while let byte = next, (0x30...0x39).contains(byte) { at += 1 }
  }

  private mutating func string() throws(DiagnosticError) -> String {
    at += 1
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        at += 1
        guard let valid = String(validating: text, as: UTF8.self) else { throw error("this text is not UTF-8") }
        return valid
      case UInt8(ascii: "\\"):
        at += 1
        text.append(contentsOf: try escape().utf8)
      case 0..<0x20: throw error("a line break or control character inside a text in quotes")
      default:
        text.append(byte)
        at += 1
      }
    }
    throw unexpected("'\"'")
  }

  private mutating func escape() throws(DiagnosticError) -> String {
    let plain: [(Unicode.Scalar, String)] = [
      ("\"", "\""), ("\\", "\\"), ("/", "/"), ("b", "\u{8}"), ("f", "\u{c}"), ("n", "\n"), ("r", "\r"), ("t", "\t"),
    ]
    for (letter, meaning) in plain where take(letter) { return meaning }
    guard take("u") else { throw unexpected("an escape such as \\n") }
    let first = try hex()
    guard (0xd800..<0xdc00).contains(first) else { return try scalar(first) }
    guard take("\\"), take("u") else { throw unexpected("the second half of a surrogate pair") }
    let second = try hex()
    guard (0xdc00..<0xe000).contains(second) else { throw error("half a surrogate pair") }
    return try scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
  }

  private func scalar(_ code: UInt32) throws(DiagnosticError) -> String {
    guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair") }
    return String(Character(scalar))
  }

  private mutating func hex() throws(DiagnosticError) -> UInt32 {
    let digits = bytes[at...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw unexpected("four hexadecimal digits") }
    at += 4
    return code
  }
}
