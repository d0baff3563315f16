import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Log layer") struct LogLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: 0.001...50),
    LayerCase("base 10", "log_param { base: 10 scale: 0.5 shift: 1 }", bottoms: [[1, 3, 100, 120]]),
    LayerCase("near one", "", bottoms: [[5, 3]], range: 0.99...1.01),
  ]
  let suite = LayerSuite(LogLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    // log2(4x + 4) = 2, 3, 4
    let y = try suite.top("log_param { base: 2 scale: 4 shift: 4 }", [Tensor(shape: [3], [0, 1, 3])])
    for (got, want) in zip(y.array, [2, 3, 4] as [Float]) { #expect(got.isNearly(want)) }
    #expect(try suite.top("", [Tensor(shape: [2], [0, -1])])[0] == -.infinity)
    #expect(try suite.top("", [Tensor(shape: [2], [0, -1])])[1].isNaN)
  }

  @Test(arguments: ["0", "1", "-2"]) func `it refuses a base without a logarithm`(_ base: String) throws {
    #expect(
      try suite.refusal("log_param { base: \(base) }", bottoms: [[3]]).hasPrefix(
        "case.prototxt:2:13: error: layer 'l' (Log): base must be positive and not 1, or -1 for e; it is \(base)"))
  }
}
