import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("LRN layer") struct LRNLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("AlexNet's", "lrn_param { local_size: 5 alpha: 0.0001 beta: 0.75 }", bottoms: [[2, 32, 6, 5]], range: -50...50),
    LayerCase("odd channels", "lrn_param { local_size: 5 alpha: 1.1 beta: 0.75 }", bottoms: [[3, 17, 4, 3]]),
    LayerCase("fewer channels than the window", "lrn_param { local_size: 7 alpha: 2 beta: 0.5 k: 2 }", bottoms: [[1, 3, 1, 1]]),
    LayerCase("many pixels", "lrn_param { local_size: 3 alpha: 1 }", bottoms: [[1, 6, 30, 40]]),
    LayerCase("within channel", "lrn_param { local_size: 3 alpha: 5 norm_region: WITHIN_CHANNEL }", bottoms: [[2, 3, 6, 5]]),
    LayerCase("within a channel smaller than the window",
      "lrn_param { local_size: 5 alpha: 5 beta: 0.6 norm_region: WITHIN_CHANNEL }", bottoms: [[1, 17, 1, 2]]),
  ]
  let suite = LayerSuite(LRNLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `across channels by hand`() throws {
    // alpha / size = 1, beta 1: 1 / (1 + 1 + 4), 2 / (1 + 1 + 4 + 9), 3 / (1 + 4 + 9).
    let top = try suite.top("lrn_param { local_size: 3 alpha: 3 beta: 1 }", [Tensor(shape: [1, 3, 1, 1], [1, 2, 3])])
    let want = Tensor(shape: [1, 3, 1, 1], [1 / 6, 2 / 15, 3 / 14])
    #expect(Agreement.ulps(2).firstDisagreement(top, want) == nil)
  }

  @Test func `within a channel k is not used, by hand`() throws {
    // alpha / size^2 = 1, beta 1: both windows hold 1 and 4: 1 / 6 and 2 / 6, whatever k says.
    let top = try suite.top(
      "lrn_param { local_size: 3 alpha: 9 beta: 1 k: 7 norm_region: WITHIN_CHANNEL }", [Tensor(shape: [1, 1, 1, 2], [1, 2])])
    let want = Tensor(shape: [1, 1, 1, 2], [1 / 6, 2 / 6])
    #expect(Agreement.ulps(2).firstDisagreement(top, want) == nil)
  }

  @Test func `wrong settings and bottoms are refused`() throws {
    let said = try suite.refusal("lrn_param {\nlocal_size: 4 }", bottoms: [[1, 3, 2, 2]])
    #expect(said == "case.prototxt:3:1: error: layer 'l' (LRN): local_size must be odd, is 4")
    #expect(
      try suite.refusal("", bottoms: [[1, 3]]).contains("needs a bottom of [N, C, H, W], got [1, 3]"))
  }
}
