import Foundation

/// A JSON document to look things up in.
struct JSONNode {
  private let value: Any

  init(text: String) throws {
    value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
  }
  init(file: String) throws { try self.init(text: String(contentsOfFile: file, encoding: .utf8)) }
  private init(_ value: Any) { self.value = value }

  /// The value of a key; null when there is none.
  subscript(key: String) -> JSONNode { JSONNode((value as? [String: Any])?[key] ?? NSNull()) }
  subscript(index: Int) -> JSONNode { list.indices.contains(index) ? list[index] : JSONNode(NSNull()) }
  /// The first entry of a list whose `key` is `text`.
  func first(_ key: String, _ text: String) -> JSONNode { list.first { $0[key].string == text } ?? JSONNode(NSNull()) }

  var keys: Set<String> { Set((value as? [String: Any] ?? [:]).keys) }
  var list: [JSONNode] { (value as? [Any] ?? []).map(JSONNode.init) }
  var string: String? { value as? String }
  var number: Double? { (value as? NSNumber)?.doubleValue }
  var int: Int? { (value as? NSNumber)?.intValue }
  var bool: Bool? { value as? Bool }
  var isNull: Bool { value is NSNull }
  var strings: [String] { list.compactMap(\.string) }
  var ints: [Int] { list.compactMap(\.int) }
  var floats: [Float] { list.compactMap(\.number).map(Float.init) }
}
