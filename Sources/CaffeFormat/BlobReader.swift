import Diagnostics
import Glibc
import Tensors

/// Reads `BlobProto`s out of a file in memory, whose floats the blobs borrow.
struct BlobReader {
  let buffer: FileBuffer

  /// The blob whose bytes are `range`.
  ///
  /// As Caffe: num, channels, height and width, where any is given, are the shape; else `shape`. The numbers are the
  /// first of double_data, int8_data, int32_data, uint64_data, data that is not empty (as ATC reads them); diffs are
  /// skipped.
  /// - Parameter title: names the blob in messages.
  /// - Throws: `WireError` for damaged bytes, a diagnostic when numbers and shape don't match.
  func read(_ range: Range<Int>, title: String) throws -> BlobView {
    var reader = WireReader(buffer.bytes, range)
    var parts = Parts()
    while let field = try reader.next() { try parts.add(field, reader) }
    let shape = parts.shape
    guard shape.isLegal else { throw DiagnosticError("\(title): shape \(shape) is not possible") }
    let count = shape.count
    func check(_ found: Int) throws(DiagnosticError) {
      if found != count {
        throw DiagnosticError("\(title): shape \(shape) needs \(count) values, the file has \(found)")
      }
    }
    let payload: BlobPayload
    if !parts.doubles.isEmpty {
      try check(parts.doubles.reduce(0) { $0 + $1.count / 8 })
      payload = .float(doubles(parts.doubles, shape))
    } else if let bytes = parts.int8 {
      try check(bytes.count)
      payload = .int8(shape, buffer.bytes[bytes].map { Int8(bitPattern: $0) })
    } else if !parts.int32.isEmpty {
      try check(parts.int32.count)
      payload = .int32(shape, parts.int32.map { Int32(truncatingIfNeeded: $0) })
    } else if !parts.uint64.isEmpty {
      try check(parts.uint64.count)
      payload = .uint64(shape, parts.uint64)
    } else {
      try check(parts.floats.reduce(0) { $0 + $1.count / 4 })
      payload = .float(floats(parts.floats, shape))
    }
    return BlobView(payload: payload, unknownBytes: parts.unknown)
  }

  /// What the fields of a blob say, before it is put together.
  private struct Parts {
    var legacy = [0, 0, 0, 0]
    var isLegacy = false
    var dims: [Int] = []
    var floats: [Range<Int>] = []
    var doubles: [Range<Int>] = []
    var int8: Range<Int>?
    var int32: [UInt64] = []
    var uint64: [UInt64] = []
    var unknown: [UInt8] = []

    var shape: Shape { Shape(isLegacy ? legacy : dims) }

    mutating func add(_ field: WireReader.Field, _ reader: WireReader) throws(WireError) {
      let malformed = WireError(reason: .malformed, offset: field.whole.lowerBound)
      switch (field.number, field.type) {
      case (1...4, .varint):
        legacy[field.number - 1] = Int(Int32(truncatingIfNeeded: field.varint))
        isLegacy = true
      case (5, .bytes), (5, .fixed32):
        guard field.payload.count % 4 == 0 else { throw malformed }
        if !field.payload.isEmpty { floats.append(field.payload) }
      case (7, .bytes):
        var inner = WireReader(reader.bytes, field.payload)
        while let dim = try inner.next() {
          if dim.number == 1 { dims += try inner.varints(dim).map { Int(Int64(bitPattern: $0)) } }
        }
      case (8, .bytes), (8, .fixed64):
        guard field.payload.count % 8 == 0 else { throw malformed }
        if !field.payload.isEmpty { doubles.append(field.payload) }
      case (10, .bytes): int8 = field.payload.isEmpty ? nil : field.payload
      case (11, .bytes), (11, .varint): int32 += try reader.varints(field)
      case (12, .bytes), (12, .varint): uint64 += try reader.varints(field)
      case (6, _), (9, _): break
      case (1...12, _): throw malformed
      default: unknown += reader.array(field.whole)
      }
    }
  }

  /// Floats that stand in one piece are borrowed, after moving them down to a 4-byte boundary if need be: over the tag
  /// and length before them, which nobody reads again. Others are copied.
  private func floats(_ pieces: [Range<Int>], _ shape: Shape) -> Tensor {
    if pieces.count == 1, let piece = pieces.first {
      let shift = piece.lowerBound % 4
      // A tag and a length are at least 2 bytes; longer payloads have longer lengths.
      if shift < 3 || piece.count >= 128 {
        let target = buffer.base + (piece.lowerBound - shift)
        if shift > 0 { memmove(target, buffer.base + piece.lowerBound, piece.count) }
        let pointer = UnsafePointer(target.bindMemory(to: Float.self, capacity: piece.count / 4))
        return Tensor(
          shape: shape, storage: TensorStorage(borrowing: pointer, count: piece.count / 4, owner: buffer))
      }
    }
    var out = Tensor(shape: shape)
    out.withMutable { view in
      var at = UnsafeMutableRawPointer(view.pointer)
      for piece in pieces {
        memcpy(at, buffer.base + piece.lowerBound, piece.count)
        at += piece.count
      }
    }
    return out
  }

  private func doubles(_ pieces: [Range<Int>], _ shape: Shape) -> Tensor {
    var out = Tensor(shape: shape)
    out.withMutable { view in
      var i = 0
      for piece in pieces {
        for offset in stride(from: piece.lowerBound, to: piece.upperBound, by: 8) {
          view[i] = Float(buffer.bytes.loadUnaligned(fromByteOffset: offset, as: Double.self))
          i += 1
        }
      }
    }
    return out
  }
}
