import CImages
import Diagnostics
import Tensors

/// A decoded picture: 8-bit samples, interleaved, rows from the top; grey (1 channel) or red, green, blue (3 channels).
package struct DecodedImage: Sendable, Equatable {
  package let height: Int
  package let width: Int
  package let channels: Int
  /// `[height, width, channels]` in C order.
  package let pixels: [UInt8]
}

/// Decodes JPEG and PNG; the format is told by the file's first bytes, not by its name.
///
/// Alpha is dropped, palettes are looked up, 16-bit samples keep their high byte, CMYK becomes RGB. A rotation noted in
/// EXIF is not applied, as in Caffe.
package enum ImageDecoder {
  /// More pixels than this are refused before anything is allocated.
  package static let pixelLimit = 1 << 28

  /// - Throws: an error at `path`: not readable, neither JPEG nor PNG, damaged, cut off, or too large.
  package static func decode(file path: String) throws(DiagnosticError) -> DecodedImage {
    try decode(FileBytes(path), at: SourceLocation(file: path))
  }

  /// - Parameter location: the place errors name.
  package static func decode(_ bytes: FileBytes, at location: SourceLocation) throws(DiagnosticError) -> DecodedImage {
    try bytes.withBytes { bytes throws(DiagnosticError) in try decode(bytes, at: location) }
  }

  /// Extents and format by the file's header alone.
  static func info(_ bytes: FileBytes, at location: SourceLocation) throws(DiagnosticError) -> ImageInfo {
    try bytes.withBytes { bytes throws(DiagnosticError) in
      let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      var message = [CChar](repeating: 0, count: Int(CIMAGES_MESSAGE_SIZE))
      var size = CImagesSize()
      guard bytes.count > 0, cimages_size(start, bytes.count, &size, &message) == 0 else {
        let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        throw DiagnosticError(
          "cannot decode this image: \(bytes.count == 0 ? "the file is empty" : text)", at: location)
      }
      return ImageInfo(
        shape: [Int(size.channels), Int(size.height), Int(size.width)], storage: bytes[0] == 0xff ? "JPEG" : "PNG")
    }
  }

  private static func decode(
    _ bytes: UnsafeRawBufferPointer, at location: SourceLocation
  ) throws(DiagnosticError) -> DecodedImage {
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    var message = [CChar](repeating: 0, count: Int(CIMAGES_MESSAGE_SIZE))
    func failure() -> DiagnosticError {
      let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return DiagnosticError("cannot decode this image: \(text)", at: location)
    }
    if bytes.count == 0 { throw DiagnosticError("cannot decode this image: the file is empty", at: location) }
    var size = CImagesSize()
    if cimages_size(start, bytes.count, &size, &message) != 0 { throw failure() }
    let (height, width, channels) = (Int(size.height), Int(size.width), Int(size.channels))
    // Both extents are below 2^32, so the product of two fits in 64 bits unsigned; compare without it.
    guard width > 0, height > 0, height <= pixelLimit / width else {
      throw DiagnosticError("an image of \(width) x \(height) pixels is beyond what is decoded (2^28)", at: location)
    }
    var status: Int32 = 0
    let byteCount = height * width * channels
    let pixels = [UInt8](unsafeUninitializedCapacity: byteCount) { room, used in
      status = cimages_decode(start, bytes.count, size, room.baseAddress, &message)
      used = status == 0 ? byteCount : 0
    }
    if status != 0 { throw failure() }
    return DecodedImage(height: height, width: width, channels: channels, pixels: pixels)
  }
}
