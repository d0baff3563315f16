import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Power layer") struct PowerLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("linear", "power_param { scale: 0.5 shift: 2 }", bottoms: [[3, 17, 5, 4]]),
    LayerCase("square", "power_param { power: 2 scale: 3 shift: 0.1 }", bottoms: [[1, 3, 100, 120]]),
    LayerCase("root", "power_param { power: 0.5 shift: 1 }", bottoms: [[2, 5, 3, 3]]),
    LayerCase("quotient", "power_param { power: -1 shift: 2 }", bottoms: [[2, 5, 3, 3]]),
    LayerCase("cube", "power_param { power: 3 }", bottoms: [[5, 3]]),
    LayerCase("roots of negative numbers", "power_param { power: 0.3 }", bottoms: [[5, 3]]),
    LayerCase("constant", "power_param { power: 3 scale: 0 shift: 2 }", bottoms: [[2, 5, 3, 3]]),
    LayerCase("one", "power_param { power: 0 shift: -2 }", bottoms: [[2, 5, 3, 3]]),
  ]
  let suite = LayerSuite(PowerLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  let x = Tensor(shape: [3], [-2, 0, 3])

  @Test func `values by hand`() throws {
    // (2x + 1)^2 = 9, 1, 49; 2x + 1 = -3, 1, 7; 1 / (2x + 1)
    #expect(try suite.top("power_param { power: 2 scale: 2 shift: 1 }", [x]).array == [9, 1, 49])
    #expect(try suite.top("power_param { scale: 2 shift: 1 }", [x]).array == [-3, 1, 7])
    #expect(try suite.top("power_param { power: -1 scale: 2 shift: 1 }", [x]).array == [1 / -3, 1, 1 / 7])
  }

  @Test func `without influence of the bottom it is a constant`() throws {
    // 2^3, and 1 for power 0 whatever the base.
    #expect(try suite.top("power_param { power: 3 scale: 0 shift: 2 }", [x]).array == [8, 8, 8])
    #expect(try suite.top("power_param { power: 0 scale: 2 shift: 0 }", [x]).array == [1, 1, 1])
  }

  @Test func `it is a post-op only when linear`() throws {
    let shapes = LayerShapes(bottoms: [[3]], tops: [[3]])
    func postOp(_ settings: String) throws -> PostOp? {
      try suite.makeLayer(LayerCase("c", settings, bottoms: [[3]])).postOp(shapes, [])
    }
    #expect(try postOp("power_param { scale: 2 shift: 1 }") == .function(.linear(a: 2, b: 1)))
    #expect(try postOp("power_param { power: 2 }") == nil)
  }

  @Test func `it refuses a scale that is no number`() throws {
    #expect(
      try suite.refusal("power_param { scale: nan }", bottoms: [[3]]).hasPrefix(
        "case.prototxt:2:15: error: layer 'l' (Power): scale must be a finite number"))
  }
}
