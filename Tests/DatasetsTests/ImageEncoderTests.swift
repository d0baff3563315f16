import Diagnostics
import Tensors
import Testing

@testable import Datasets

@Suite("Image encoder") struct ImageEncoderTests {
  private let here = SourceLocation(file: "made.img")

  private func again(_ image: DecodedImage, _ kind: EncodedKind) throws -> DecodedImage {
    let bytes = try image.encoded(as: kind, at: here)
    #expect(bytes.starts(with: kind == .png ? [0x89, 0x50] : [0xff, 0xd8]))
    return try ImageDecoder.decode(FileBytes(copying: bytes, path: "made.img"), at: here)
  }

  @Test(arguments: [1, 3]) func `PNG keeps every sample`(_ channels: Int) throws {
    let pixels = (0..<5 * 7 * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let image = DecodedImage(height: 5, width: 7, channels: channels, samples: pixels)
    #expect(try again(image, .png) == image)
  }

  @Test(arguments: [1, 3]) func `JPEG keeps extents and comes near the samples`(_ channels: Int) throws {
    // A slow ramp: quality 95 errs by a few steps.
    let pixels = (0..<16 * 16 * channels).map { UInt8($0 / channels / 16 * 8 + 60) }
    let image = DecodedImage(height: 16, width: 16, channels: channels, samples: pixels)
    let read = try again(image, .jpg)
    #expect(read.height == 16 && read.width == 16 && read.channels == channels)
    #expect(zip(read.pixels, pixels).allSatisfy { abs(Int($0) - Int($1)) <= 6 })
  }

  @Test func `an image beyond what the format holds is refused`() {
    let image = DecodedImage(height: 1, width: 70_000, channels: 1, samples: [UInt8](repeating: 0, count: 70_000))
    #expect(
      message { _ = try image.encoded(as: .jpg, at: here) }.hasPrefix("made.img: error: cannot encode this image"))
  }
}
