import Diagnostics

extension LocatedJSON {
  /// Larger files are no configuration.
  package static let sizeLimit = 64 << 20
  /// Deeper nesting is no configuration, and would only serve to exhaust the stack.
  package static let depthLimit = 64

  /// Reads one JSON value (RFC 8259, strictly: no comments, no trailing comma) from UTF-8 text.
  ///
  /// Columns count Unicode scalars. A byte order mark is skipped.
  /// - Throws: the first syntax error, or every duplicate key (up to 20) with the place of the first one.
  package static func read(_ bytes: [UInt8], file: String) throws(DiagnosticError) -> LocatedJSON {
    guard bytes.count <= sizeLimit else {
      throw DiagnosticError(
        "is too large for a configuration: \(bytes.count) bytes (at most \(sizeLimit))", at: SourceLocation(file: file))
    }
    var reader = JSONReader(bytes, file: file)
    return try reader.document()
  }
}

/// A recursive descent over the bytes of one JSON text.
private struct JSONReader {
  private let bytes: [UInt8]
  private let file: String
  private var position = 0
  private var line = 1
  private var column = 1
  private var duplicates = DiagnosticLog()

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  mutating func document() throws(DiagnosticError) -> LocatedJSON {
    skipSpace()
    if current == nil { throw error("the file is empty, a JSON object is expected") }
    let root = try value(depth: 0)
    skipSpace()
    if current != nil { throw error("nothing may follow the JSON value, found \(found)") }
    try duplicates.throwIfErrors()
    return root
  }

  // MARK: values

  private mutating func value(depth: Int) throws(DiagnosticError) -> LocatedJSON {
    let place = here
    switch current {
    case UInt8(ascii: "{"): return LocatedJSON(.object(try object(depth: try deeper(depth))), at: place)
    case UInt8(ascii: "["): return LocatedJSON(.array(try array(depth: try deeper(depth))), at: place)
    case UInt8(ascii: "\""): return LocatedJSON(.string(try string()), at: place)
    case UInt8(ascii: "t") where take("true"): return LocatedJSON(.bool(true), at: place)
    case UInt8(ascii: "f") where take("false"): return LocatedJSON(.bool(false), at: place)
    case UInt8(ascii: "n") where take("null"): return LocatedJSON(.null, at: place)
    default:
      guard let length = JSONNumber.length(bytes[position...]) else { throw error("expected a value, found \(found)") }
      let text = String(decoding: bytes[position..<position + length], as: UTF8.self)
      advance(length)
      if let next = current, !Self.endsNumber(next) { throw error("'\(text)' is not followed by ',', found \(found)") }
      return LocatedJSON(.number(text), at: place)
    }
  }

  private func deeper(_ depth: Int) throws(DiagnosticError) -> Int {
    guard depth < LocatedJSON.depthLimit else { throw error("nested deeper than \(LocatedJSON.depthLimit) levels") }
    return depth + 1
  }

  private mutating func object(depth: Int) throws(DiagnosticError) -> [LocatedJSON.Member] {
    var members: [LocatedJSON.Member] = []
    var places: [String: SourceLocation] = [:]
    try list(closing: UInt8(ascii: "}")) { reader throws(DiagnosticError) in
      let place = reader.here
      guard reader.current == UInt8(ascii: "\"") else {
        throw reader.error("expected a key in double quotes, found \(reader.found)")
      }
      let key = try reader.string()
      if let first = places[key] {
        reader.duplicates.add(
          .error("key '\(key)' stands here for the second time", at: place, notes: [.init("the first is here", at: first)]))
      }
      places[key] = place
      reader.skipSpace()
      guard reader.current == UInt8(ascii: ":") else {
        throw reader.error("expected ':' after the key '\(key)', found \(reader.found)")
      }
      reader.advance(1)
      reader.skipSpace()
      members.append(.init(key, at: place, try reader.value(depth: depth)))
    }
    return members
  }

  private mutating func array(depth: Int) throws(DiagnosticError) -> [LocatedJSON] {
    var elements: [LocatedJSON] = []
    try list(closing: UInt8(ascii: "]")) { reader throws(DiagnosticError) in
      elements.append(try reader.value(depth: depth))
    }
    return elements
  }

  /// Items between brackets, separated by commas; stands at the opening bracket, ends behind the closing one.
  private mutating func list(
    closing: UInt8, _ item: (inout JSONReader) throws(DiagnosticError) -> Void
  ) throws(DiagnosticError) {
    let (opening, bracket) = (here, Character(Unicode.Scalar(closing)))
    advance(1)
    skipSpace()
    if current == closing { return advance(1) }
    while true {
      try item(&self)
      skipSpace()
      if current == closing { return advance(1) }
      guard current == UInt8(ascii: ",") else {
        throw error("expected ',' or '\(bracket)', found \(found)", notes: [.init("opened here", at: opening)])
      }
      let comma = here
      advance(1)
      skipSpace()
      if current == closing { throw error("a comma may not stand before '\(bracket)'", at: comma) }
    }
  }

  // MARK: strings

  private mutating func string() throws(DiagnosticError) -> String {
    let opening = here
    advance(1)
    var text: [UInt8] = []
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        advance(1)
        guard let string = String(validating: text, as: UTF8.self) else { throw error("is not UTF-8 text", at: opening) }
        return string
      case UInt8(ascii: "\\"):
        text.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20:
        throw error(byte == 0x0A ? "the string does not end on its line" : "a control character in a string")
      default:
        text.append(byte)
        advance(1)
      }
    }
    throw error("the string is not closed", at: opening)
  }

  private mutating func escape() throws(DiagnosticError) -> Unicode.Scalar {
    let place = here
    advance(1)
    let letter = current
    advance(1)
    switch letter {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw error("unknown escape in a string", at: place)
    }
    let high = try fourDigits(place)
    if let scalar = Unicode.Scalar(high) { return scalar }
    // A surrogate: two escapes make one scalar.
    guard high < 0xDC00, take("\\u") else { throw error("half of a surrogate pair", at: place) }
    let low = try fourDigits(place)
    guard (0xDC00..<0xE000).contains(low), let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    else { throw error("half of a surrogate pair", at: place) }
    return scalar
  }

  private mutating func fourDigits(_ place: SourceLocation) throws(DiagnosticError) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let number = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("\\u needs four hexadecimal digits", at: place) }
    advance(4)
    return number
  }

  // MARK: the text

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }
  private var here: SourceLocation { SourceLocation(file: file, line: line, column: column) }

  private mutating func advance(_ count: Int) {
    let end = min(position + count, bytes.count)
    while position < end {
      let byte = bytes[position]
      position += 1
      if byte == 0x0A {
        (line, column) = (line + 1, 1)
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
  }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { advance(1) }
  }

  private mutating func take(_ word: StaticString) -> Bool {
    let word = Array("\(word)".utf8)
    guard bytes[position...].starts(with: word) else { return false }
    advance(word.count)
    return true
  }

  private static func endsNumber(_ byte: UInt8) -> Bool {
    [0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(byte)
  }

  /// What stands at the reader, for "found ...".
  private var found: String {
    guard let byte = current else { return "the end of the file" }
    return (0x21..<0x7F).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
  }

  private func error(
    _ text: String, at place: SourceLocation? = nil, notes: [Diagnostic.Note] = []
  ) -> DiagnosticError {
    DiagnosticError(text, at: place ?? here, notes: notes)
  }
}
