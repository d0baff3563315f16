import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("SPP layer") struct SPPLayerTests {
  let suite = LayerSuite(SPPLayer.self)
  private static func settings(_ text: String) -> String { "spp_param { \(text) }" }
  private static let map = Tensor(shape: [1, 1, 4, 4], (0..<16).map(Float.init))

  @Test func `two levels by hand`() throws {
    let y = try suite.top(Self.settings("pyramid_height: 2"), [Self.map])
    #expect(y.shape == [1, 5])
    #expect(y.array == [15, 5, 7, 13, 15])
    #expect(
      try suite.top(Self.settings("pyramid_height: 2 pool: AVE"), [Self.map]).array == [7.5, 2.5, 4.5, 10.5, 12.5])
  }

  @Test func `odd extents are padded, by hand`() throws {
    // 3 x 3 in two windows of 2, one place of padding before: places 0, then 1 and 2; the padding counts in means.
    let x = Tensor(shape: [1, 1, 3, 3], (1...9).map(Float.init))
    #expect(try suite.top(Self.settings("pyramid_height: 2"), [x]).array == [9, 1, 3, 7, 9])
    #expect(
      try suite.top(Self.settings("pyramid_height: 2 pool: AVE"), [x]).array
        == [5, 1.0 / 4, 5.0 / 4, 11.0 / 4, 28.0 / 4])
  }

  @Test func `channels of a level stand together, items apart`() throws {
    let x = Tensor(shape: [2, 2, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(try suite.refusal(Self.settings("pyramid_height: 2"), bottoms: [x.shape]).contains("cannot cut axis 2"))
    let y = try suite.top(Self.settings("pyramid_height: 1"), [x])
    #expect(y.shape == [2, 2, 1, 1])
    #expect(y.array == [2, 4, 6, 8])
    let wide = Tensor(shape: [2, 2, 2, 2], (0..<16).map(Float.init))
    #expect(
      try suite.top(Self.settings("pyramid_height: 2"), [wide]).array
        == [3, 7, 0, 1, 2, 3, 4, 5, 6, 7, 11, 15, 8, 9, 10, 11, 12, 13, 14, 15])
  }

  /// Caffe makes each level of a Pooling, a Flatten and one Concat.
  @Test(arguments: ["MAX", "AVE"]) func `levels are poolings`(_ pool: String) throws {
    let x = Tensor.random([2, 3, 6, 5], seed: 8)
    let y = try suite.top(Self.settings("pyramid_height: 2 pool: \(pool)"), [x])
    let pooling = LayerSuite(PoolingLayer.self)
    let one = try pooling.top("pooling_param { pool: \(pool) global_pooling: true }", [x])
    // 6 = 2 x 3; 5 = 2 x 3 - 1, one place of padding.
    let four = try pooling.top(
      "pooling_param { pool: \(pool) kernel_h: 3 kernel_w: 3 stride_h: 3 stride_w: 3 pad_h: 0 pad_w: 1 }", [x])
    #expect(four.shape == [2, 3, 2, 2])
    for n in 0..<2 {
      let want = Array(one.array[n * 3..<n * 3 + 3]) + four.array[n * 12..<n * 12 + 12]
      #expect(differences(Array(y.array[n * 15..<n * 15 + 15]), want) == "")
    }
  }

  @Test(arguments: [
    ("", "needs pyramid_height"), ("pyramid_height: 17", "pyramid_height must be at most 16, is 17"),
    ("pyramid_height: 1 pool: STOCHASTIC", "pool must be MAX or AVE"), ("pyramid_height: 4", "into 8 windows"),
  ]) func `it refuses`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("spp_param {\n\(settings)\n}", bottoms: [[1, 1, 4, 4]])
    #expect(said.contains(text), "\(said)")
    #expect(said.hasPrefix("case.prototxt:") != text.hasPrefix("into"), "\(said)")
  }
}
