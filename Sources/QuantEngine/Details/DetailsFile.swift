import Diagnostics
import Foundation

/// `details.jsonl`: the details of all layers of a comparison, one JSON object per line, found through an index at the end.
///
///     {"format":"cortado-details","images":["a.jpg", ..],"version":1}
///     {"layer":"conv1", ..}                                            one line per layer
///     {"layers":[{"layer":"conv1","length":1234,"offset":56,"sum":"0123456789abcdef"}, ..]}
///     {"header":{"layer":"",..},"index":{"layer":"",..},"version":1}     where the first and the line before stand
///
/// Offsets and lengths are bytes; a sum is the 64-bit FNV-1a of the line's bytes in hexadecimal. Whoever wants one layer
/// reads the last line, the index, and that layer's line.
package enum DetailsFile {
  static let version = 1
  /// The last line is shorter than this.
  static let tailLimit = 256

  struct Header: Codable {
    var format = "cortado-details"
    var version = DetailsFile.version
    var images: [String]
  }

  struct Entry: Codable, Sendable, Hashable {
    var layer: String
    var offset: Int
    var length: Int
    var sum: String
  }

  struct Index: Codable {
    var layers: [Entry]
  }

  struct Tail: Codable {
    var version: Int
    var header: Entry
    var index: Entry
  }

  /// Writes aside, syncs, renames.
  package static func write(
    _ details: [LayerDetails], images: [String], to path: String
  ) throws(DiagnosticError) {
    try AtomicFile.write(path: path) { (file: inout FileWriter) throws(DiagnosticError) in
      var offset = 0
      func put(_ value: some Encodable, as name: String) throws(DiagnosticError) -> Entry {
        let bytes = Array(JSONText.encode(value).utf8)
        let entry = Entry(layer: name, offset: offset, length: bytes.count, sum: sum(bytes))
        try file.write(bytes)
        try file.write("\n")
        offset += bytes.count + 1
        return entry
      }
      let header = try put(Header(images: images), as: "")
      var index = Index(layers: [])
      for layer in details { index.layers.append(try put(layer, as: layer.layer)) }
      _ = try put(Tail(version: version, header: header, index: try put(index, as: "")), as: "")
    }
  }

  static func sum(_ bytes: some Sequence<UInt8>) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let text = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
