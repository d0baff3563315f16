import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("InfogainLoss layer") struct InfogainLossLayerTests {
  let suite = LayerSuite(InfogainLossLayer.self)
  /// p = 1/4, 3/4 and 1/2, 1/2.
  private static let scores = Tensor(shape: [2, 2], [0, 1.0986123, 7, 7])

  private func loss(_ gains: [Float], _ labels: [Float], _ settings: String = "") throws -> Float {
    try suite.top(settings, [Self.scores, Tensor(shape: [2], labels), Tensor(shape: [1, 1, 2, 2], gains)])[0]
  }

  // -ln(1/4) = 1.3862944, -ln(3/4) = 0.2876821, -ln(1/2) = 0.6931472
  @Test func `the gains of the true class weigh all probabilities, by hand`() throws {
    // The unit matrix gives SoftmaxWithLoss.
    #expect(try loss([1, 0, 0, 1], [0, 1]).isNearly(1.0397208))
    // (2 * 1.3862944 + 0.5 * 0.2876821 + 3 * 0.6931472 + 4 * 0.6931472) / 2
    #expect(try loss([2, 0.5, 3, 4], [0, 1]).isNearly(3.8842299))
  }

  @Test func `ignored labels and normalization`() throws {
    #expect(try loss([1, 0, 0, 1], [0, 9], "loss_param { ignore_label: 9 }").isNearly(1.3862944))
    #expect(try loss([1, 0, 0, 1], [0, 9], "loss_param { ignore_label: 9 normalization: FULL }").isNearly(0.6931472))
  }

  @Test func `a second top has the probabilities, along the axis that was asked for`() throws {
    let bottoms = [
      Tensor(shape: [2, 1, 2], [0, 1.0986123, 7, 7]), Tensor(shape: [2], [0, 1]), Tensor(shape: [2, 2], [1, 0, 0, 1]),
    ]
    let c = LayerCase("two", "infogain_loss_param { axis: -1 }", bottoms: bottoms.map(\.shape), topCount: 2)
    let tops = try suite.reference(c, bottoms)
    #expect(tops[0][0].isNearly(1.0397208))
    #expect(differences(tops[1].array, [0.25, 0.75, 0.5, 0.5]) == "")
  }

  @Test func `it refuses a matrix in a file, and one of another size`() throws {
    let said = try suite.refusal(
      "infogain_loss_param {\nsource: 'H.binaryproto'\n}", bottoms: [[2, 2], [2]])
    #expect(said.hasPrefix("case.prototxt:3:1: error: layer 'l' (InfogainLoss): source is not read"), "\(said)")
    #expect(try suite.refusal("", bottoms: [[2, 2], [2], [1, 1, 3, 3]]).contains("needs a matrix of [1, 1, 2, 2]"))
    #expect(
      try suite.refusal("", bottoms: [[2, 2], [3], [2, 2]]).contains("needs one label for each of the 2 positions"))
  }
}
