import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("InnerProduct layer") struct InnerProductLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("of an image", "inner_product_param { num_output: 10 }", bottoms: [[3, 17, 2, 3]]),
    LayerCase("no bias", "inner_product_param { num_output: 3 bias_term: false }", bottoms: [[1, 64]]),
    LayerCase("axis 2", "inner_product_param { num_output: 7 axis: 2 }", bottoms: [[2, 6, 5, 3]]),
    LayerCase("last axis", "inner_product_param { num_output: 4 axis: -1 }", bottoms: [[2, 3, 5]]),
    LayerCase("transposed", "inner_product_param { num_output: 5 transpose: true }", bottoms: [[2, 9]]),
    LayerCase("several slices", "inner_product_param { num_output: 170 }", bottoms: [[3, 100]]),
    LayerCase("several slices, one row", "inner_product_param { num_output: 130 }", bottoms: [[1, 77]]),
    LayerCase(
      "several slices, transposed", "inner_product_param { num_output: 100 transpose: true }", bottoms: [[2, 4, 11]]),
  ]
  let suite = LayerSuite(InnerProductLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `two outputs of three inputs, by hand`() throws {
    // x = 1 10 100. Rows 1 2 3 and 4 5 6 give 321 and 654; stored as [3, 2], the outputs read 1 3 5 and 2 4 6: 531 and
    // 642. Plus bias 0.5 and -1.
    let x = Tensor(shape: [1, 3, 1, 1], [1, 10, 100])
    let bias = Tensor(shape: [2], [0.5, -1])
    let plain = try suite.top(
      "inner_product_param { num_output: 2 }", [x], params: [Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6]), bias])
    #expect(plain.shape == [1, 2])
    #expect(plain.array == [321.5, 653])
    let transposed = try suite.top(
      "inner_product_param { num_output: 2 transpose: true }", [x],
      params: [Tensor(shape: [3, 2], [1, 2, 3, 4, 5, 6]), bias])
    #expect(transposed.array == [531.5, 641])
  }

  /// Long sums of AlexNet's fc6 and VGG's fc6, which oneDNN alone adds up in another order per thread count.
  @Test(arguments: [4096, 8192, 9216, 25088], [1, 2, 16])
  func `bits do not depend on the number of threads`(_ inputs: Int, _ rows: Int) throws {
    for outputs in [10, 100, 192] {
      let c = LayerCase("long", "inner_product_param { num_output: \(outputs) }", bottoms: [[rows, inputs]])
      let layer = try suite.makeLayer(c)
      let shapes = LayerShapes(bottoms: c.bottoms, tops: try layer.topShapes(c.bottoms))
      let weights = Tensor.random([outputs, inputs], seed: 1)
      let x = Tensor.random([rows, inputs], seed: 2)
      var tops: [Tensor] = []
      for threads in [1, 2, 4] {
        let backend = Backend(threads: threads)
        backend.enter()
        let context = KernelContext(
          shapes: shapes, params: [weights, Tensor(shape: [outputs])], bottomLayouts: [.plain([rows, inputs])],
          backend: backend)
        let kernel = try #require(try layer.makeKernel(context))
        tops += try LayerSuite.run(kernel, [x], shapes, backend)
      }
      #expect(tops[0] == tops[1], "\(outputs) outputs, 2 threads")
      #expect(tops[0] == tops[2], "\(outputs) outputs, 4 threads")
    }
  }

  @Test func `multiply-accumulates and quantization`() throws {
    let c = LayerCase("c", "inner_product_param { num_output: 10 axis: 2 transpose: true }", bottoms: [[2, 3, 5]])
    let layer = try suite.makeLayer(c)
    let shapes = LayerShapes(bottoms: c.bottoms, tops: try layer.topShapes(c.bottoms))
    #expect(shapes.tops == [[2, 3, 10]])
    #expect(layer.macs(shapes) == 2 * 3 * 5 * 10)
    #expect(layer.quantization == .weightsAndData(channelWise: false, outputAxis: 1))
  }

  @Test(arguments: [
    ("num_output: 0", "num_output must be positive, is 0"),
    ("", "needs num_output"),
    ("num_output: 5 axis: 3", "has axis 3, outside its bottom [2, 6, 5]"),
    ("num_output: 2147483647", "would need weights of [2147483647, 30]"),
  ]) func `wrong settings are refused`(_ text: String, _ message: String) throws {
    #expect(try suite.refusal("inner_product_param { \(text) }", bottoms: [[2, 6, 5]]).contains(message))
  }
}
