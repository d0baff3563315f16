import Diagnostics
import Foundation

/// The net's name in a quant.json, which is the prefix that its files were written with.
enum QuantJSONName {
  /// The text with another name; everything else stays byte for byte.
  /// - Throws: at its place when the text is no quant.json.
  static func replacing(in bytes: [UInt8], file: String, with name: String) throws(DiagnosticError) -> [UInt8] {
    let root = try LocatedJSON(parsing: bytes, file: file)
    guard case .object(let members) = root.value, let member = members.first(where: { $0.name == "name" }),
      case .string = member.value.value
    else { throw DiagnosticError("this is no quant.json: it has no name", at: root.location) }
    let start = offset(of: member.value.location, in: bytes)
    // The reader has seen a string here: its end is the next quote that no backslash is before.
    var end = start + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
    guard end < bytes.count else { throw DiagnosticError("this is no quant.json: it is cut off", at: root.location) }
    return Array(bytes[..<start]) + Array(JSONText.encode(name).utf8) + Array(bytes[(end + 1)...])
  }

  /// The byte at a place; its column counts scalars.
  private static func offset(of place: SourceLocation, in bytes: [UInt8]) -> Int {
    var at = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    for _ in 1..<max(1, place.line) { at = (bytes[at...].firstIndex(of: 10) ?? bytes.count - 1) + 1 }
    for _ in 1..<max(1, place.column) {
      at += 1
      while at < bytes.count, bytes[at] & 0xc0 == 0x80 { at += 1 }
    }
    return at
  }
}
