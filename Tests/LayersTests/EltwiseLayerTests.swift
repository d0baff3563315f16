import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Eltwise layer") struct EltwiseLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("sum", "", bottoms: [[2, 17, 5, 4], [2, 17, 5, 4]]),
    LayerCase("weighted sum", "eltwise_param { coeff: 0.1 coeff: -2 coeff: 3 }", bottoms: [[1, 3, 4], [1, 3, 4], [1, 3, 4]]),
    LayerCase("product", "eltwise_param { operation: PROD }", bottoms: [[3, 16, 40, 40], [3, 16, 40, 40], [3, 16, 40, 40]]),
    LayerCase("maximum", "eltwise_param { operation: MAX }", bottoms: [[1, 3, 1, 1], [1, 3, 1, 1]]),
    LayerCase("four bottoms", "eltwise_param { operation: MAX }", bottoms: [[7], [7], [7], [7]]),
  ]
  let suite = LayerSuite(EltwiseLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test(arguments: [
    ("", [11, 22, -33] as [Float]),
    ("eltwise_param { coeff: 2 coeff: -1 }", [-8, -16, 24]),
    ("eltwise_param { operation: PROD }", [10, 40, 90]),
    ("eltwise_param { operation: MAX }", [10, 20, -3]),
  ]) func `two bottoms by hand`(_ settings: String, _ want: [Float]) throws {
    let top = try suite.top(settings, [Tensor(shape: [3], [1, 2, -3]), Tensor(shape: [3], [10, 20, -30])])
    #expect(top.array == want)
  }

  @Test func `the same bottom twice, worked on in place`() throws {
    // x = 5: 0.5 * 5 + 2 * 5, though the top overwrites both bottoms; three times: 0.5 + 2 + 3 = 5.5.
    for (coefficients, want) in [([0.5, 2], 12.5), ([0.5, 2, 3], 27.5)] as [([Float], Float)] {
      let text = "eltwise_param { \(coefficients.map { "coeff: \($0)" }.joined(separator: " ")) }"
      let c = LayerCase("same", text, bottoms: coefficients.map { _ in [5000] })
      let shapes = LayerShapes(bottoms: c.bottoms, tops: [[5000]])
      let kernel = try #require(
        try suite.makeLayer(c).makeKernel(
          KernelContext(shapes: shapes, params: [], bottomLayouts: c.bottoms.map(Layout.plain), backend: Backend(threads: 1))))
      var x = Tensor(shape: [5000], repeating: 5)
      try x.withMutable { v in
        try kernel.run(KernelIO(bottoms: coefficients.map { _ in v.readOnly }, tops: [v]))
      }
      #expect(x == Tensor(shape: [5000], repeating: want))
    }
  }

  @Test func `only a plain sum of two is a post-op`() throws {
    let shapes: [Shape] = [[2], [2]]
    func op(_ settings: String, _ bottoms: [Shape]) throws -> PostOp? {
      try suite.makeLayer(LayerCase("c", settings, bottoms: bottoms)).postOp(LayerShapes(bottoms: bottoms, tops: [[2]]), [])
    }
    #expect(try op("", shapes) == .add)
    #expect(try op("eltwise_param { coeff: 1 coeff: 1 }", shapes) == .add)
    #expect(try op("eltwise_param { coeff: 1 coeff: -1 }", shapes) == nil)
    #expect(try op("eltwise_param { operation: MAX }", shapes) == nil)
    #expect(try op("", shapes + [[2]]) == nil)
  }

  @Test func `wrong settings and bottoms are refused`() throws {
    let two: [Shape] = [[2, 3], [2, 3]]
    #expect(
      try suite.refusal("eltwise_param {\ncoeff: 1 }", bottoms: two)
        == "case.prototxt:3:1: error: layer 'l' (Eltwise): has 1 coeff for 2 bottoms")
    #expect(
      try suite.refusal("eltwise_param {\noperation: MAX coeff: 1 coeff: 2 }", bottoms: two)
        .contains("coeff is for operation SUM only"))
    #expect(
      try suite.refusal("", bottoms: [[2, 3], [2, 4]]).contains("needs bottoms of one shape, got [2, 3] and [2, 4]"))
  }
}
