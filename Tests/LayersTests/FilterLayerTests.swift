import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Filter layer") struct FilterLayerTests {
  let suite = LayerSuite(FilterLayer.self)

  @Test func `what is selected stands first, zeros behind it, by hand`() throws {
    let bottoms = [
      Tensor(shape: [3, 2], [1, 2, 3, 4, 5, 6]), Tensor(shape: [3], [7, 8, 9]), Tensor(shape: [3, 1], [0, 1, -0.5]),
    ]
    let tops = try suite.reference(
      LayerCase("two", "", bottoms: bottoms.map(\.shape), topCount: 2), bottoms)
    #expect(tops.map(\.shape) == [[3, 2], [3]])
    #expect(tops[0].array == [3, 4, 5, 6, 0, 0])
    #expect(tops[1].array == [8, 9, 0])
  }

  @Test(
    arguments: [([0, 0], [0, 0, 0, 0]), ([1, 1], [1, 2, 3, 4]), ([0, .nan], [3, 4, 0, 0])] as [([Float], [Float])])
  func `all, nothing, and what is not a number`(_ selector: [Float], _ want: [Float]) throws {
    #expect(try suite.top("", [Tensor(shape: [2, 2], [1, 2, 3, 4]), Tensor(shape: [2], selector)]).array == want)
  }

  @Test func `it refuses bottoms of other items`() throws {
    #expect(
      try suite.refusal("", bottoms: [[3, 2], [2]]).contains("needs bottoms of 2 items as its last one has, got [3, 2]")
    )
    #expect(try suite.refusal("", bottoms: [[2, 2], [2, 2]]).contains("needs a last bottom of [N], got [2, 2]"))
    #expect(try suite.refusal("", bottoms: [[2, 2], []]).contains("needs a last bottom of [N]"))
    let said = try suite.refusal("", bottoms: [[2, 2], [2]], topCount: 2)
    #expect(said.hasPrefix("case.prototxt:1:"), "\(said)")
    #expect(said.contains("needs a top for each bottom but the last, has 2 for 2"))
  }
}
