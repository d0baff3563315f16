import Diagnostics
import Tensors
import Testing

@testable import Datasets

@Suite("Preprocessing") struct PreprocessingTests {
  private let place = ImagePlace(location: SourceLocation(file: "cat.png"))

  private func run(
    _ preprocessing: Preprocessing, _ pixels: [UInt8], _ size: (c: Int, h: Int, w: Int), to shape: Shape,
    order: ChannelOrder = .rgb, orderWhenUnsaid: ChannelOrder? = .bgr
  ) throws -> [Float] {
    var out = Tensor(shape: shape)
    try pixels.withUnsafeBufferPointer { buffer throws(DiagnosticError) in
      guard let base = buffer.baseAddress else { return }
      let raster = Raster.interleaved(
        base, channels: size.c, height: size.h, width: size.w, order: order, orderWhenUnsaid: orderWhenUnsaid)
      try out.withMutable { view throws(DiagnosticError) in
        try preprocessing.apply(raster, at: place, into: view, shape: shape)
      }
    }
    return out.array
  }

  @Test func `2 x 2 becomes 4 x 4 with half-pixel centres`() throws {
    // s = (i + 0.5) * 2 / 4 - 0.5 = -0.25, 0.25, 0.75, 1.25, clamped to 0, 0.25, 0.75, 1.
    // Upper row 0, 64 gives 0, 16, 48, 64; each row down adds 128 times its own weight: 0, 32, 96, 128.
    let out = try run(.init(resize: .exact(.init(height: 4, width: 4))), [0, 64, 128, 192], (1, 2, 2), to: [1, 4, 4])
    #expect(out == [0, 16, 48, 64, 32, 48, 80, 96, 96, 112, 144, 160, 128, 144, 176, 192])
  }

  @Test func `shrinking takes two neighbours and smooths nothing`() throws {
    // s = (i + 0.5) * 6 / 2 - 0.5 = 1, 4: the samples themselves.
    let out = try run(
      .init(resize: .exact(.init(height: 1, width: 2))), [9, 20, 9, 9, 70, 9], (1, 1, 6), to: [1, 1, 2])
    #expect(out == [20, 70])
  }

  @Test func `resized values are not rounded to whole steps`() throws {
    // Middle of 1 and 2.
    let out = try run(.init(resize: .exact(.init(height: 1, width: 1))), [1, 2], (1, 1, 2), to: [1, 1, 1])
    #expect(out == [1.5])
  }

  @Test(arguments: [
    (100, 200, 50, 50, 100), (200, 100, 50, 100, 50), (3, 5, 2, 2, 3), (2, 5, 1, 1, 3), (7, 9, 7, 7, 9),
    (256, 341, 224, 224, 298),
  ])
  func `the longer side keeps the proportion, rounded to nearest`(_ h: Int, _ w: Int, _ n: Int, _ H: Int, _ W: Int) {
    // 5 * 2 / 3 = 3.33 -> 3; 5 * 1 / 2 = 2.5 -> 3; 341 * 224 / 256 = 298.375 -> 298
    #expect(Resize.shorter(n).applied(to: .init(height: h, width: w)) == Extent(height: H, width: W))
  }

  @Test func `the crop begins at half the excess, rounded down`() throws {
    // 4 x 5 to 1 x 2: rows begin at floor(3 / 2) = 1, columns at floor(3 / 2) = 1.
    let pixels = (0..<20).map { UInt8($0) }
    #expect(try run(.init(crop: .init(height: 1, width: 2)), pixels, (1, 4, 5), to: [1, 1, 2]) == [6, 7])
  }

  @Test func `a crop of a resized image equals the middle of the whole resized image`() throws {
    let pixels = (0..<35).map { UInt8($0 * 7 % 256) }
    let resize = Resize.exact(.init(height: 9, width: 12))
    let whole = try run(.init(resize: resize), pixels, (1, 5, 7), to: [1, 9, 12])
    let part = try run(.init(resize: resize, crop: .init(height: 4, width: 5)), pixels, (1, 5, 7), to: [1, 4, 5])
    // floor(5 / 2) = 2 rows and floor(7 / 2) = 3 columns before it.
    #expect(part == (2..<6).flatMap { y in (3..<8).map { x in whole[y * 12 + x] } })
  }

