import Diagnostics
import Foundation
import Testing

@testable import Tensors

@Suite("NumPy files") struct NumpyFileTests {
  private let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "cortado-npy-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  /// A file as NumPy lays it out, from a header text: padded to 64, version 1.
  private func file(_ dictionary: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let start = version == 1 ? 10 : 12
    let text = dictionary + String(repeating: " ", count: 127 - start - dictionary.utf8.count) + "\n"
    let length = text.utf8.count
    let size: [UInt8] = version == 1 ? [UInt8(length), 0] : [UInt8(length), 0, 0, 0]
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + size + Array(text.utf8) + data
  }

  private func read(_ bytes: [UInt8]) throws -> NumpyArray {
    try NumpyFile.read(FileBytes(copying: bytes, path: "a.npy"))
  }

  private func message(_ bytes: [UInt8]) -> String {
    do {
      _ = try read(bytes)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  private func header(_ shape: String, _ descr: String = "<f4", order: String = "False") -> String {
    "{'descr': '\(descr)', 'fortran_order': \(order), 'shape': \(shape), }"
  }

  // Expected bytes: numpy 2.4.6, numpy.save of zeros((2, 3), '<f4'), zeros((), '<f8'), zeros(5, 'i1').
  @Test func `headers are NumPy's, byte for byte`() {
    func golden(_ text: String) -> [UInt8] {
      Array("\u{1}\0v\0".utf8) + Array((text + String(repeating: " ", count: 117 - text.utf8.count) + "\n").utf8)
    }
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    #expect(
      NumpyHeader.encode(.float32, [2, 3]) == magic
        + golden("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"))
    #expect(
      NumpyHeader.encode(.float64, []) == magic + golden("{'descr': '<f8', 'fortran_order': False, 'shape': (), }"))
    #expect(
      NumpyHeader.encode(.int8, [5]) == magic + golden("{'descr': '|i1', 'fortran_order': False, 'shape': (5,), }"))
  }

  @Test func `room for the first extent can cost another 64 bytes, as in NumPy`() {
    // numpy 2.4.6 writes 192 bytes for this shape.
    #expect(NumpyHeader.encode(.float32, [12, 0, 1, 100_000, 12, 123, 123, 100_000, 123]).count == 192)
  }

  @Test func `what is written is read back, bit for bit`() throws {
    let tensor = Tensor(shape: [2, 3], [0, -0.0, 1.5, .infinity, .leastNonzeroMagnitude, -3])
    try NumpyFile.write(tensor, to: folder + "/deep/t.npy")
    let back = try NumpyFile.read(folder + "/deep/t.npy")
    #expect(back.element == .float32)
    #expect(try back.floatTensor() == tensor)
    try NumpyFile.write([1, -128, 127] as [Int8], shape: [3], to: folder + "/i8.npy")
    #expect(try NumpyFile.read(folder + "/i8.npy").integers() == [1, -128, 127])
    try NumpyFile.write([0, 255] as [UInt8], shape: [1, 2], to: folder + "/u8.npy")
    #expect(try NumpyFile.read(folder + "/u8.npy").integers() == [0, 255])
    try NumpyFile.write([Int64.min, Int64.max], shape: [2], to: folder + "/i64.npy")
    #expect(try NumpyFile.read(folder + "/i64.npy").integers() == [Int.min, Int.max])
  }

  @Test func `a mapped file is read like a small one`() throws {
    let tensor = Tensor(shape: [300_000], (0..<300_000).map { Float($0) })
    try NumpyFile.write(tensor, to: folder + "/large.npy")
    var back = try NumpyFile.readTensor(folder + "/large.npy")
    #expect(back == tensor)
    back.withMutable { $0[7] = -1 }
    #expect(try NumpyFile.readTensor(folder + "/large.npy")[7] == 7, "writing to the tensor must not reach the file")
  }

  @Test(
    arguments: [
      ("|b1", [1, 0], [1, 0]), ("|i1", [0xff, 2], [-1, 2]), ("|u1", [0xff, 2], [255, 2]),
      ("<i2", [0xfe, 0xff, 1, 0], [-2, 1]), ("<u2", [0xfe, 0xff, 1, 0], [65534, 1]),
      ("<i4", [0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0], [-1, 1]),
      ("<u4", [0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0], [4_294_967_296, 1]),
      ("<i8", [UInt8](repeating: 0xff, count: 8) + [3, 0, 0, 0, 0, 0, 0, 0], [-1, 3]),
      ("<f4", [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], [1, -2]),
      ("<f8", [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0], [1, -2]),
    ] as [(String, [UInt8], [Float])])
  func `every element type becomes float32`(_ descr: String, _ data: [UInt8], _ values: [Float]) throws {
    #expect(try read(file(header("(2,)", descr), data)).floatTensor().array == values)
  }

  @Test func `formats 2 and 3, double quotes, another order of keys and Python 2 integers are read`() throws {
    let data: [UInt8] = [1, 2, 3, 4, 5, 6]
    let text = "{\"shape\": (2L, 3L), \"fortran_order\": False, \"descr\": \"|u1\"}"
    for version: UInt8 in [1, 2, 3] {
      #expect(try read(file(text, data, version: version)).floatTensor() == Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6]))
    }
  }

  @Test func `unaligned float data are copied, not misread`() throws {
    // A header text of 117 bytes puts the data at byte 127.
    let text = header("(1,)")
    let padded = text + String(repeating: " ", count: 116 - text.utf8.count) + "\n"
    let start: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 117, 0]
    let data: [UInt8] = [0, 0, 0x80, 0x3f]
    #expect(try read(start + Array(padded.utf8) + data).floatTensor().array == [1])
  }

  @Test func `empty arrays and scalars have their shape`() throws {
    #expect(try read(file(header("(0, 3)"), [])).floatTensor().shape == [0, 3])
    #expect(try read(file(header("()"), [0, 0, 0x80, 0x3f])).floatTensor() == Tensor(shape: [], [1]))
  }

  @Test(
    arguments: [
      ("(2,)", [0, 0, 0, 0], "the data are cut off: shape [2] of float32 needs 8 bytes of data, the file has 4"),
      (
        "(1,)", [0, 0, 0, 0, 9],
        "there are bytes after the data: shape [1] of float32 needs 4 bytes of data, the file has 5"
      ),
      ("(-1, 4)", [], "shape [-1, 4] has a negative extent"),
      ("(4611686018427387904, 4)", [], "shape [4611686018427387904, 4] is too large for any file"),
      ("(0, 4611686018427387904, 4)", [], "shape [0, 4611686018427387904, 4] is too large for any file"),
      ("(99999999999999999999999,)", [], "an extent of the shape is too large"),
      ("(2, x)", [], "the .npy header is malformed: an extent expected at byte 54 of its text"),
      ("(2", [], "the .npy header is malformed: an extent expected at byte 54 of its text"),
    ] as [(String, [UInt8], String)])
  func `shapes that lie are refused`(_ shape: String, _ data: [UInt8], _ wanted: String) {
    #expect(message(file(header(shape), data)) == "a.npy: error: " + wanted)
  }

  @Test func `Fortran order, big-endian, records and other types are refused with a way out`() {
    #expect(message(file(header("(1,)", order: "True"), [0, 0, 0, 0])).contains("Fortran order"))
    #expect(
      message(file(header("(1,)", ">f4"), [0, 0, 0, 0])).contains("big-endian ('>f4'); save it with .astype('<f4')"))
    #expect(message(file(header("(1,)", "<c8"), [])).contains("element type '<c8' is not read"))
    #expect(message(file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", [])).contains("records"))
  }

  @Test func `every cut of a good file is an error, never a trap`() throws {
    let whole = file(header("(1, 2)"), [0, 0, 0, 0, 0, 0, 0, 0])
    for length in 0..<whole.count {
      #expect(throws: DiagnosticError.self, "cut to \(length) bytes") { try read(Array(whole[..<length])) }
    }
    #expect(throws: DiagnosticError.self) { try read([0x93] + Array("NUMPY".utf8) + [2, 0, 255, 255, 255, 255]) }
  }

  @Test func `every changed byte of a header is read or refused, never a trap`() throws {
    let whole = file(header("(1, 2)"), [0, 0, 0, 0, 0, 0, 0, 0])
    for at in 0..<128 {
      for value: UInt8 in [0, 0x27, 0x28, 0x2d, 0x39, 0x7b, 0x80, 0xff] {
        var copy = whole
        copy[at] = value
        _ = try? read(copy)
      }
    }
  }

  @Test func `a missing file and a folder are named with the system's reason`() {
    let missing = #expect(throws: DiagnosticError.self) { try NumpyFile.read("/no/such.npy") }
    #expect(missing?.description == "/no/such.npy: error: cannot read this: No such file or directory")
    let directory = #expect(throws: DiagnosticError.self) { try NumpyFile.read(folder) }
    #expect(directory?.description == "\(folder): error: cannot read this: Is a directory")
  }

  @Test func `floats are no labels`() throws {
    let array = try read(file(header("(1,)"), [0, 0, 0, 0]))
    let error = #expect(throws: DiagnosticError.self) { try array.integers() }
    #expect(error?.description == "a.npy: error: integers are wanted here, not float32")
  }
}
