import Diagnostics
import Foundation
import Tensors
import Testing

@testable import CaffeFormat

@Suite("Writing weights")
struct WeightsWriterTests {
  let schema: ProtoSchema
  let folder: String

  init() throws {
    schema = try ProtoSchema.builtIn()
    folder = NSTemporaryDirectory() + "weights-\(UUID().uuidString)"
  }

  func read(_ path: String) throws -> [UInt8] { try FileBuffer(reading: path).array }

  func message(_ text: String) throws -> ProtoMessage {
    try schema.parseText("NetParameter", Array(text.utf8), file: "n")
  }

  /// name of the net: 0a 01 6e. layer (100): a2 06 and its length; in it name 0a 01 61, type 12 01 62, blobs 3a and its
  /// length (data 2a 04 1.0f, shape 3a 03 with dim 0a 01 01), phase 50 01.
  @Test func `wire bytes of a tiny net`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/a/w.caffemodel"
    let net = try message("name: 'n' layer { name: 'a' type: 'b' phase: TEST }")
    try WeightsWriter.write(net: net, blobs: ["a": [.float(Tensor(shape: [1], [1]))]], to: path, schema: schema)
    let blob: [UInt8] = [0x2a, 4, 0, 0, 0x80, 0x3f, 0x3a, 3, 0x0a, 1, 1]
    let layer: [UInt8] = [0x0a, 1, 0x61, 0x12, 1, 0x62, 0x3a, UInt8(blob.count)] + blob + [0x50, 1]
    let whole: [UInt8] = [0x0a, 1, 0x6e, 0xa2, 0x06, UInt8(layer.count)] + layer
    let written = try read(path)
    #expect(written == whole)
  }

  @Test func `every kind of blob reads back, and libprotobuf writes the same bytes`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/w.caffemodel"
    var random = SeededRandom(seed: 3)
    let large = Tensor(shape: [300, 301], (0..<300 * 301).map { _ in Float(Int32(truncatingIfNeeded: random.next())) })
    let payloads: [BlobPayload] = [
      .float(Tensor(shape: [2, 3], [1, -2, 3, .pi, 0, 5])), .int8([3], [-128, 0, 127]),
      .int32([2, 2], [.min, -1, 0, .max]), .uint64([2], [.max, 300]), .float(Tensor(shape: [], [7])), .float(large),
    ]
    let net = try message("name: 'n' layer { name: 'a' type: 'X' param { lr_mult: 0 } } layer { name: 'b' type: 'Y' }")
    try WeightsWriter.write(net: net, blobs: ["a": payloads], to: path, schema: schema)
    let file = try WeightsFile(path: path, schema: schema)
    let isSame = file["a"]?.blobs.map(\.payload) == payloads
    #expect(isSame)
    #expect(file["b"]?.blobs.isEmpty == true)
    // Through libprotobuf: text with all numbers, then its own encoding.
    let small = try WeightsWriterTests.text(of: Array(payloads.dropLast()))
    let own = try schema.binary(ofText: Array(small.utf8), type: "NetParameter", file: "t")
    try WeightsWriter.write(
      net: try message("layer { name: 'a' type: 'X' phase: TEST }"), blobs: ["a": Array(payloads.dropLast())], to: path,
      schema: schema)
    let written = try read(path)
    #expect(written == own)
  }

  /// The layer of the test above as text protobuf.
  static func text(of payloads: [BlobPayload]) throws -> String {
    let blobs = payloads.map { payload -> String in
      let dims = payload.shape.dims.map { "dim: \($0) " }.joined()
      let values =
        switch payload {
        case .float(let t): t.array.map { "data: \($0) " }.joined()
        case .int8(_, let v):
          "int8_data: \""
            + v.map {
              "\\x" + String(UInt8(bitPattern: $0) >> 4, radix: 16)
                + String(UInt8(bitPattern: $0) & 15, radix: 16)
            }.joined() + "\""
        case .int32(_, let v): v.map { "int32_data: \($0) " }.joined()
        case .uint64(_, let v): v.map { "uint64_data: \($0) " }.joined()
        }
      return "blobs { shape { \(dims)} \(values) }"
    }
    return "layer { name: 'a' type: 'X' phase: TEST \(blobs.joined()) }"
  }

  @Test func `unknown bytes of net and layers are written back`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/w.caffemodel"
    let unknown: [UInt8] = [0x80, 0xfa, 0x01, 7]
    var net = try message("layer { name: 'a' type: 'X' }")
    net.unknownBytes = unknown
    var layer = try #require(net.message("layer"))
    layer.unknownBytes = unknown
    net.set("layer", .message(layer))
    try WeightsWriter.write(net: net, blobs: ["a": [.int8([1], [5])]], to: path, schema: schema)
    let file = try WeightsFile(path: path, schema: schema)
    #expect(file.unknownBytes == unknown)
    #expect(file["a"]?.unknownBytes == unknown)
    let first = try read(path)
    try WeightsWriter.write(net: net, blobs: ["a": [.int8([1], [5])]], to: path, schema: schema)
    let second = try read(path)
    #expect(first == second)
  }

  @Test func `a mean file is one blob`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/mean.binaryproto"
    let mean = Tensor(shape: [1, 3, 2, 2], (0..<12).map(Float.init))
    try WeightsWriter.writeBlob(mean, to: path)
    #expect(try WeightsFile.loadBlob(path, schema: schema) == mean)
    try AtomicFile.write(path: path, text: "num: 1 channels: 1 height: 1 width: 2 data: 3 data: 4")
    #expect(try WeightsFile.loadBlob(path, schema: schema) == Tensor(shape: [1, 1, 1, 2], [3, 4]))
  }

  @Test func `blobs for a layer that is not there are refused`() throws {
    let net = try message("layer { name: 'a' type: 'X' }")
    #expect(throws: DiagnosticError.self) {
      try WeightsWriter.write(net: net, blobs: ["c": []], to: folder + "/w", schema: schema)
    }
    #expect(!FileManager.default.fileExists(atPath: folder))
  }

  @Test func `a file appears whole or not at all`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/deep/er/f.txt"
    try AtomicFile.write(path: path, text: "old")
    let error = #expect(throws: DiagnosticError.self) {
      try AtomicFile.write(path: path) { (file: inout FileWriter) throws(DiagnosticError) in
        try file.write("new")
        throw DiagnosticError("stop")
      }
    }
    #expect(error?.description == "error: stop")
    #expect(try read(path) == Array("old".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/deep/er") == ["f.txt"])
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect((attributes[.posixPermissions] as? Int).map { $0 & 0o137 } == 0, "no more than rw-r-----")
    let refused = #expect(throws: DiagnosticError.self) { try AtomicFile.write(path: folder + "/deep", text: "x") }
    #expect(refused?.description == "error: cannot write \(folder)/deep: it is a folder")
  }

  @Test func `a datum reads what it writes and refuses wrong sizes`() throws {
    // channels 1, height 1, width 2, data [9, 8], label -1 (ten-byte varint)
    let wire: [UInt8] = [0x08, 1, 0x10, 1, 0x18, 2, 0x22, 2, 9, 8, 0x28] + [UInt8](repeating: 0xff, count: 9) + [1]
    let datum = try Datum(wire, name: "k")
    #expect(datum.data == [9, 8] && datum.label == -1 && datum.width == 2 && !datum.isEncoded)
    #expect(datum.encoded == wire)
    var floats = Datum()
    (floats.channels, floats.height, floats.width, floats.floatData) = (1, 1, 2, [0.5, -3])
    #expect(try Datum(floats.encoded, name: "f") == floats)
    #expect(throws: DiagnosticError.self) { try Datum([0x08, 1, 0x10, 1, 0x18, 3, 0x22, 2, 9, 8], name: "k") }
    #expect(throws: DiagnosticError.self) { try Datum([0x22, 9, 1], name: "k") }
  }
}
