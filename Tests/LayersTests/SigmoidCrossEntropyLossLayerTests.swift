import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("SigmoidCrossEntropyLoss layer") struct SigmoidCrossEntropyLossLayerTests {
  let suite = LayerSuite(SigmoidCrossEntropyLossLayer.self)
  /// p = 1/2 and 3/4, 3/4 and 1/2.
  private static let x = Tensor(shape: [2, 2], [0, 1.0986123, 1.0986123, 0])

  private func loss(_ settings: String, _ targets: [Float]) throws -> Float {
    try suite.top(settings, [Self.x, Tensor(shape: [2, 2], targets)])[0]
  }

  // -ln(1/2) = 0.6931472, -ln(3/4) = 0.2876821, -ln(1/4) = 1.3862944
  @Test func `the sum over the items by hand`() throws {
    #expect(try loss("", [1, 1, 0, 0]).isNearly((0.6931472 + 0.2876821 + 1.3862944 + 0.6931472) / 2))
    // Half a target costs half of both.
    #expect(try loss("", [0.5, 0.5, 1, 1]).isNearly((0.6931472 + 0.8369882 + 0.2876821 + 0.6931472) / 2))
  }

  @Test func `ignored targets and every normalization`() throws {
    let ignore = "ignore_label: 9"
    #expect(try loss("loss_param { \(ignore) }", [1, 1, 9, 9]).isNearly(0.9808293 / 2))
    #expect(try loss("loss_param { \(ignore) normalization: VALID }", [1, 9, 9, 1]).isNearly(0.6931472))
    #expect(try loss("loss_param { \(ignore) normalize: true }", [1, 9, 9, 1]).isNearly(0.6931472))
    #expect(try loss("loss_param { \(ignore) normalization: FULL }", [1, 9, 9, 1]).isNearly(0.3465736))
    #expect(try loss("loss_param { \(ignore) normalization: NONE }", [1, 9, 9, 1]).isNearly(1.3862944))
    #expect(try loss("loss_param { \(ignore) }", [9, 9, 9, 9]) == 0)
  }

  @Test func `a second top has the probabilities`() throws {
    let c = LayerCase("two", "", bottoms: [[2, 2], [2, 2]], topCount: 2)
    let tops = try suite.reference(c, [Self.x, Tensor(shape: [2, 2])])
    #expect(differences(tops[1].array, [0.5, 0.75, 0.75, 0.5]) == "")
  }

  @Test func `large scores do not overflow`() throws {
    let y = try suite.top("", [Tensor(shape: [1, 2], [1000, -1000]), Tensor(shape: [1, 2], [0, 1])])
    #expect(y[0] == 2000)
  }

  @Test func `it refuses targets of another size`() throws {
    #expect(try suite.refusal("", bottoms: [[2, 2], [2, 3]]).contains("needs bottoms of as many items and values"))
  }
}
