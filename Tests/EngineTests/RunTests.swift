import Engine
import LayerGraph
import Tensors
import TestSupport
import Testing

@Suite struct RunTests {
  /// Runs `lanes` batches through one run and gives every lane's kept outputs.
  private func outputs(
    _ graph: Graph, _ batches: [[BlobID: Tensor]], memoryLimit: Int = .max, times: Int = 1
  ) throws -> (values: [[Tensor]], isSpilled: Bool) {
    let plan = try Plan(graph, PlanOptions(threads: 2, kept: Set(graph.outputs)))
    let run = try Run(plan, lanes: batches.count, memoryLimit: memoryLimit)
    for _ in 0..<times {
      for (lane, batch) in batches.enumerated() {
        for (blob, tensor) in batch { try run.setInput(blob, lane: lane, tensor) }
      }
      try run.execute()
    }
    let values = try batches.indices.map { lane in try graph.outputs.map { try run.read($0, lane: lane) } }
    return (values, run.isSpilled)
  }

  private func batches(_ graph: Graph, _ count: Int) -> [[BlobID: Tensor]] {
    (0..<count).map { GraphRun.inputs(graph, seed: 100 + 10 * UInt64($0)) }
  }

  @Test(arguments: SmallNets.all)
  func `lanes are runs of their own`(_ name: String, _ text: String) throws {
    let graph = try NetText.graph(text)
    let batches = batches(graph, 3)
    let together = try outputs(graph, batches).values
    let alone = try batches.map { try outputs(graph, [$0]).values[0] }
    #expect(together == alone, "\(name)")
    #expect(together[0] != together[1], "different inputs give different outputs")
  }

  @Test(arguments: SmallNets.all)
  func `an arena on disk gives the same bits`(_ name: String, _ text: String) throws {
    let graph = try NetText.graph(text)
    let batches = batches(graph, 2)
    let (inMemory, onDisk) = (try outputs(graph, batches), try outputs(graph, batches, memoryLimit: 1))
    #expect(!inMemory.isSpilled && onDisk.isSpilled)
    #expect(inMemory.values == onDisk.values, "\(name)")
  }

  @Test(arguments: SmallNets.all)
  func `a run can be repeated`(_ name: String, _ text: String) throws {
    let graph = try NetText.graph(text)
    let batches = batches(graph, 2)
    #expect(try outputs(graph, batches, times: 3).values == outputs(graph, batches).values, "\(name)")
  }

  @Test func `observers see all lanes of a blob at once`() throws {
    let graph = try NetText.graph(SmallNets.residual)
    let blob = try #require(graph.node(named: "relu1")?.tops.first)
    let batches = batches(graph, 2)
    let run = try Run(try Plan(graph, PlanOptions(threads: 1, observed: .only([blob]))), lanes: 2)
    for (lane, batch) in batches.enumerated() {
      for (blob, tensor) in batch { try run.setInput(blob, lane: lane, tensor) }
    }
    let collector = BlobCollector([blob])
    try run.execute(collector)
    #expect(collector.order == [blob])
    let want = try batches.map { try GraphRun.values(graph, of: ["relu1"], inputs: $0)["relu1"] }
    let got = try #require(collector.values[blob])
    #expect(got.count == 2)
    for (a, b) in zip(got, want) {
      #expect(Agreement.relativeToLargest(1e-5).firstDisagreement(a, try #require(b)) == nil)
    }
  }

  @Test func `inputs of another shape and blobs that are no inputs are refused`() throws {
    let graph = try NetText.graph(SmallNets.residual)
    let run = try Run(try Plan(graph, PlanOptions(threads: 1)))
    let data = try #require(graph.inputs.first)
    let wrong = NetText.problems { try run.setInput(data, Tensor(shape: [1, 3, 6, 5])) }
    #expect(wrong.map(\.text) == ["input 'data' needs shape [2, 3, 6, 5], got [1, 3, 6, 5]"])
    let conv = try #require(graph.node(named: "conv1")?.tops.first)
    let none = NetText.problems { try run.setInput(conv, Tensor(shape: [2, 8, 6, 5])) }
    #expect(none.map(\.text) == ["'conv1' is no input of the net"])
  }

  @Test func `values that are not numbers go through`() throws {
    let graph = try NetText.graph(
      NetText.input("data", [1, 2, 2, 2])
        + NetText.layer("conv", "Convolution", ["data"], ["conv"], "convolution_param { num_output: 1 kernel_size: 1 }"))
    let run = try Run(try Plan(graph, PlanOptions(threads: 1, kept: Set(graph.outputs))))
    try run.setInput(graph.inputs[0], Tensor(shape: [1, 2, 2, 2], repeating: .nan))
    try run.execute()
    #expect(try run.read(graph.outputs[0]).array.allSatisfy(\.isNaN))
  }
}
