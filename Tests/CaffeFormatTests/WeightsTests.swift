import Diagnostics
import Foundation
import Tensors
import Testing

@testable import CaffeFormat

@Suite("Weights files")
struct WeightsTests {
  let schema: ProtoSchema
  init() throws { schema = try ProtoSchema.builtIn() }

  func weights(_ bytes: [UInt8]) throws -> WeightsFile { try WeightsFile(bytes: bytes, path: "w", schema: schema) }

  /// A length-delimited field: tag, length below 128, payload.
  func field(_ number: Int, _ payload: [UInt8]) -> [UInt8] {
    var out = WireWriter()
    out.header(number, length: payload.count)
    return out.bytes + payload
  }

  func complaint(_ bytes: [UInt8]) -> String {
    do {
      _ = try weights(bytes)
      return ""
    } catch { return "\(error)" }
  }

  /// 1.0f, 2.0f little-endian.
  static let one: [UInt8] = [0, 0, 0x80, 0x3f]
  static let two: [UInt8] = [0, 0, 0, 0x40]

  @Test func `blobs are found by layer with the shape of their file`() throws {
    let blob = field(7, field(1, [2, 1])) + field(5, Self.one + Self.two)
    let layer = field(1, Array("ip".utf8)) + field(2, Array("InnerProduct".utf8)) + field(7, blob)
    let file = try weights(field(100, layer))
    #expect(file.layers.map(\.name) == ["ip"])
    #expect(file["ip"]?.type == "InnerProduct")
    #expect(file["ip"]?.blobs.first?.values == Tensor(shape: [2, 1], [1, 2]))
    #expect(file["nobody"] == nil)
  }

  @Test func `num, channels, height and width win over shape, as in Caffe`() throws {
    // num 1, channels 1, height 1, width 2 as varints of fields 1 to 4
    let blob: [UInt8] = [0x08, 1, 0x10, 1, 0x18, 1, 0x20, 2] + field(5, Self.one + Self.two)
    let file = try weights(field(100, field(1, Array("a".utf8)) + field(7, blob)))
    #expect(file.layers[0].blobs[0].shape == [1, 1, 1, 2])
  }

  @Test func `floats are right at every alignment, packed, unpacked and in pieces`() throws {
    for padding in 0..<8 {
      let name = [UInt8](repeating: 0x61, count: 40 + padding)
      let packed = field(7, field(1, [2])) + field(5, Self.one + Self.two)
      let singles = [0x2d] + Self.one + [0x2d] + Self.two + field(7, [0x08, 2])
      let pieces = field(5, Self.two) + field(7, field(1, [2])) + field(5, Self.one)
      var large = field(7, field(1, [50]))
      var header = WireWriter()
      header.header(5, length: 200)
      large += header.bytes + (0..<25).flatMap { _ in Self.one + Self.two }
      var layer = field(1, name)
      for blob in [packed, singles, pieces] { layer += field(7, blob) }
      var outer = WireWriter()
      outer.header(7, length: large.count)
      layer += outer.bytes + large
      var top = WireWriter()
      top.header(100, length: layer.count)
      let blobs = try weights(top.bytes + layer).layers[0].blobs.map(\.values.array)
      #expect(blobs[..<3] == [[1, 2], [1, 2], [2, 1]])
      #expect(blobs[3] == (0..<25).flatMap { _ in [Float(1), 2] })
    }
  }

