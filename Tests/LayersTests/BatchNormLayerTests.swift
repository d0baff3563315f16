import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("BatchNorm layer") struct BatchNormLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[2, 17, 5, 4]]),
    LayerCase("whole blocks", "batch_norm_param { eps: 0.001 use_global_stats: true }", bottoms: [[1, 32, 30, 30]]),
    LayerCase("3 channels of 1x1", "", bottoms: [[3, 3, 1, 1]]),
    LayerCase("vectors", "", bottoms: [[3, 10]]),
    LayerCase("one axis", "", bottoms: [[5]]),
    LayerCase("three spatial axes", "", bottoms: [[1, 9, 2, 3, 4]]),
    LayerCase("statistics of the batch", "batch_norm_param { use_global_stats: false }", bottoms: [[3, 4, 2, 2]]),
  ]
  let suite = LayerSuite(BatchNormLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  private func stored(mean: Float, variance: Float, factor: Float) -> [Tensor] {
    [Tensor(shape: [1], [mean]), Tensor(shape: [1], [variance]), Tensor(shape: [1], [factor])]
  }

  @Test(arguments: [
    // mean 6 / 2 = 3, variance 8 / 2 = 4: (5 - 3) / 2 and (1 - 3) / 2
    (2, [1, -1]),
    // A factor of 0 makes mean and variance 0: x / sqrt(0.25)
    (0, [10, 2]),
  ] as [(Float, [Float])]) func `stored sums are divided by the factor, by hand`(_ factor: Float, _ want: [Float]) throws {
    let eps = factor == 0 ? "0.25" : "0"
    let top = try suite.top(
      "batch_norm_param { eps: \(eps) }", [Tensor(shape: [1, 1, 2], [5, 1])], params: stored(mean: 6, variance: 8, factor: factor))
    #expect(top.array == want)
  }

  @Test func `statistics of the batch by hand`() throws {
    // 1, 2, 3, 6 over both samples: mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5; plus eps 0.5 = 4.
    let top = try suite.top(
      "batch_norm_param { use_global_stats: false eps: 0.5 }", [Tensor(shape: [2, 1, 2], [1, 2, 3, 6])],
      params: stored(mean: 9, variance: 9, factor: 9))
    #expect(top.array == [-1, -0.5, 0, 1.5])
  }

  @Test func `a small deviation around a large mean loses nothing`() throws {
    // mean 4096, deviation 1/1024: x = 4096 + 1/1024 is representable and gives 1.
    let shapes = LayerShapes(bottoms: [[1, 1, 1, 1]], tops: [[1, 1, 1, 1]])
    let layer = try suite.makeLayer(LayerCase("c", "batch_norm_param { eps: 0 }", bottoms: shapes.bottoms))
    let kernel = try #require(
      try layer.makeKernel(
        KernelContext(
          shapes: shapes, params: stored(mean: 4096, variance: 0x1p-20, factor: 1),
          bottomLayouts: [.plain(shapes.bottoms[0])], backend: Backend(threads: 1))))
    let top = try LayerSuite.run(kernel, [Tensor(shape: [1, 1, 1, 1], [4096 + 0x1p-10])], shapes, Backend(threads: 1))
    #expect(top[0].array == [1])
  }

  @Test func `statistics of the batch are no post-op`() throws {
    let c = LayerCase("c", "batch_norm_param { use_global_stats: false }", bottoms: [[2, 1, 2]])
    let shapes = LayerShapes(bottoms: c.bottoms, tops: c.bottoms)
    let params = stored(mean: 6, variance: 8, factor: 2)
    #expect(try suite.makeLayer(c).postOp(shapes, params) == nil)
    let global = try suite.makeLayer(LayerCase("c", "batch_norm_param { eps: 0 }", bottoms: c.bottoms))
    #expect(global.postOp(shapes, params) == .affine(scale: [0.5], shift: [-1.5]))
  }

  @Test func `a negative eps is refused at its line`() throws {
    #expect(
      try suite.refusal("batch_norm_param {\n\neps: -1 }", bottoms: [[1, 2]])
        == "case.prototxt:4:1: error: layer 'l' (BatchNorm): eps must not be negative, is -1.0")
  }
}
