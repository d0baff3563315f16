import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Nms layer") struct NmsLayerTests {
  let suite = LayerSuite(NmsLayer.self)
  /// Squares of side 10 at 0, 2 and 20: the first two overlap by 80 / 120 = 2/3.
  private static let boxes: [Float] = [0, 0, 10, 10, 2, 0, 12, 10, 20, 0, 30, 10]

  private func run(_ settings: String, _ boxes: [Float], _ scores: [[Float]]) throws -> (boxes: Tensor, scores: Tensor)
  {
    let bottoms = [
      Tensor(shape: [scores.count, scores[0].count, 4], boxes),
      Tensor(shape: [scores.count, scores[0].count], scores.flatMap(\.self)),
    ]
    let c = LayerCase("nms", "nms_param { \(settings) }", bottoms: bottoms.map(\.shape), topCount: 2)
    let tops = try suite.reference(c, bottoms)
    return (tops[0], tops[1])
  }

  @Test func `the better of two that overlap stays, by hand`() throws {
    let all = try run("", Self.boxes, [[0.5, 0.9, 0.7]])
    #expect(all.boxes.array == [2, 0, 12, 10, 20, 0, 30, 10, 0, 0, 0, 0])
    #expect(all.scores.array == [0.9, 0.7, 0])
    // 2/3 is not above 0.7.
    #expect(try run("nms_threshold: 0.7", Self.boxes, [[0.5, 0.9, 0.7]]).scores.array == [0.9, 0.7, 0.5])
  }

  @Test func `limits by hand`() throws {
    #expect(try run("confidence_threshold: 0.7", Self.boxes, [[0.5, 0.9, 0.7]]).scores.array == [0.9, 0, 0])
    let one = try run("keep_top_k: 1", Self.boxes, [[0.5, 0.9, 0.7]])
    #expect(one.boxes.shape == [1, 1, 4])
    #expect(one.boxes.array == [2, 0, 12, 10])
    // Of the best two only.
    #expect(try run("top_k: 2 nms_threshold: 1", Self.boxes, [[0.5, 0.9, 0.7]]).scores.array == [0.9, 0.7, 0])
  }

  @Test func `images do not see each other, and NaN is nothing`() throws {
    let both = try run("", Self.boxes + Self.boxes, [[0.5, 0.4, 0.3], [.nan, 0.2, .infinity]])
    #expect(both.scores.array == [0.5, 0.3, 0, .infinity, 0.2, 0])
    #expect(both.boxes.array.suffix(12).prefix(4) == [20, 0, 30, 10])
    let odd = try run("", [.nan, 0, 1, 1, 5, 5, 0, 0], [[1, 0.5]])
    #expect(odd.scores.array == [1, 0.5])
  }

  @Test(arguments: [
    ("nms_threshold: -1", "nms_threshold must not be negative"), ("eta: 0", "eta must be above 0, at most 1, is 0"),
    ("top_k: 0", "top_k must not be 0"), ("confidence_threshold: nan", "confidence_threshold must be a finite number"),
  ]) func `a wrong field is refused at its line`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("nms_param {\n\(settings)\n}", bottoms: [[1, 3, 4], [1, 3]])
    #expect(said.hasPrefix("case.prototxt:3:") && said.contains(text), "\(said)")
  }

  @Test func `it refuses other shapes`() throws {
    #expect(try suite.refusal("", bottoms: [[3, 4], [3]]).contains("needs boxes of [N, B, 4], got [3, 4]"))
    #expect(try suite.refusal("", bottoms: [[1, 3, 4], [3]]).contains("needs scores of [1, 3], got [3]"))
  }
}
