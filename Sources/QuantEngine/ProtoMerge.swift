import CaffeFormat
import Diagnostics
import Foundation

/// `cortado proto merge`: one caffe.proto of the built-in schema and the user's own layers.
package struct ProtoMergeJob: Sendable {
  /// Custom .proto files, laid over the schema in this order.
  package var custom: [String]
  package var out: String

  package struct Result: Encodable, Sendable {
    package let file: String
    /// What the file replaced, kept under this name; absent when nothing was there.
    package let backup: String?
    /// Fields of LayerParameter that the custom files added or replaced, in their order.
    package let fields: [String]
    /// False when the file said the same before.
    package let isChanged: Bool
  }

  package init(custom: [String], out: String) {
    self.custom = custom
    self.out = out
  }

  /// - Parameter news: gets what was replaced, and numbers outside the recommended range.
  /// - Throws: clashing names and numbers, syntax errors, each at its place; exit 4 when nothing can be written.
  package func run(_ news: (Diagnostic) -> Void) throws(QuantError) -> Result {
    let schema = try attempting(.badInput) { try ProtoSchema(merging: custom) }
    schema.notes.forEach(news)
    let builtIn = try attempting(.badInput) { try ProtoSchema.builtIn() }
    let before = builtIn.fieldNumbers(of: "LayerParameter")
    let after = schema.fieldNumbers(of: "LayerParameter")
    let replaced = schema.notes.compactMap { note in after.keys.first { note.text.hasPrefix("field \($0) = ") } }
    let names = Set(replaced).union(after.keys.filter { before[$0] != after[$0] })
    let fields = schema.fieldNames(of: "LayerParameter").filter(names.contains)
    let text = schema.protoText
    let old = FileManager.default.contents(atPath: out)
    if let old, old == Data(text.utf8) { return Result(file: out, backup: nil, fields: fields, isChanged: false) }
    return try attempting(.runFailed) {
      var backup: String?
      if let old {
        let free = Self.freeName(beside: out)
        try AtomicFile.write(path: free, bytes: [UInt8](old))
        backup = free
      }
      try AtomicFile.write(path: out, text: text)
      return Result(file: out, backup: backup, fields: fields, isChanged: true)
    }
  }

  /// `caffe.proto.bak`, `caffe.proto.bak2`, ...: the first that is not there.
  private static func freeName(beside path: String) -> String {
    var name = path + ".bak"
    var k = 2
    while FileManager.default.fileExists(atPath: name) {
      name = "\(path).bak\(k)"
      k += 1
    }
    return name
  }
}
