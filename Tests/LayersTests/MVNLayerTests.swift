import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("MVN layer") struct MVNLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("per channel", "", bottoms: [[2, 3, 5, 4]]),
    LayerCase("across channels", "mvn_param { across_channels: true eps: 0.00001 }", bottoms: [[3, 17, 2, 2]]),
    LayerCase("mean only", "mvn_param { normalize_variance: false }", bottoms: [[1, 17, 3, 3]]),
    LayerCase("vectors", "mvn_param { across_channels: true }", bottoms: [[3, 10]]),
  ]
  let suite = LayerSuite(MVNLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test(arguments: [
    // Means 2 and 6, deviations 1 and 2; eps 1 is added to the deviation.
    ("eps: 1", [-0.5, 0.5, -2 / 3, 2 / 3]),
    ("normalize_variance: false", [-1, 1, -2, 2]),
    // Mean 4 of 1 3 4 8, variance (9 + 1 + 0 + 16) / 4 = 6.5: taken off only.
    ("normalize_variance: false across_channels: true", [-3, -1, 0, 4]),
  ] as [(String, [Float])]) func `two channels by hand`(_ text: String, _ want: [Float]) throws {
    let top = try suite.top("mvn_param { \(text) }", [Tensor(shape: [1, 2, 1, 2], [1, 3, 4, 8])])
    #expect(Agreement.ulps(1).firstDisagreement(top, Tensor(shape: [1, 2, 1, 2], want)) == nil)
  }

  @Test func `five axes are refused`() throws {
    #expect(try suite.refusal("", bottoms: [[1, 2, 3, 4, 5]]).contains("needs a bottom of up to 4 axes, got [1, 2, 3, 4, 5]"))
  }
}
