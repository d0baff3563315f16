import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("SmoothL1Loss layer") struct SmoothL1LossLayerTests {
  let suite = LayerSuite(SmoothL1LossLayer.self)
  private static let a = Tensor(shape: [2, 2], [0.5, 3, 0, -1])
  private static let zero = Tensor(shape: [2, 2])

  @Test func `small differences squared, large ones straight, by hand`() throws {
    // 0.125 + 2.5 + 0 + 0.5, two items.
    #expect(try suite.top("", [Self.a, Self.zero]).array == [1.5625])
    // sigma 2: below 1/4 squared; 0.5 - 1/8, 3 - 1/8, 0, 1 - 1/8.
    #expect(try suite.top("smooth_l1_loss_param { sigma: 2 }", [Self.a, Self.zero]).array == [2.0625])
    // sigma 0.5: below 4 squared: 0.5 * (0.25 * (0.25 + 9 + 1)) = 1.28125
    #expect(try suite.top("smooth_l1_loss_param { sigma: 0.5 }", [Self.a, Self.zero]).array == [0.640625])
  }

  @Test func `weights inside and outside, by hand`() throws {
    let inside = Tensor(shape: [2, 2], [2, 0, 1, 1])
    let outside = Tensor(shape: [2, 2], [10, 10, 10, 2])
    // 1 - 0.5 (the difference doubled), 0, 0, 0.5
    #expect(try suite.top("", [Self.a, Self.zero, inside]).array == [0.5])
    #expect(try suite.top("", [Self.a, Self.zero, inside, outside]).array == [3])
  }

  @Test func `it refuses other sizes`() throws {
    #expect(try suite.refusal("", bottoms: [[2, 2], [2, 2], [2, 3]]).contains("got [2, 2] and [2, 3]"))
    let said = try suite.refusal("smooth_l1_loss_param {\nsigma: 0\n}", bottoms: [[2, 2], [2, 2]])
    #expect(said.hasPrefix("case.prototxt:3:") && said.contains("sigma must be above 0, is 0"), "\(said)")
  }
}
