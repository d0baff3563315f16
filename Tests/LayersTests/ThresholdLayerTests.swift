import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Threshold layer") struct ThresholdLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]]),
    LayerCase("negative", "threshold_param { threshold: -0.5 }", bottoms: [[1, 3, 100, 120]]),
    LayerCase("vector", "threshold_param { threshold: 0.25 }", bottoms: [[5, 3]]),
  ]
  let suite = LayerSuite(ThresholdLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let y = try suite.top("threshold_param { threshold: 0.5 }", [Tensor(shape: [4], [0.5, 0.75, -1, .nan])])
    #expect(y.array == [0, 1, 0, 0])
  }

  @Test func `it refuses an infinite threshold`() throws {
    #expect(
      try suite.refusal("threshold_param { threshold: inf }", bottoms: [[3]]).contains(
        "threshold must be a finite number"))
  }
}
