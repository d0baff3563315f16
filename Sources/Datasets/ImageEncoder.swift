import CImages
import Diagnostics

/// A kind of image file that is written.
package enum EncodedKind: String, Sendable, CaseIterable {
  case png, jpg
}

extension DecodedImage {
  /// OpenCV's quality of JPEG files, which Caffe's tools write.
  private static let jpegQuality: Int32 = 95

  package init(height: Int, width: Int, channels: Int, samples: [UInt8]) {
    precondition(samples.count == height * width * channels, "samples and extents differ")
    self.init(height: height, width: width, channels: channels, pixels: samples)
  }

  /// The picture as a file's bytes.
  /// - Throws: an error at `location` when it cannot be packed: no memory, extents beyond the format.
  package func encoded(as kind: EncodedKind, at location: SourceLocation) throws(DiagnosticError) -> [UInt8] {
    var message = [CChar](repeating: 0, count: Int(CIMAGES_MESSAGE_SIZE))
    var file: UnsafeMutablePointer<UInt8>?
    var count = 0
    let size = CImagesSize(width: UInt32(width), height: UInt32(height), channels: UInt32(channels))
    let status = pixels.withUnsafeBufferPointer {
      cimages_encode($0.baseAddress, size, kind == .png ? 0 : Self.jpegQuality, &file, &count, &message)
    }
    guard status == 0, let file else {
      let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw DiagnosticError("cannot encode this image: \(text)", at: location)
    }
    defer { cimages_free(file) }
    return Array(UnsafeBufferPointer(start: file, count: count))
  }
}
