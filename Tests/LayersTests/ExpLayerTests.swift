import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Exp layer") struct ExpLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -10...3),
    LayerCase("base 2", "exp_param { base: 2 scale: 0.5 shift: 1 }", bottoms: [[1, 3, 100, 120]]),
    LayerCase("e with shift", "exp_param { shift: -1 }", bottoms: [[5, 3]]),
  ]
  let suite = LayerSuite(ExpLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    // 2^(2x + 1) = 2^-1, 2^1, 2^3
    let y = try suite.top("exp_param { base: 2 scale: 2 shift: 1 }", [Tensor(shape: [3], [-1, 0, 1])])
    for (got, want) in zip(y.array, [0.5, 2, 8] as [Float]) { #expect(abs(got - want) <= 1e-6 * want) }
    // e^(x + 1) at x = -1
    #expect(try suite.top("exp_param { shift: 1 }", [Tensor(shape: [1], [-1])])[0].isNearly(1))
  }

  @Test(arguments: ["0", "-2"]) func `it refuses a base that is not positive`(_ base: String) throws {
    #expect(
      try suite.refusal("exp_param { base: \(base) }", bottoms: [[3]]).hasPrefix(
        "case.prototxt:2:13: error: layer 'l' (Exp): base must be positive, or -1 for e; it is \(base)"))
  }

  @Test func `it refuses factors that overflow`() throws {
    #expect(try suite.refusal("exp_param { base: 10 shift: 100 }", bottoms: [[3]]).contains("overflow"))
  }
}
