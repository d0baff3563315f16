import Diagnostics

/// One record of an image database: what a Caffe LMDB stores under each key.
package struct Datum: Sendable, Equatable {
  package var channels = 0
  package var height = 0
  package var width = 0
  /// Pixels in C, H, W order, or a whole JPEG or PNG file when `isEncoded`.
  package var data: [UInt8] = []
  /// Numbers in C, H, W order, used when `data` is empty.
  package var floatData: [Float] = []
  /// `nil` when the record has none; Caffe reads 0 then.
  package var label: Int?
  package var isEncoded = false

  package init() {}

  /// - Parameter name: names the record in messages, e.g. its key.
  /// - Throws: bytes that are no Datum; sizes that don't match the pixels.
  package init(_ bytes: UnsafeRawBufferPointer, name: String) throws(DiagnosticError) {
    do throws(WireError) {
      var reader = WireReader(bytes, 0..<bytes.count)
      while let field = try reader.next() {
        switch (field.number, field.type) {
        case (1, .varint): channels = Int(Int32(truncatingIfNeeded: field.varint))
        case (2, .varint): height = Int(Int32(truncatingIfNeeded: field.varint))
        case (3, .varint): width = Int(Int32(truncatingIfNeeded: field.varint))
        case (4, .bytes): data = reader.array(field.payload)
        case (5, .varint): label = Int(Int32(truncatingIfNeeded: field.varint))
        case (6, .bytes), (6, .fixed32):
          for offset in stride(from: field.payload.lowerBound, to: field.payload.upperBound - 3, by: 4) {
            floatData.append(bytes.loadUnaligned(fromByteOffset: offset, as: Float.self))
          }
        case (7, .varint): isEncoded = field.varint != 0
        default: break
        }
      }
    } catch {
      throw DiagnosticError("record '\(name)' is not a Datum: bad protobuf at byte \(error.offset)")
    }
    if isEncoded { return }
    let (area, overflow) = height.multipliedReportingOverflow(by: width)
    let (count, overflow2) = area.multipliedReportingOverflow(by: channels)
    let found = data.isEmpty ? floatData.count : data.count
    if channels < 0 || height < 0 || width < 0 || overflow || overflow2 || count != found {
      throw DiagnosticError("record '\(name)' says \(channels)x\(height)x\(width) but holds \(found) values")
    }
  }

  package init(_ bytes: [UInt8], name: String) throws(DiagnosticError) {
    var result: Result<Datum, DiagnosticError> = .success(Datum())
    bytes.withUnsafeBytes { buffer in
      do throws(DiagnosticError) {
        result = .success(try Datum(buffer, name: name))
      } catch {
        result = .failure(error)
      }
    }
    self = try result.get()
  }

  /// The record in wire format.
  package var encoded: [UInt8] {
    var out = WireWriter()
    for (number, value) in [(1, channels), (2, height), (3, width)] { out.number(number, value) }
    if !data.isEmpty {
      out.header(4, length: data.count)
      out.append(data)
    }
    if let label { out.number(5, label) }
    // Not packed in Caffe's schema: a tag before each.
    for value in floatData {
      out.varint(6 << 3 | 5)
      out.append(withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) })
    }
    if isEncoded { out.number(7, 1) }
    return out.bytes
  }
}

extension WireWriter {
  /// A varint field; negative numbers take ten bytes, as protobuf's int32 does.
  mutating func number(_ number: Int, _ value: Int) {
    varint(UInt64(number) << 3)
    varint(UInt64(bitPattern: Int64(value)))
  }
}
