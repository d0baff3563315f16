import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Mvm layer") struct MvmLayerTests {
  let suite = LayerSuite(MvmLayer.self)

  @Test(arguments: [
    LayerCase("matrix", "", bottoms: [[17, 9], [9]]), LayerCase("batch", "", bottoms: [[3, 5, 7], [3, 7]]),
    LayerCase("one vector", "mvm_param { transpose: true }", bottoms: [[2, 3, 64, 33], [64]]),
  ]) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `a matrix times a vector by hand`() throws {
    let a = Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6])
    #expect(try suite.top("", [a, Tensor(shape: [3], [1, 0, -1])]).array == [-2, -2])
    #expect(try suite.top("mvm_param { transpose: true }", [a, Tensor(shape: [2], [1, 10])]).array == [41, 52, 63])
  }

  @Test func `each matrix its own vector, or one for all, by hand`() throws {
    let a = Tensor(shape: [2, 1, 2], [1, 2, 3, 4])
    let own = try suite.top("", [a, Tensor(shape: [2, 2], [1, 1, 10, 100])])
    #expect(own.shape == [2, 1])
    #expect(own.array == [3, 430])
    #expect(try suite.top("", [a, Tensor(shape: [2], [1, 1])]).array == [3, 7])
  }

  @Test func `both bottoms are quantized`() throws {
    let c = LayerCase("c", "", bottoms: [[3, 5, 7], [3, 7]])
    let layer = try suite.makeLayer(c)
    #expect(layer.quantization == .data(inputs: .all))
    #expect(layer.macs(LayerShapes(bottoms: c.bottoms, tops: [[3, 5]])) == 105)
  }

  @Test func `it refuses what does not fit`() throws {
    #expect(try suite.refusal("", bottoms: [[3], [3]]).contains("needs a matrix of [.., M, K], got [3]"))
    #expect(try suite.refusal("", bottoms: [[2, 5, 3], [5]]).contains("needs a vector of [2, 3] or [3], got [5]"))
    #expect(
      try suite.refusal("mvm_param { transpose: true }", bottoms: [[2, 5, 3], [3]]).contains("[2, 5] or [5], got [3]"))
  }

  @Test func `a field that is not ours is refused by name`() throws {
    do {
      _ = try suite.refusal("mvm_param {\nalpha: 2\n}", bottoms: [[2, 2], [2]])
      Issue.record("alpha was taken")
    } catch { #expect("\(error)".contains("case.prototxt:3:") && "\(error)".contains("alpha"), "\(error)") }
  }
}
