import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Sort layer") struct SortLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("rows", "", bottoms: [[3, 17, 5, 40]]),
    LayerCase("indices", "", bottoms: [[3, 100]], topCount: 2),
    LayerCase("channels", "sort_param { axis: 1 descending: true }", bottoms: [[2, 35, 30, 31]], topCount: 2),
    LayerCase("vector", "sort_param { axis: 0 }", bottoms: [[57]]),
  ]
  let suite = LayerSuite(SortLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  let x = Tensor(shape: [2, 4], [3, -1, 2, 2, 0, 5, -4, 1])

  @Test func `values that numpy sorted`() throws {
    let tops = try suite.reference(LayerCase("c", "", bottoms: [[2, 4]], topCount: 2), [x])
    #expect(tops[0].array == [-1, 2, 2, 3, -4, 0, 1, 5])
    #expect(tops[1].array == [1, 2, 3, 0, 2, 0, 3, 1])
    #expect(try suite.top("sort_param { axis: 0 }", [x]).array == [0, -1, -4, 1, 3, 5, 2, 2])
  }

  @Test func `descending, by hand`() throws {
    let tops = try suite.reference(
      LayerCase("c", "sort_param { descending: true }", bottoms: [[2, 4]], topCount: 2), [x])
    #expect(tops[0].array == [3, 2, 2, -1, 5, 1, 0, -4])
    #expect(tops[1].array == [0, 2, 3, 1, 1, 3, 0, 2])
  }

  @Test(arguments: [false, true]) func `NaN comes last either way`(_ descending: Bool) throws {
    let x = Tensor(shape: [5], [.nan, -.infinity, 1, .infinity, -1])
    let y = try suite.top("sort_param { descending: \(descending) }", [x]).array
    #expect(Array(y.prefix(4)) == (descending ? [.infinity, 1, -1, -.infinity] : [-.infinity, -1, 1, .infinity]))
    #expect(y[4].isNaN)
  }

  @Test func `it refuses an axis that is not there`() throws {
    #expect(
      try suite.refusal("sort_param { axis: 2 }", bottoms: [[2, 3]]).contains("has axis 2, outside its bottom [2, 3]"))
    #expect(try suite.refusal("", bottoms: [[2, 0]]).contains("has nothing to choose from in its bottom [2, 0]"))
    #expect(try suite.refusal("", bottoms: [[]]).contains("has axis -1, outside its bottom []"))
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data())
  }
}
