import Diagnostics
import Foundation
import Tensors
import Testing

@testable import Datasets

@Suite("Image decoder") struct ImageDecoderTests {
  // The numbers of make_fixtures.py.
  private let rgb: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 40, 50, 60, 70, 80, 90]
  private let grey: [UInt8] = [0, 100, 200, 50, 150, 250]

  private func decode(_ bytes: [UInt8]) throws -> DecodedImage {
    try ImageDecoder.decode(FileBytes(copying: bytes, path: "x"), at: SourceLocation(file: "x"))
  }

  @Test(arguments: ["rgb8.png", "rgba8.png", "rgb16.png", "palette.png"])
  func `colour PNG of any kind becomes RGB without alpha`(_ name: String) throws {
    #expect(
      try ImageDecoder.decode(file: Fixture.path(name)) == DecodedImage(height: 2, width: 3, channels: 3, pixels: rgb))
  }

  @Test(arguments: ["grey8.png", "greyalpha8.png", "grey16.png"])
  func `grey PNG stays one channel`(_ name: String) throws {
    #expect(
      try ImageDecoder.decode(file: Fixture.path(name)) == DecodedImage(height: 2, width: 3, channels: 1, pixels: grey))
  }

  @Test func `one bit per pixel is black and white`() throws {
    #expect(try ImageDecoder.decode(file: Fixture.path("grey1.png")).pixels == [255, 0, 255, 0, 255, 0])
  }

  @Test func `JPEG colours come out in the order red, green, blue`() throws {
    let image = try ImageDecoder.decode(file: Fixture.path("colour.jpg"))
    #expect(image.height == 8 && image.width == 16 && image.channels == 3)
    // Flat blocks at quality 100 differ from the input by the rounding of the colour transform alone.
    for x in 0..<16 {
      let wanted: [Int] = x < 8 ? [200, 30, 40] : [20, 60, 220]
      for c in 0..<3 { #expect(abs(Int(image.pixels[x * 3 + c]) - wanted[c]) <= 2) }
    }
  }

  @Test func `grey JPEG stays one channel`() throws {
    let image = try ImageDecoder.decode(file: Fixture.path("grey.jpg"))
    #expect(image.channels == 1)
    #expect(abs(Int(image.pixels[0]) - 30) <= 1 && abs(Int(image.pixels[15]) - 220) <= 1)
  }

  @Test func `CMYK JPEG becomes RGB`() throws {
    let image = try ImageDecoder.decode(file: Fixture.path("cmyk.jpg"))
    #expect(image.channels == 3)
    // 200 * 204 / 255 = 160, 100 * 204 / 255 = 80, 50 * 204 / 255 = 40
    for (c, wanted) in [160, 80, 40].enumerated() { #expect(abs(Int(image.pixels[c]) - wanted) <= 2) }
  }

  @Test(arguments: ["rgb8.png", "palette.png", "grey16.png", "colour.jpg", "grey.jpg", "cmyk.jpg"])
  func `a cut off image is an error wherever it is cut`(_ name: String) throws {
    let whole = try Fixture.bytes(name)
    // The pixels are complete without PNG's last chunk (12 bytes) and without JPEG's last marker (2 bytes), so
    // decoders may succeed there; before that they must not.
    let spare = name.hasSuffix("png") ? 16 : 4
    for length in 0..<(whole.count - spare) {
      #expect(throws: DiagnosticError.self, "cut to \(length)") { try decode(Array(whole[..<length])) }
    }
  }

  @Test(arguments: ["rgb8.png", "palette.png", "colour.jpg", "cmyk.jpg"])
  func `any changed byte gives an image or an error, never a trap`(_ name: String) throws {
    let whole = try Fixture.bytes(name)
    for at in whole.indices {
      for value: UInt8 in [0, 0x7f, 0xff, whole[at] ^ 0x10] {
        var copy = whole
        copy[at] = value
        // A changed extent of a JPEG may be honest and large; that is time, not a defect.
        if let image = try? decode(copy) { #expect(image.pixels.count == image.height * image.width * image.channels) }
      }
    }
  }

  @Test func `an image of absurd size is refused before memory is taken for it`() {
    #expect(
      message { _ = try ImageDecoder.decode(file: Fixture.path("huge.png")) }
        == Fixture.path("huge.png") + ": error: an image of 65536 x 65536 pixels is beyond what is decoded (2^28)")
  }

  @Test func `other files are named with what they are not`() {
    #expect(
      message { _ = try decode(Array("GIF89a".utf8)) }
        == "x: error: cannot decode this image: this is neither a JPEG nor a PNG image")
    #expect(message { _ = try decode([]) } == "x: error: cannot decode this image: the file is empty")
    #expect(
      message { _ = try ImageDecoder.decode(file: "/no/such.png") }
        == "/no/such.png: error: cannot read this: No such file or directory")
  }
}
