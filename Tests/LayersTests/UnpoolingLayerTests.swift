import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Unpooling layer") struct UnpoolingLayerTests {
  let suite = LayerSuite(UnpoolingLayer.self)
  private static func settings(_ text: String) -> String { "unpooling_param { \(text) }" }
  private static let x = Tensor(shape: [1, 1, 2, 2], [1, 2, 3, 4])

  @Test(arguments: [
    LayerCase("max", settings("kernel_size: 2 stride: 2"), bottoms: [[2, 17, 3, 5]]),
    LayerCase(
      "tile", settings("unpool: TILE kernel_h: 3 kernel_w: 2 stride_h: 2 stride_w: 1"), bottoms: [[1, 4, 5, 7]]),
    LayerCase("mean", settings("unpool: AVE kernel_size: 3 stride: 2"), bottoms: [[3, 16, 9, 8]]),
    LayerCase(
      "mask", settings("kernel_size: 2 stride: 2 unpool_size: 9"), bottoms: [[1, 4, 4, 3], [1, 4, 4, 3]], range: 0...80),
  ]) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `without a mask values go to the first place of their window, by hand`() throws {
    let y = try suite.top(Self.settings("kernel_size: 2 stride: 2 unpool_size: 4"), [Self.x])
    #expect(y.array == [1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0])
    // Caffe's own size is the larger of 2 + 2 and 2 * 2 + 1.
    #expect(try suite.top(Self.settings("kernel_size: 2 stride: 2"), [Self.x]).shape == [1, 1, 5, 5])
  }

  @Test func `a mask says where, by hand`() throws {
    let mask = Tensor(shape: [1, 1, 2, 2], [3, 1, 8, 8])
    let y = try suite.top(Self.settings("kernel_size: 2 stride: 2 unpool_size: 3"), [Self.x, mask])
    #expect(y.array == [0, 2, 0, 1, 0, 0, 0, 0, 4])
  }

  @Test func `pooling and back leaves the largest, by hand`() throws {
    let map = Tensor(shape: [1, 1, 2, 4], [1, 9, 3, 4, 5, 6, 8, 7])
    let pooled = try LayerSuite(PoolingLayer.self).reference(
      LayerCase("pool", "pooling_param { kernel_size: 2 stride: 2 }", bottoms: [map.shape], topCount: 2), [map])
    let y = try suite.top(Self.settings("kernel_size: 2 stride: 2 unpool_h: 2 unpool_w: 4"), pooled)
    #expect(y.array == [0, 9, 0, 0, 0, 0, 8, 0])
  }

  @Test func `tiles and means by hand`() throws {
    #expect(
      try suite.top(Self.settings("unpool: TILE kernel_size: 2 stride: 2 unpool_size: 4"), [Self.x]).array
        == [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])
    // Windows of 2 x 2, one place apart: quarters add up.
    #expect(
      try suite.top(Self.settings("unpool: AVE kernel_size: 2 unpool_size: 3"), [Self.x]).array
        == [0.25, 0.75, 0.5, 1, 2.5, 1.5, 0.75, 1.75, 1])
    // A window cut by the edge has fewer places: the second column's windows have 2.
    #expect(
      try suite.top(
        Self.settings("unpool: AVE kernel_size: 2 stride: 2 unpool_h: 2 unpool_w: 3"),
        [Tensor(shape: [1, 1, 1, 2], [4, 8])]
      ).array == [1, 1, 4, 1, 1, 4])
  }

  @Test func `a mask beyond the plane is an error of the run`() throws {
    let graph = try NetText.graph(
      NetText.input("x", [1, 1, 1, 1]) + NetText.input("m", [1, 1, 1, 1])
        + NetText.layer("u", "Unpooling", ["x", "m"], ["y"], Self.settings("kernel_size: 1 unpool_size: 2")))
    for bad in [4, -1, .nan] as [Float] {
      let inputs = [
        graph.inputs[0]: Tensor(shape: [1, 1, 1, 1]), graph.inputs[1]: Tensor(shape: [1, 1, 1, 1], [bad]),
      ]
      let found = NetText.problems { _ = try GraphRun.values(graph, inputs: inputs, referenceOnly: false) }
      #expect(found.first?.lines.joined().contains("is no place of the 4 of a plane") == true, "\(found)")
      #expect(try GraphRun.values(graph, inputs: inputs)["y"]?.array == [0, 0, 0, 0])
    }
  }

  @Test(arguments: [
    ("stride: 2", "needs kernel_size"), ("kernel_size: 2 pad: 1", "pad must be 0"),
    ("kernel_size: 2 stride: 0", "stride must be at least 1"),
    ("kernel_size: 2 unpool_h: 3", "unpool_h needs unpool_w"),
  ]) func `a wrong field is refused at its line`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("unpooling_param {\n\(settings)\n}", bottoms: [[1, 1, 2, 2]])
    #expect(said.contains(text), "\(said)")
    #expect(said.hasPrefix("case.prototxt:2:") || said.hasPrefix("case.prototxt:3:"), "\(said)")
  }

  @Test func `a mask belongs to MAX and has its bottom's shape`() throws {
    let two: [Shape] = [[1, 1, 2, 2], [1, 1, 2, 2]]
    #expect(
      try suite.refusal(Self.settings("kernel_size: 2 unpool: AVE"), bottoms: two).contains("a mask only for MAX"))
    #expect(
      try suite.refusal(Self.settings("kernel_size: 2"), bottoms: [[1, 1, 2, 2], [1, 1, 2, 3]]).contains(
        "needs a mask of"))
    #expect(try suite.refusal(Self.settings("kernel_size: 2"), bottoms: [[2, 2]]).contains("needs a bottom of [N, C"))
    // Off unless asked for.
    let c = LayerCase("c", Self.settings("kernel_size: 2"), bottoms: [[1, 1, 2, 2]])
    #expect(try suite.makeLayer(c).quantization == .data(on: false))
  }
}
