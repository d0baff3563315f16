import Diagnostics
import Tensors

/// One layer of a weights file.
package struct WeightsLayer: Sendable {
  package let name: String
  /// Today's type name; empty where the file says none.
  package let type: String
  package let blobs: [BlobView]
  /// Fields of the layer's message that the schema does not know, as wire bytes.
  package let unknownBytes: [UInt8]
  /// The messages in it that hold the layer's parameters, as wire bytes; empty for V0 and V1, whose numbers differ.
  package let settings: [UInt8]
}

/// A caffemodel: the learned blobs of layers, by name.
///
/// Only names, types and blobs are looked at, so the field numbers of any fork will do: binary or text, V2 (`layer`),
/// V1 and V0 (`layers`). The file is read once; float blobs borrow its memory.
package final class WeightsFile: Sendable {
  package let path: String
  /// In file order.
  package let layers: [WeightsLayer]
  /// Fields of the net message that the schema does not know, as wire bytes.
  package let unknownBytes: [UInt8]
  private let byName: [String: Int]

  /// - Throws: unreadable, empty, foreign or damaged files; blobs whose numbers don't match their shape (all of them).
  package convenience init(path: String, schema: ProtoSchema) throws(DiagnosticError) {
    try self.init(FileBuffer(reading: path), path: path, schema: schema)
  }

  /// Weights in memory; `path` names them in messages.
  package convenience init(bytes: [UInt8], path: String, schema: ProtoSchema) throws(DiagnosticError) {
    try self.init(FileBuffer(bytes, path: path), path: path, schema: schema)
  }

  private init(_ file: FileBuffer, path: String, schema: ProtoSchema) throws(DiagnosticError) {
    let buffer = try Self.binary(file, type: "NetParameter", path: path, schema: schema)
    self.path = path
    let parser = WeightsParser(buffer: buffer, path: path, schema: schema)
    let net = try parser.net()
    (layers, unknownBytes) = net
    byName = Dictionary(net.0.enumerated().map { ($1.name, $0) }) { _, last in last }
  }

  /// The layer of that name; the last one where several share it, as Caffe's loading leaves it.
  package subscript(name: String) -> WeightsLayer? { byName[name].map { layers[$0] } }

  /// A `.binaryproto`: one blob, such as a mean image.
  /// - Throws: as `init`.
  package static func loadBlob(_ path: String, schema: ProtoSchema) throws(DiagnosticError) -> Tensor {
    let file = try FileBuffer(reading: path)
    let buffer = try binary(file, type: "BlobProto", path: path, schema: schema)
    do {
      return try BlobReader(buffer: buffer).read(0..<buffer.count, title: "the blob").values
    } catch let error as WireError {
      throw WeightsParser.failure(error, path: path, what: "a Caffe blob (.binaryproto)", size: buffer.count)
    } catch {
      throw WeightsParser.located(error, path)
    }
  }

  /// The file's wire bytes; text is turned into them.
  private static func binary(
    _ file: FileBuffer, type: String, path: String, schema: ProtoSchema
  ) throws(DiagnosticError) -> FileBuffer {
    let place = SourceLocation(file: path)
    if file.count == 0 { throw DiagnosticError("the file is empty (0 bytes)", at: place) }
    if file.bytes.starts(with: [0x89, 0x48, 0x44, 0x46]) {
      throw DiagnosticError(
        "the file is HDF5, not a protobuf caffemodel", at: place,
        help: ["write it again with snapshot_format: BINARYPROTO"])
    }
    if file.looksBinary { return file }
    do throws(DiagnosticError) {
      return try FileBuffer(schema.binary(ofText: file.array, type: type, file: path), path: path)
    } catch {
      throw DiagnosticError(
        [.error("the file is text, and not a Caffe weights file", at: place)] + error.diagnostics)
    }
  }
}
