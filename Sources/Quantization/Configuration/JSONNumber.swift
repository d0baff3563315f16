import Diagnostics

/// The grammar of numbers in JSON.
enum JSONNumber {
  static func isNumber(_ text: String) -> Bool {
    (try? LocatedJSON(parsing: text.utf8, file: ""))?.value == .number(text)
  }

  /// True for a number without point and exponent, as Python tells `int` from `float`.
  static func isInteger(_ text: String) -> Bool {
    isNumber(text) && !text.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
  }
}

extension LocatedJSON {
  /// What Python calls a value of this kind: the word in "Type of p should be ...".
  var pythonType: String {
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
