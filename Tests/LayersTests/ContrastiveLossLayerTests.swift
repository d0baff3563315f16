import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("ContrastiveLoss layer") struct ContrastiveLossLayerTests {
  let suite = LayerSuite(ContrastiveLossLayer.self)

  /// Distances 5 (3 and 4), 0.5 and 0.
  private func loss(_ settings: String, _ alike: [Float]) throws -> Float {
    let a = Tensor(shape: [3, 2], [3, 0, 0.5, 1, 2, 2])
    let b = Tensor(shape: [3, 2], [0, 4, 0, 1, 2, 2])
    return try suite.top("contrastive_loss_param { \(settings) }", [a, b, Tensor(shape: [3], alike)])[0]
  }

  @Test func `pairs by hand`() throws {
    // (25 + 0.25 + 0) / 6
    #expect(try loss("", [1, 1, 1]).isNearly(25.25 / 6))
    // Beyond the margin nothing; (1 - 0.5)^2 and 1: 1.25 / 6.
    #expect(try loss("", [0, 0, 0]).isNearly(1.25 / 6))
    // (6 - 5)^2 + 0.25 + 36
    #expect(try loss("margin: 6", [0, 1, 0]).isNearly(37.25 / 6))
    // 1 - 0.25 and 1
    #expect(try loss("legacy_version: true", [0, 0, 0]).isNearly(1.75 / 6))
  }

  @Test func `it refuses what is no pair`() throws {
    #expect(try suite.refusal("", bottoms: [[3, 2], [3, 3], [3]]).contains("needs two bottoms of [N, C]"))
    #expect(try suite.refusal("", bottoms: [[3, 2, 2], [3, 2, 2], [3]]).contains("needs two bottoms of [N, C]"))
    #expect(try suite.refusal("", bottoms: [[3, 2], [3, 2], [2]]).contains("needs a third bottom of [3], got [2]"))
    let said = try suite.refusal("contrastive_loss_param {\nmargin: nan\n}", bottoms: [[3, 2], [3, 2], [3]])
    #expect(said.hasPrefix("case.prototxt:3:") && said.contains("margin must be a finite number"), "\(said)")
  }
}
