import CaffeFormat
import LayerGraph
import Passes
import Tensors
import TestSupport
import Testing

@Suite struct LiveBatchNormTests {
  private func live(_ settings: String) throws -> Graph {
    let graph = try NetText.graph(
      NetText.input("data", [2, 1, 2]) + NetText.layer("bn", "BatchNorm", ["data"], ["y"], settings),
      params: ["bn": [Tensor(shape: [1], [9]), Tensor(shape: [1], [9]), Tensor(shape: [1], [9])]])
    return try PassPipeline.run([LiveBatchNorm(fraction: 0.5)], on: graph).graph
  }

  @Test func `the layer normalises with its batch, its blobs stay`() throws {
    let graph = try live("batch_norm_param { eps: 0.5 use_global_stats: true }")
    let node = try #require(graph.node(named: "bn"))
    let settings = try #require(node.parameter.message.message("batch_norm_param"))
    #expect(settings.bool("use_global_stats") == false && settings.float("moving_average_fraction") == 0.5)
    #expect(settings.float("eps") == 0.5 && node.params.map(\.array) == [[9], [9], [9]])
    // 1, 2, 3, 6: mean 3, variance 3.5.
    let x = Tensor(shape: [2, 1, 2], [1, 2, 3, 6])
    #expect(try GraphRun.values(graph, inputs: [graph.inputs[0]: x])["y"]?.array == [-1, -0.5, 0, 1.5])
  }

  @Test func `a fraction of its own goes first`() throws {
    let node = try #require(try live("batch_norm_param { moving_average_fraction: 0.9 }").node(named: "bn"))
    #expect(LiveBatchNorm.fraction(of: node) == 0.9)
    #expect(try LiveBatchNorm.fraction(of: #require(try live("").node(named: "bn"))) == 0.5)
  }

  @Test func `a fraction that is none is refused`() {
    let found = NetText.problems { _ = try live("batch_norm_param { moving_average_fraction: 1.5 }") }
    #expect(
      found.first?.lines.first
        == "net.prototxt:2:1: error: layer 'bn' (BatchNorm): moving_average_fraction must be in 0...1, is 1.5")
  }
}
