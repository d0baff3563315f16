import Diagnostics
import Glibc

/// The element types of `.npy` files that are read; the raw value is NumPy's `descr` text.
package enum NumpyElement: String, Sendable, CaseIterable {
  case bool = "|b1"
  case int8 = "|i1"
  case uint8 = "|u1"
  case int16 = "<i2"
  case uint16 = "<u2"
  case int32 = "<i4"
  case uint32 = "<u4"
  case int64 = "<i8"
  case uint64 = "<u8"
  case float32 = "<f4"
  case float64 = "<f8"

  package var byteCount: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  package var isInteger: Bool { self != .bool && self != .float32 && self != .float64 }
  /// NumPy's name: "float32", "uint8".
  package var name: String { "\(self)" }
}

/// A Swift type that `.npy` files hold.
package protocol NumpyScalar: BitwiseCopyable, Sendable {
  static var numpyElement: NumpyElement { get }
  /// The value as float32, rounded to nearest even where it needs more digits.
  var asFloat: Float { get }
}

extension Int8: NumpyScalar {
  package static var numpyElement: NumpyElement { .int8 }
  @inlinable package var asFloat: Float { Float(self) }
}
extension UInt8: NumpyScalar {
  package static var numpyElement: NumpyElement { .uint8 }
  @inlinable package var asFloat: Float { Float(self) }
}
extension Int16: NumpyScalar {
  package static var numpyElement: NumpyElement { .int16 }
  @inlinable package var asFloat: Float { Float(self) }
}
extension UInt16: NumpyScalar {
  package static var numpyElement: NumpyElement { .uint16 }
  @inlinable package var asFloat: Float { Float(self) }
}
extension Int32: NumpyScalar {
  package static var numpyElement: NumpyElement { .int32 }
  @inlinable package var asFloat: Float { Float(self) }
}
extension UInt32: NumpyScalar {
  package static var numpyElement: NumpyElement { .uint32 }
  @inlinable package var asFloat: Float { Float(self) }
}
extension Int64: NumpyScalar {
  package static var numpyElement: NumpyElement { .int64 }
  @inlinable package var asFloat: Float { Float(self) }
}
extension UInt64: NumpyScalar {
  package static var numpyElement: NumpyElement { .uint64 }
  @inlinable package var asFloat: Float { Float(self) }
}
extension Float: NumpyScalar {
  package static var numpyElement: NumpyElement { .float32 }
  @inlinable package var asFloat: Float { self }
}
extension Double: NumpyScalar {
  package static var numpyElement: NumpyElement { .float64 }
  @inlinable package var asFloat: Float { Float(self) }
}

/// An array as a `.npy` file holds it: C order, little-endian, in the file's own element type.
package struct NumpyArray: Sendable {
  package let shape: Shape
  package let element: NumpyElement
  private let file: FileBytes
  private let offset: Int

  /// - Precondition: `file` holds exactly `shape.count` elements from `offset` on.
  init(shape: Shape, element: NumpyElement, file: FileBytes, offset: Int) {
    precondition(offset + shape.count * element.byteCount == file.count, "array and file differ in size")
    self.shape = shape
    self.element = element
    self.file = file
    self.offset = offset
  }

  /// float32 numbers that were read from another kind of file; `path` names that.
  /// - Precondition: `values` fills `shape`.
  package init(shape: Shape, _ values: [Float], path: String) {
    let bytes = values.withUnsafeBytes { Array($0) }
    self.init(shape: shape, element: .float32, file: FileBytes(copying: bytes, path: path), offset: 0)
  }

  package var path: String { file.path }
  package var count: Int { shape.count }

  /// Calls `body` with the raw elements; they may lie unaligned.
  package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(file) {} }
    return try body(UnsafeRawBufferPointer(rebasing: file.buffer[offset...]))
  }

  /// Writes the elements of `range` to `out` as float32.
  /// - Precondition: `range` lies in the array and `out` has its length.
  package func copyFloats(_ range: Range<Int>, into out: MutableFloatView) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count && range.count == out.count, "range and room differ")
    switch element {
    case .float32: withBytes { copyBits($0, range, out) }
    case .float64: convert(Double.self, range, out)
    case .int8: convert(Int8.self, range, out)
    case .uint8, .bool: convert(UInt8.self, range, out)
    case .int16: convert(Int16.self, range, out)
    case .uint16: convert(UInt16.self, range, out)
    case .int32: convert(Int32.self, range, out)
    case .uint32: convert(UInt32.self, range, out)
    case .int64: convert(Int64.self, range, out)
    case .uint64: convert(UInt64.self, range, out)
    }
  }

  /// All elements as float32 under the array's shape; aligned float32 memory is shared with the file, not copied.
  /// - Throws: an error at the file when it holds more elements than a blob may.
  package func floatTensor() throws(DiagnosticError) -> Tensor {
    guard shape.isLegal else {
      throw DiagnosticError(
        "shape \(shape) has more elements than a blob may have (\(Shape.countLimit))", at: SourceLocation(file: path))
    }
    if element == .float32, offset % 64 == 0, let base = file.buffer.baseAddress {
      let floats = (base + offset).assumingMemoryBound(to: Float.self)
      return Tensor(shape: shape, storage: TensorStorage(borrowing: floats, count: count, owner: file))
    }
    var out = Tensor(shape: shape)
    out.withMutable { copyFloats(0..<count, into: $0) }
    return out
  }

  /// All elements as integers, in C order.
  /// - Throws: an error at the file when the element type is no integer type or a value passes 64 signed bits.
  package func integers() throws(DiagnosticError) -> [Int] {
    let location = SourceLocation(file: path)
    guard element.isInteger else {
      throw DiagnosticError("integers are wanted here, not \(element.name)", at: location)
    }
    let values: [Int?] =
      switch element {
      case .int8: wide(Int8.self)
      case .uint8: wide(UInt8.self)
      case .int16: wide(Int16.self)
      case .uint16: wide(UInt16.self)
      case .int32: wide(Int32.self)
      case .uint32: wide(UInt32.self)
      case .int64: wide(Int64.self)
      default: wide(UInt64.self)
      }
    guard values.allSatisfy({ $0 != nil }) else {
      throw DiagnosticError("a value is larger than 64 signed bits hold", at: location)
    }
    return values.compactMap { $0 }
  }

  private func wide<T: NumpyScalar & FixedWidthInteger>(_: T.Type) -> [Int?] {
    withBytes { bytes in
      (0..<count).map { Int(exactly: bytes.loadUnaligned(fromByteOffset: $0 * T.numpyElement.byteCount, as: T.self)) }
    }
  }

  private func copyBits(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ out: MutableFloatView) {
    if let base = bytes.baseAddress, !range.isEmpty {
      memcpy(out.pointer, base + range.lowerBound * 4, range.count * 4)
    }
  }

  private func convert<T: NumpyScalar>(_: T.Type, _ range: Range<Int>, _ out: MutableFloatView) {
    withBytes { bytes in
      for i in 0..<range.count {
        let at = (range.lowerBound + i) * MemoryLayout<T>.stride
        out[i] = bytes.loadUnaligned(fromByteOffset: at, as: T.self).asFloat
      }
    }
  }
}