  @Test func `doubles become floats, integers keep their type`() throws {
    let double = field(8, [0, 0, 0, 0, 0, 0, 0xf8, 0x3f]) + field(7, field(1, [1]))  // 1.5
    let int8 = field(10, [0xff, 0x7f]) + field(7, field(1, [2]))
    let int32 = field(11, [1] + [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]) + field(7, field(1, [2]))
    let uint64 = field(12, [0x80, 0x01]) + field(7, field(1, [1]))
    var layer = field(1, Array("a".utf8))
    for blob in [double, int8, int32, uint64] { layer += field(7, blob) }
    let blobs = try weights(field(100, layer)).layers[0].blobs
    #expect(
      blobs.map(\.payload) == [
        .float(Tensor(shape: [1], [1.5])), .int8([2], [-1, 127]), .int32([2], [1, -1]), .uint64([1], [128]),
      ])
    #expect(blobs[2].values.array == [1, -1])
  }

  @Test func `V1 and V0 layers have their names, types and blobs`() throws {
    let blob = field(7, field(1, [1])) + field(5, Self.one)
    let v1 = field(4, Array("ip".utf8)) + [0x28, 14] + field(6, blob)  // type INNER_PRODUCT = 14
    let inner = field(1, Array("conv".utf8)) + field(2, Array("conv".utf8)) + [0x92, 0x03, UInt8(blob.count)] + blob
    let v0 = field(1, inner) + field(3, Array("top".utf8))
    let file = try weights(field(2, v1) + field(2, v0))
    #expect(file.layers.map(\.name) == ["ip", "conv"])
    #expect(file.layers.map(\.type) == ["InnerProduct", "Convolution"])
    #expect(file.layers.allSatisfy { $0.blobs.map(\.values.array) == [[1]] })
  }

  @Test func `text weights read like binary ones`() throws {
    let text = "layer { name: 'a' type: 'Scale' blobs { shape { dim: 2 } data: [1, 2] } }"
    #expect(try weights(Array(text.utf8))["a"]?.blobs.map(\.values) == [Tensor(shape: [2], [1, 2])])
  }

  /// Another fork's number 204 holds what is no message here; blobs are all that counts.
  @Test func `foreign fields do not matter and are kept`() throws {
    let foreign: [UInt8] = [0xe2, 0x0c, 3, 0xff, 0xff, 0xff]  // field 204, known here as a message
    let unknown: [UInt8] = [0x80, 0xfa, 0x01, 7]  // field 4000
    let blob = field(7, field(1, [1])) + field(5, Self.one)
    let layer = field(1, Array("a".utf8)) + foreign + unknown + field(7, blob + unknown)
    let file = try weights(field(100, layer) + unknown)
    #expect(file["a"]?.blobs.map(\.values.array) == [[1]])
    #expect(file["a"]?.unknownBytes == unknown)
    #expect(file["a"]?.blobs.first?.unknownBytes == unknown)
    #expect(file.unknownBytes == unknown)
  }

  @Test func `all blobs whose numbers do not match their shape are named`() {
    let bad = field(7, field(1, [3])) + field(5, Self.one)
    let layer = field(1, Array("c".utf8)) + field(7, bad) + field(7, bad)
    #expect(
      complaint(field(100, layer))
        == """
        w: error: blob 0 of layer 'c': shape [3] needs 1 values, the file has 1
        w: error: blob 1 of layer 'c': shape [3] needs 1 values, the file has 1
        """.replacing("needs 1", with: "needs 3"))
    let huge = field(7, field(1, [0xff, 0xff, 0xff, 0xff, 0x7f])) + field(5, Self.one)
    #expect(complaint(field(100, field(7, huge))).contains("is not possible"))
  }

  @Test func `files that are no weights are refused with a reason`() {
    #expect(complaint([]) == "w: error: the file is empty (0 bytes)")
    #expect(complaint(Array("hello world".utf8)).hasPrefix("w: error: the file is text, and not a Caffe weights file"))
    #expect(complaint([0x89, 0x48, 0x44, 0x46, 0x0d]).contains("HDF5"))
    #expect(complaint([0x0a, 1, 0x61]).contains("has no layers"))
    #expect(complaint([0xff, 0xfe, 0, 0]).contains("damaged"))
  }

  @Test func `a file cut anywhere is refused`() throws {
    let blob = field(7, field(1, [2])) + field(5, Self.one + Self.two)
    let layer = field(1, Array("ip".utf8)) + field(7, blob)
    let whole = field(1, Array("net".utf8)) + field(100, layer)
    for n in 6..<whole.count { #expect(complaint(Array(whole[..<n])).contains("w: error"), "\(n) bytes") }
    #expect(complaint(whole) == "")
  }

  @Test func `random bytes never trap`() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<2000 {
      let count = Int(random.next() % 64)
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() % 16 == 0 ? random.next() : 0xa2) }
      _ = complaint(bytes)
      _ = try? schema.parseBinary("NetParameter", bytes, file: "f")
      _ = try? Datum(bytes, name: "d")
    }
  }
}