  @Test func `channels come in planes and in the order said, BGR unless said`() throws {
    let pixels: [UInt8] = [1, 2, 3, 4, 5, 6]
    func planes(_ order: ChannelOrder?) throws -> [Float] {
      try run(.init(channelOrder: order), pixels, (3, 1, 2), to: [3, 1, 2])
    }
    #expect(try planes(.rgb) == [1, 4, 2, 5, 3, 6])
    #expect(try planes(.bgr) == [3, 6, 2, 5, 1, 4])
    #expect(try planes(nil) == [3, 6, 2, 5, 1, 4])
    let asStored = try run(.init(), pixels, (3, 1, 2), to: [3, 1, 2], orderWhenUnsaid: nil)
    #expect(asStored == [1, 4, 2, 5, 3, 6])
    let kept = try run(.init(channelOrder: .bgr), pixels, (3, 1, 2), to: [3, 1, 2], order: .bgr)
    #expect(kept == [1, 4, 2, 5, 3, 6])
  }

  @Test func `grey is repeated where 3 channels are wanted`() throws {
    #expect(try run(.init(channelOrder: .rgb), [7, 8], (1, 1, 2), to: [3, 1, 2]) == [7, 8, 7, 8, 7, 8])
  }

  @Test(arguments: [ChannelOrder.rgb, .bgr])
  func `colour becomes grey by BT.601 weights`(_ order: ChannelOrder) throws {
    // 0.299 * 100 + 0.587 * 200 + 0.114 * 50 = 29.9 + 117.4 + 5.7 = 153
    let pixels: [UInt8] = order == .rgb ? [100, 200, 50] : [50, 200, 100]
    let one = try run(.init(channelOrder: .gray), pixels, (3, 1, 1), to: [1, 1, 1], order: order)
    #expect(abs(one[0] - 153) < 1e-4)
    let three = try run(.init(channelOrder: .gray), pixels, (3, 1, 1), to: [3, 1, 1], order: order)
    #expect(three == [one[0], one[0], one[0]])
    #expect(try run(.init(), pixels, (3, 1, 1), to: [1, 1, 1], order: order) == one)
  }

  @Test func `the mean is subtracted first, in the net's channel order, then scaled`() throws {
    // BGR of (30, 20, 10) is 10, 20, 30; minus 1, 2, 3 is 9, 18, 27; times 0.5.
    let preprocessing = Preprocessing(mean: .values([1, 2, 3]), scale: 0.5)
    #expect(try run(preprocessing, [30, 20, 10], (3, 1, 1), to: [3, 1, 1]) == [4.5, 9, 13.5])
    #expect(try run(.init(mean: .values([4])), [30, 20, 10], (3, 1, 1), to: [3, 1, 1]) == [6, 16, 26])
  }

  @Test func `a larger mean image is cropped where the image is`() throws {
    let mean = Tensor(shape: [1, 3, 4], (0..<12).map { Float($0) })
    // 2 x 2 of 3 x 4 begins at row floor(1 / 2) = 0, column floor(2 / 2) = 1: mean 1, 2, 5, 6.
    let preprocessing = Preprocessing(crop: .init(height: 2, width: 2), mean: .image(mean))
    let pixels = [UInt8](repeating: 10, count: 12)
    #expect(try run(preprocessing, pixels, (1, 3, 4), to: [1, 2, 2]) == [9, 8, 5, 4])
  }

  @Test func `misfits name both sizes and a way out`() {
    func text(_ p: Preprocessing, _ size: (c: Int, h: Int, w: Int), _ shape: Shape) -> String {
      message { _ = try run(p, [UInt8](repeating: 0, count: size.c * size.h * size.w), size, to: shape) }
    }
    #expect(
      text(.init(), (3, 4, 5), [3, 2, 2])
        == "cat.png: error: the image is 4 x 5 after preprocessing, the net's input is 2 x 2 (height x width)\n"
        + "help: say a crop or a resize to 2 x 2")
    #expect(
      text(.init(crop: .init(height: 8, width: 8)), (3, 4, 5), [3, 8, 8]).contains(
        "is 4 x 5 after resizing, smaller than the crop of 8 x 8"))
    #expect(text(.init(), (1, 4, 5), [4, 4, 5]) == "cat.png: error: the image has 1 channels, the net's input 4")
    #expect(text(.init(channelOrder: .bgr), (3, 4, 5), [1, 4, 5]).contains("help: say the channel order GRAY"))
    #expect(
      text(.init(mean: .values([1, 2])), (3, 4, 5), [3, 4, 5])
        == "error: the mean has 2 values, the net's input 3 channels")
    let small = Tensor(shape: [3, 2, 5])
    #expect(
      text(.init(mean: .image(small)), (3, 4, 5), [3, 4, 5]).contains(
        "[3, 2, 5], which does not cover the net's input [3, 4, 5]"))
    #expect(text(.init(), (3, 4, 5), [60]).contains("one item of this net's input has shape [60]"))
  }
}
