import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Pooling layer") struct PoolingLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("max 2x2", "pooling_param { kernel_size: 2 stride: 2 }", bottoms: [[2, 3, 6, 5]]),
    LayerCase("max 3x3 rounded up", "pooling_param { pool: MAX kernel_size: 3 stride: 2 }", bottoms: [[3, 17, 8, 8]]),
    LayerCase("max padded", "pooling_param { pad_h: 2 pad_w: 1 kernel_h: 3 kernel_w: 5 stride_h: 2 stride_w: 1 }",
      bottoms: [[1, 16, 7, 9]]),
    LayerCase("max rounded down", "pooling_param { kernel_size: 3 stride: 2 round_mode: FLOOR }", bottoms: [[1, 16, 8, 8]]),
    LayerCase("max with mask", "pooling_param { kernel_size: 3 stride: 2 pad: 1 }", bottoms: [[2, 5, 7, 6]], topCount: 2),
    LayerCase("average without padding", "pooling_param { pool: AVE kernel_size: 3 stride: 2 }", bottoms: [[2, 17, 8, 8]]),
    LayerCase("average padded", "pooling_param { pool: AVE kernel_size: 3 stride: 1 pad: 1 }", bottoms: [[1, 20, 6, 5]]),
    LayerCase("average beyond the padding", "pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 }",
      bottoms: [[2, 20, 8, 6]]),
    LayerCase("average, rounded down", "pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 ceil_mode: false }",
      bottoms: [[1, 3, 8, 8]]),
    LayerCase("global average", "pooling_param { pool: AVE global_pooling: true }", bottoms: [[3, 17, 7, 7]]),
    LayerCase("global maximum of 1x1", "pooling_param { global_pooling: true }", bottoms: [[1, 16, 1, 1]]),
  ]
  let suite = LayerSuite(PoolingLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  private let square = Tensor(shape: [1, 1, 3, 3], (1...9).map(Float.init))

  @Test func `windows at the edge are cut off, by hand`() throws {
    // 3x3, kernel 2, stride 2: ceil(1 / 2) + 1 = 2 windows a side; the averages are over 4, 2, 2 and 1 values.
    let max = try suite.top("pooling_param { kernel_size: 2 stride: 2 }", [square])
    #expect(max.shape == [1, 1, 2, 2])
    #expect(max.array == [5, 6, 8, 9])
    let average = try suite.top("pooling_param { pool: AVE kernel_size: 2 stride: 2 }", [square])
    #expect(average.array == [3, 4.5, 7.5, 9])
  }

  @Test func `the divisor counts padding but nothing beyond it, by hand`() throws {
    // 4x4 ones, kernel 3, stride 2, pad 1: ceil(3 / 2) + 1 = 3 windows from -1, 1, 3 to 2, 4, 5 (not 6: the padded end).
    // Lengths 3, 3, 2 with 2, 3, 1 real elements: fractions 2/3, 1, 1/2 a side.
    let top = try suite.top(
      "pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 }", [Tensor(shape: [1, 1, 4, 4], repeating: 1)])
    let side: [Float] = [2 / 3, 1, 1 / 2]
    let want = Tensor(shape: [1, 1, 3, 3], side.flatMap { a in side.map { a * $0 } })
    #expect(Agreement.ulps(2).firstDisagreement(top, want) == nil)
  }

  @Test(arguments: [
    // ceil((5 - 2) / 2) + 1 = 3 windows, the last from 4 - 1 = 3 on: stays for 3 + 2 rows.
    ("kernel_size: 2 stride: 2 pad: 1", 4, 3),
    // ceil((3 + 2 - 2) / 2) + 1 = 3, the last would start at 4 = 3 + 1: dropped.
    ("kernel_size: 2 stride: 2 pad: 1", 3, 2),
    // ceil(5 / 2) + 1 and floor(5 / 2) + 1
    ("kernel_size: 3 stride: 2", 8, 4),
    ("kernel_size: 3 stride: 2 round_mode: FLOOR", 8, 3),
    ("kernel_size: 3 stride: 2 ceil_mode: false", 8, 3),
  ]) func `extents are rounded and clipped as in Caffe`(_ text: String, _ extent: Int, _ top: Int) throws {
    let c = LayerCase("c", "pooling_param { \(text) }", bottoms: [[1, 1, extent, extent]])
    #expect(try suite.makeLayer(c).topShapes(c.bottoms) == [[1, 1, top, top]])
  }

  @Test func `the mask holds the index of the first maximum within its plane, by hand`() throws {
    let c = LayerCase("mask", "pooling_param { kernel_size: 2 stride: 1 }", bottoms: [[1, 2, 2, 3]], topCount: 2)
    let bottom = Tensor(shape: [1, 2, 2, 3], [1, 7, 2, 3, 7, 9, 4, 4, 4, 4, 4, 4])
    let tops = try suite.reference(c, [bottom], params: [])
    #expect(tops[0].array == [7, 9, 4, 4])
    #expect(tops[1].array == [1, 5, 0, 1])
  }

  @Test func `a window that starts beyond the image gives what Caffe gives`() throws {
    // 3 columns, kernel 1, stride 3: ceil(2 / 3) + 1 = 2 windows, the second from column 3 on is empty.
    let max = try suite.top("pooling_param { kernel_size: 1 stride: 3 }", [square])
    #expect(max.array == [1, -Float.greatestFiniteMagnitude, -Float.greatestFiniteMagnitude, -Float.greatestFiniteMagnitude])
    let average = try suite.top("pooling_param { pool: AVE kernel_size: 1 stride: 3 }", [square])
    #expect(average.array.map(\.isNaN) == [false, true, true, true])
    try suite.run(LayerCase("empty", "pooling_param { pool: AVE kernel_size: 1 stride: 3 }", bottoms: [[1, 17, 3, 3]]))
    try suite.run(LayerCase("empty", "pooling_param { kernel_size: 1 stride: 3 }", bottoms: [[1, 17, 3, 3]]))
  }

  @Test(arguments: [
    ("pool: STOCHASTIC kernel_size: 2", "pool: STOCHASTIC is not supported, only MAX and AVE"),
    ("pool: MAX", "needs kernel_size (or global_pooling)"),
    ("kernel_size: 0", "kernel_size must be at least 1 and below 2^31, is 0"),
    ("kernel_size: 2 stride: 0", "stride must be at least 1 and below 2^31, is 0"),
    ("kernel_size: 2 kernel_w: 2", "kernel_size and kernel_w are both set"),
    ("kernel_w: 2", "kernel_w needs kernel_h beside it"),
    ("kernel_size: 2 pad: 2", "pad 2 must be smaller than the kernel 2"),
    ("global_pooling: true kernel_size: 2", "global_pooling takes no kernel_size: its window is the whole plane"),
    ("global_pooling: true stride: 2", "global_pooling needs pad 0 and stride 1"),
    ("kernel_size: 2 round_mode: FLOOR ceil_mode: true", "round_mode and ceil_mode contradict each other"),
  ]) func `a wrong field is refused at its line`(_ text: String, _ message: String) throws {
    let said = try suite.refusal("pooling_param {\n\(text)\n}", bottoms: [[1, 6, 8, 8]])
    #expect(said.contains("error: layer 'l' (Pooling): \(message)"))
    #expect(said.hasPrefix("case.prototxt:2:") || said.hasPrefix("case.prototxt:3:"))
  }

  @Test func `bottoms that don't fit are refused`() throws {
    #expect(
      try suite.refusal("pooling_param { kernel_size: 2 }", bottoms: [[64, 500]])
        .contains("needs a bottom of [N, C, H, W], got [64, 500]"))
    #expect(
      try suite.refusal("pooling_param { kernel_size: 9 }", bottoms: [[1, 3, 10, 8]])
        .contains("has a kernel of 9 on axis 3, larger than its padded bottom [1, 3, 10, 8] (8 + 2 x 0)"))
    #expect(
      try suite.refusal("pooling_param { pool: AVE kernel_size: 2 }", bottoms: [[1, 3, 8, 8]], topCount: 2)
        .contains("AVE has none"))
  }
}
