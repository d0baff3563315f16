import Engine
import Kernels
import LayerGraph
import Passes
import Quantization
import Tensors
import TestSupport
import Testing

@Suite("BatchNormUpdate") struct BatchNormUpdateTests {
  private static func stored(_ mean: Float, _ variance: Float, _ factor: Float) -> [Tensor] {
    [Tensor(shape: [1], [mean]), Tensor(shape: [1], [variance]), Tensor(shape: [1], [factor])]
  }

  private func live(_ text: String, _ params: [String: [Tensor]], fraction: Float = 0.5) throws -> Graph {
    try PassPipeline.run([LiveBatchNorm(fraction: fraction)], on: try NetText.graph(text, params: params)).graph
  }

  /// What the BatchNorm layers of a net see in one batch.
  private func moments(_ graph: Graph, _ update: BatchNormUpdate, _ batch: Tensor) throws -> [BlobID: ChannelMoments] {
    let plan = try Plan(graph, PlanOptions(threads: 1, observed: .only(update.observed), exactFusionsOnly: true))
    let run = try Run(plan)
    try run.setInput(graph.inputs[0], batch)
    let observer = MomentObserver(update.observed, threads: 1) {}
    try run.execute(observer)
    return observer.moments
  }

  private static let two =
    NetText.input("data", [2, 1, 2]) + NetText.layer("a", "BatchNorm", ["data"], ["a"], "batch_norm_param { eps: 0.5 }")
    + NetText.layer("b", "BatchNorm", ["a"], ["b"], "batch_norm_param { moving_average_fraction: 0.25 }")

  /// Batch 1: 1, 2, 3, 6 has mean 3 and variance 3.5, so a makes (x - 3) / sqrt(3.5 + 0.5) = -1, -0.5, 0, 1.5 of it,
  /// whatever was stored; their mean is 0, their variance 3.5 / 4. Batch 2: 0, 4, 4, 0 has mean 2 and variance 4; a
  /// makes (x - 2) / sqrt(4.5) of it, with variance 4 / 4.5. m / (m - 1) is 4 / 3.
  @Test func `a layer sees what those before it make of their batches, by hand`() throws {
    let graph = try live(Self.two, ["a": Self.stored(100, 5, 2), "b": Self.stored(8, 8, 4)])
    var update = try BatchNormUpdate(graph)
    #expect(update.layers == ["a", "b"] && update.observed.count == 2)
    let batches = [Tensor(shape: [2, 1, 2], [1, 2, 3, 6]), Tensor(shape: [2, 1, 2], [0, 4, 4, 0])]
    for batch in batches { try update.add(moments(graph, update, batch)) }
    let (a, b) = try (#require(update.statistics["a"]), #require(update.statistics["b"]))
    // (100 / 2 + 3) / 2 + 2; (5 / 2 + 14 / 3) / 2 + 16 / 3; (2 / 2 + 1) / 2 + 1
    #expect(a.mean == [28.5] && a.factor == 2 && abs(a.variance[0] - (43.0 / 12 + 16.0 / 3)) < 1e-5)
    // The layer's own fraction, a quarter: (8 / 4 + 0) / 4 + 0; (8 / 4 + 7 / 6) / 4 + 32 / 27; (4 / 4 + 1) / 4 + 1
    #expect(abs(b.mean[0] - 0.5) < 1e-6 && b.factor == 1.5)
    #expect(abs(b.variance[0] - (19.0 / 24 + 32.0 / 27)) < 1e-5)
    // 2 / 4 of a's sums were old after the first batch, half of that over 2 after the second; less than half of both.
    #expect(update.sluggish.isEmpty)
  }

  @Test func `a fraction near 1 is told`() throws {
    let graph = try live(Self.two, ["a": Self.stored(0, 1000, 1000), "b": Self.stored(8, 8, 4)], fraction: 0.999)
    var update = try BatchNormUpdate(graph)
    try update.add(moments(graph, update, Tensor(shape: [2, 1, 2], [1, 2, 3, 6])))
    let slow = update.sluggish
    // a: 999 of 1000 are old. b: 1 of 2, not more than half.
    #expect(slow.map(\.layer) == ["a"] && abs(slow[0].old - 0.999) < 1e-6 && slow[0].fraction == 0.999)
  }

  @Test func `the refreshed statistics take their places`() throws {
    let graph = try NetText.graph(Self.two, params: ["a": Self.stored(1, 2, 3), "b": Self.stored(4, 5, 6)])
    let fresh = BatchNormStatistics(mean: [7], variance: [8], factor: 9)
    let changed = BatchNormUpdate.graph(graph, with: ["b": fresh])
    #expect(changed.node(named: "a")?.params == Self.stored(1, 2, 3))
    #expect(changed.node(named: "b")?.params == fresh.blobs)
  }

  @Test func `one value per channel is refused`() throws {
    let text =
      NetText.input("data", [1, 3, 1, 1]) + "\n" + NetText.layer("bn", "BatchNorm", ["data"], ["y"])
    let found = NetText.problems { try BatchNormUpdate.check(try NetText.graph(text)) }
    #expect(
      found.first?.lines == [
        "net.prototxt:3:1: error: layer 'bn' (BatchNorm): update_bn needs more than one value per channel, a batch of "
          + "[1, 3, 1, 1] has one", "help: raise the batch size, or set update_bn to false",
      ])
    for shape in ["dim: 2 dim: 3 dim: 1 dim: 1", "dim: 1 dim: 3 dim: 1 dim: 2"] {
      let fits = text.replacing("dim: 1 dim: 3 dim: 1 dim: 1", with: shape)
      #expect(NetText.problems { try BatchNormUpdate.check(try NetText.graph(fits)) }.isEmpty)
    }
  }

  @Test func `values that are not finite are refused with the layer`() throws {
    let graph = try live(Self.two, ["a": Self.stored(0, 1, 1), "b": Self.stored(0, 1, 1)])
    var update = try BatchNormUpdate(graph)
    let seen = try moments(graph, update, Tensor(shape: [2, 1, 2], [1, .infinity, 3, 6]))
    let found = NetText.problems { try update.add(seen) }
    #expect(found.first?.text == "the statistics of layer 'a' (BatchNorm) are not finite in this batch")
  }
}
