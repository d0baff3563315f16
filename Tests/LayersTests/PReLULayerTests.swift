import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("PReLU layer") struct PReLULayerTests {
  static let cases: [LayerCase] = [
    LayerCase("channels", "", bottoms: [[2, 17, 5, 4]]),
    LayerCase("whole blocks", "", bottoms: [[1, 32, 40, 20]]),
    LayerCase("vectors", "", bottoms: [[3, 10]]),
    LayerCase("one slope", "prelu_param { channel_shared: true }", bottoms: [[3, 3, 1, 1]]),
  ]
  let suite = LayerSuite(PReLULayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `each channel has its slope, by hand`() throws {
    let top = try suite.top("", [Tensor(shape: [1, 2, 2], [-1, 2, -3, 4])], params: [Tensor(shape: [2], [0.5, 2])])
    #expect(top.array == [-0.5, 2, -6, 4])
  }

  @Test func `kernels use the slope of each channel in every layout`() throws {
    // Learned slopes of the suite are all alike; these differ from channel to channel.
    let shape: Shape = [2, 19, 3, 3]
    let slopes = Tensor.random([19], seed: 8)
    let x = Tensor.random(shape, seed: 9)
    let c = LayerCase("c", "", bottoms: [shape])
    let want = try suite.reference(c, [x], params: [slopes])[0]
    let shapes = LayerShapes(bottoms: [shape], tops: [shape])
    let backend = Backend(threads: 2)
    for layout in [Layout.plain(shape), Layout.blocked(shape, block: 8), Layout.blocked(shape, block: 16)] {
      let context = KernelContext(
        shapes: shapes, params: [slopes], bottomLayouts: [try #require(layout)], backend: backend)
      let kernel = try #require(try suite.makeLayer(c).makeKernel(context))
      #expect(try LayerSuite.run(kernel, [x], shapes, backend)[0] == want)
    }
  }

  @Test func `one slope for all is a post-op, one per channel is not`() throws {
    let shapes = LayerShapes(bottoms: [[1, 2, 2]], tops: [[1, 2, 2]])
    let shared = try suite.makeLayer(LayerCase("c", "prelu_param { channel_shared: true }", bottoms: shapes.bottoms))
    #expect(shared.postOp(shapes, [Tensor(shape: [], [0.5])]) == .function(.relu(slope: 0.5)))
    let own = try suite.makeLayer(LayerCase("c", "", bottoms: shapes.bottoms))
    #expect(own.postOp(shapes, [Tensor(shape: [2], [0.5, 0.5])]) == nil)
  }

  @Test func `a bottom without channels is refused`() throws {
    #expect(try suite.refusal("", bottoms: [[7]]).contains("needs a bottom of [N, C, ..], got [7]"))
  }
}
