import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Im2col layer") struct Im2colLayerTests {
  let suite = LayerSuite(Im2colLayer.self)
  private static func settings(_ text: String) -> String { "convolution_param { \(text) }" }

  @Test func `windows of 3 x 3 by hand`() throws {
    let y = try suite.top(Self.settings("kernel_size: 2"), [Tensor(shape: [1, 1, 3, 3], (1...9).map(Float.init))])
    #expect(y.shape == [1, 4, 2, 2])
    // Upper left taps of the four windows, upper right ones, ...
    #expect(y.array == [1, 2, 4, 5, 2, 3, 5, 6, 4, 5, 7, 8, 5, 6, 8, 9])
  }

  @Test func `taps outside are zero, strides and dilations spread, by hand`() throws {
    // 1 2 3 4 5, taps 2 apart from -1 on, windows 2 apart: (-1, 1), (1, 3), (3, 5).
    let y = try suite.top(
      Self.settings("kernel_size: 2 dilation: 2 pad: 1 stride: 2"), [Tensor(shape: [1, 1, 5], [1, 2, 3, 4, 5])])
    #expect(y.shape == [1, 2, 3])
    #expect(y.array == [0, 2, 4, 2, 4, 0])
  }

  /// A convolution is a product of its weights with these columns.
  @Test(
    arguments: [
      ("kernel_h: 3 kernel_w: 2 stride_h: 1 stride_w: 2 pad_h: 1 pad_w: 0", [2, 3, 5, 7]),
      ("kernel_size: 2 kernel_size: 1 kernel_size: 3 pad: 1", [2, 2, 3, 2, 4]),
      ("kernel_size: 3 dilation: 2 group: 2", [1, 2, 7, 5]),
    ] as [(String, [Int])])
  func `columns are what Convolution sums`(_ window: String, _ dims: [Int]) throws {
    let x = Tensor.random(Shape(dims), seed: 2)
    let columns = try suite.top(Self.settings(window), [x])
    let convolution = LayerSuite(ConvolutionLayer.self)
    let settings = Self.settings("num_output: 1 bias_term: false " + window.replacing("group: 2", with: ""))
    let c = LayerCase("c", settings, bottoms: [x.shape])
    let w = Tensor.random(try convolution.makeLayer(c).paramBlobs(c.bottoms)[0].shape, seed: 3)
    let y = try convolution.top(settings, [x], params: [w])
    #expect(columns.shape.dims == [dims[0], w.count] + y.shape.dims[2...])
    let inner = y.shape.count(from: 2)
    var sums = [Float](repeating: 0, count: y.count)
    for n in 0..<dims[0] {
      for k in 0..<w.count {
        for p in 0..<inner { sums[n * inner + p] += w[k] * columns[(n * w.count + k) * inner + p] }
      }
    }
    #expect(differences(y.array, sums, 1e-5) == "")
  }

  @Test(arguments: [
    ("pad: 1", "needs kernel_size"), ("kernel_size: 0", "kernel_size must be at least 1"),
    ("kernel_size: 9", "has a kernel of 9 on axis 2"),
    ("kernel_size: 2147483647 pad: 2147483647", "would make a top of"),
  ]) func `it refuses`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("convolution_param {\n\(settings)\n}", bottoms: [[1, 1, 4, 4]])
    #expect(said.contains(text), "\(said)")
    #expect(said.hasPrefix("case.prototxt:") != (text.hasPrefix("has") || text.hasPrefix("would")), "\(said)")
  }
}
