import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Deconvolution layer") struct DeconvolutionLayerTests {
  static let cases: [LayerCase] = [
    LayerCase(
      "upsampling by 2", "convolution_param { num_output: 16 kernel_size: 4 stride: 2 pad: 1 }",
      bottoms: [[2, 16, 5, 4]]),
    LayerCase(
      "odd channels", "convolution_param { num_output: 3 kernel_size: 3 stride: 2 }", bottoms: [[1, 17, 4, 3]]),
    LayerCase(
      "groups",
      "convolution_param { num_output: 15 group: 3 kernel_h: 4 kernel_w: 5 stride_h: 2 stride_w: 3 pad_w: 1 }",
      bottoms: [[3, 12, 5, 4]]),
    LayerCase(
      "one channel per group",
      "convolution_param { num_output: 21 group: 21 kernel_size: 4 stride: 2 pad: 1 bias_term: false }",
      bottoms: [[1, 21, 5, 5]]),
    LayerCase("dilation", "convolution_param { num_output: 4 kernel_size: 3 dilation: 2 }", bottoms: [[1, 5, 4, 4]]),
    LayerCase(
      "gaps between windows", "convolution_param { num_output: 4 kernel_size: 1 stride: 3 }", bottoms: [[1, 3, 3, 3]]),
    LayerCase("1x1", "convolution_param { num_output: 8 kernel_size: 3 }", bottoms: [[1, 4, 1, 1]]),
    LayerCase(
      "one spatial axis", "convolution_param { num_output: 6 kernel_size: 3 stride: 2 }", bottoms: [[2, 4, 5]]),
    LayerCase(
      "three spatial axes", "convolution_param { num_output: 4 kernel_size: 2 stride: 2 }", bottoms: [[1, 3, 2, 3, 2]]),
    LayerCase(
      "two bottoms", "convolution_param { num_output: 4 kernel_size: 2 }", bottoms: [[1, 3, 2, 3], [1, 3, 2, 3]],
      topCount: 2),
  ]
  let suite = LayerSuite(DeconvolutionLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `windows are added where they overlap, by hand`() throws {
    // [1 2; 3 4] spread by the kernel [1 2; 3 4]; the middle gets 1 x 4 + 2 x 3 + 3 x 2 + 4 x 1 = 20.
    let top = try suite.top(
      "convolution_param { num_output: 1 kernel_size: 2 bias_term: false }",
      [Tensor(shape: [1, 1, 2, 2], [1, 2, 3, 4])],
      params: [Tensor(shape: [1, 1, 2, 2], [1, 2, 3, 4])])
    #expect(top.shape == [1, 1, 3, 3])
    #expect(top.array == [1, 4, 4, 6, 20, 16, 9, 24, 16])
  }

  @Test func `weights go by input, then by output of the group, by hand`() throws {
    // Inputs 1 2 | 3 4, two groups of two outputs; blob [4, 2, 1, 1]: o0 = 1 x 1 + 2 x 3, o1 = 1 x 2 + 2 x 4, ...
    let top = try suite.top(
      "convolution_param { num_output: 4 group: 2 kernel_size: 1 bias_term: false }",
      [Tensor(shape: [1, 4, 1, 1], [1, 2, 3, 4])], params: [Tensor(shape: [4, 2, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8])])
    #expect(top.array == [7, 10, 43, 50])
  }

  /// Caffe's `bilinear`: with f = ceil(k / 2), c = (k - 1) / 2f, a row of `1 - |x / f - c|` and its outer product.
  @Test(
    arguments: [(4, [0.25, 0.75, 0.75, 0.25]), (3, [0.5, 1, 0.5]), (2, [0.5, 0.5]), (1, [1])] as [(Int, [Float])])
  func `a bilinear filler by hand`(_ kernel: Int, _ row: [Float]) throws {
    let graph = try NetText.graph(
      NetText.input("x", [1, 2, 3, 3])
        + NetText.layer(
          "up", "Deconvolution", ["x"], ["y"],
          """
          convolution_param { num_output: 2 group: 2 kernel_size: \(kernel) stride: 2 bias_term: false
          weight_filler { type: "bilinear" } }
          """))
    let node = try #require(graph.node(named: "up"))
    let specs = try #require(try node.layer?.paramBlobs([[1, 2, 3, 3]]))
    var filler = ParamFiller(seed: 1)
    let square = row.flatMap { y in row.map { $0 * y } }
    #expect(filler.fill(specs[0]).shape == [2, 1, kernel, kernel])
    #expect(filler.fill(specs[0]).array == square + square)
  }

  @Test func `bilinear weights enlarge a constant map to itself, and a step to a slope, by hand`() throws {
    let settings =
      "convolution_param { num_output: 1 kernel_size: 4 stride: 2 pad: 1 bias_term: false weight_filler { type: 'bilinear' } }"
    let c = LayerCase("up", settings, bottoms: [[1, 1, 3, 4]])
    var filler = ParamFiller(seed: 1)
    let weights = filler.fill(try suite.makeLayer(c).paramBlobs(c.bottoms)[0])
    let y = try suite.top(
      settings, [Tensor(shape: [1, 1, 3, 4], [0, 0, 4, 4, 0, 0, 4, 4, 0, 0, 4, 4])], params: [weights])
    #expect(y.shape == [1, 1, 6, 8])
    // Inside: between 0 and 4 come 1 and 3; the last column has only 3/4 of its neighbours.
    #expect(Array(y.array[16..<24]) == [0, 0, 0, 1, 3, 4, 4, 3])
  }

  @Test func `multiply-accumulates go by the bottom`() throws {
    let c = LayerCase(
      "c", "convolution_param { num_output: 6 group: 2 kernel_size: 4 stride: 2 }", bottoms: [[2, 8, 5, 4]])
    let layer = try suite.makeLayer(c)
    let shapes = LayerShapes(bottoms: c.bottoms, tops: try layer.topShapes(c.bottoms))
    #expect(shapes.tops == [[2, 6, 12, 10]])
    #expect(layer.macs(shapes) == 2 * 8 * 5 * 4 * 3 * 16)
    #expect(layer.quantization == .weightsAndData(channelWise: true, outputAxis: 1))
  }

  @Test func `padding that eats the whole top is refused`() throws {
    let said = try suite.refusal("convolution_param { num_output: 6 kernel_size: 3 pad: 2 }", bottoms: [[1, 4, 1, 1]])
    #expect(said.contains("would make a top of extent -1 on axis 2 of its bottom [1, 4, 1, 1]: pad is too large"))
  }

  @Test func `channels that the groups don't divide are refused`() throws {
    let said = try suite.refusal(
      "convolution_param { num_output: 6 group: 3 kernel_size: 3 }", bottoms: [[1, 4, 5, 5]])
    #expect(said.contains("needs channels that are a multiple of group 3, got [1, 4, 5, 5]"))
  }
}
