import LayerGraph
import Passes
import Tensors
import TestSupport
import Testing

@Suite struct FoldedChainTests {
  /// BatchNorm has deviations 2 and 4 and means 1 and -1, Scale 4, -8 and 1, -1, Bias 0.5, 0.25.
  private func chain(_ shift: [Double]?) throws -> FoldedChain {
    let graph = try NetText.graph(
      NetText.input("data", [1, 2, 2, 2])
        + NetText.layer("bn", "BatchNorm", ["data"], ["bn"], "batch_norm_param { eps: 0 }")
        + NetText.layer("scale", "Scale", ["bn"], ["scale"], "scale_param { bias_term: true }")
        + NetText.layer("bias", "Bias", ["scale"], ["y"]),
      params: [
        "bn": [Tensor(shape: [2], [1, -1]), Tensor(shape: [2], [4, 16]), Tensor(shape: [1], [1])],
        "scale": [Tensor(shape: [2], [4, -8]), Tensor(shape: [2], [1, -1])],
        "bias": [Tensor(shape: [2], [0.5, 0.25])],
      ])
    return try FoldedChain(graph.nodes.map(\.id), in: graph, channels: 2, of: graph.nodes[0], shift: shift)
  }

  @Test func `factor, shift and sign by hand`() throws {
    let chain = try chain(nil)
    #expect(chain.factor == [2, -2] && chain.signs == [1, -1] && chain.shifts)
    // -1 / 2 * 4 + 1 + 0.5; 1 / 4 * -8 - 1 + 0.25
    #expect(chain.shift == [-0.5, -2.75])
    // What was there before takes the factor: + 2 * 10, - 2 * 100.
    #expect(try self.chain([10, 100]).shift == [19.5, -202.75])
  }
}
