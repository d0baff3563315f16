import Diagnostics

/// A JSON value that knows where it stands: members keep their order, numbers their text.
package struct LocatedJSON: Sendable {
  package indirect enum Value: Sendable, Hashable {
    case object([Member])
    case array([LocatedJSON])
    case string(String)
    /// A number as it was written: `0.70`, `1e-10`.
    case number(String)
    case bool(Bool)
    case null
  }

  package struct Member: Sendable, Hashable {
    package var key: String
    package var keyLocation: SourceLocation?
    package var value: LocatedJSON

    package init(_ key: String, at keyLocation: SourceLocation? = nil, _ value: LocatedJSON) {
      self.key = key
      self.keyLocation = keyLocation
      self.value = value
    }

    /// Equality ignores places.
    package static func == (a: Member, b: Member) -> Bool { a.key == b.key && a.value == b.value }
    package func hash(into hasher: inout Hasher) {
      hasher.combine(key)
      hasher.combine(value)
    }
  }

  package var value: Value
  package var location: SourceLocation?

  package init(_ value: Value, at location: SourceLocation? = nil) {
    self.value = value
    self.location = location
  }

  /// What Python calls a value of this kind: the word in "Type of p should be ...".
  package var pythonType: String {
    switch value {
    case .object: "<class 'dict'>"
    case .array: "<class 'list'>"
    case .string: "<class 'str'>"
    case .number(let text): JSONNumber.isInteger(text) ? "<class 'int'>" : "<class 'float'>"
    case .bool: "<class 'bool'>"
    case .null: "<class 'NoneType'>"
    }
  }
}

extension LocatedJSON: Hashable {
  package static func == (a: LocatedJSON, b: LocatedJSON) -> Bool { a.value == b.value }
  package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

/// The grammar of numbers in JSON: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
enum JSONNumber {
  /// Length of the longest number at the start of `bytes`; `nil` when there is none.
  static func length(_ bytes: some Collection<UInt8>) -> Int? {
    var rest = bytes[...]
    func digits() -> Int {
      let count = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    if rest.first == UInt8(ascii: "0") {
      rest = rest.dropFirst()
    } else if digits() == 0 {
      return nil
    }
    if rest.first == UInt8(ascii: ".") {
      let whole = rest
      rest = rest.dropFirst()
      if digits() == 0 { return bytes.count - whole.count }
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      let mantissa = rest
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      if digits() == 0 { return bytes.count - mantissa.count }
    }
    return bytes.count - rest.count
  }

  static func isNumber(_ text: String) -> Bool { length(text.utf8) == text.utf8.count }

  /// True for a number without point and exponent, as Python tells `int` from `float`.
  static func isInteger(_ text: String) -> Bool {
    isNumber(text) && !text.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
  }
}
