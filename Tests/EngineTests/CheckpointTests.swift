import Engine
import LayerGraph
import Tensors
import TestSupport
import Testing

@Suite("Checkpoint") struct CheckpointTests {
  /// Keeps every blob of all lanes, and the memory of every checkpoint.
  private final class Recorder: RunObserver {
    let run: Run
    let places: [Int: Checkpoint]
    let wanted: Set<BlobID>
    var values: [BlobID: [[Float]]] = [:]
    var memory: [Int: [[Float]]] = [:]
    var steps: [Int] = []

    init(_ run: Run, wanted: Set<BlobID>) {
      self.run = run
      self.wanted = wanted
      places = Dictionary(uniqueKeysWithValues: run.plan.checkpoints.map { ($0.step, $0) })
    }

    func wants(_ blob: BlobID) -> Bool { wanted.contains(blob) }
    func observe(_ blob: BlobID, _ values: LaneValues) { self.values[blob] = values.lanes.map(\.array) }
    func finished(step: Int, number: Int, of total: Int) {
      steps.append(step)
      if let place = places[step] { memory[step] = run.memory(of: place).map(\.array) }
    }
  }

  private func plan(_ graph: Graph, _ observed: Set<BlobID>) throws -> Plan {
    try Plan(graph, PlanOptions(threads: 1, observed: .only(observed), exactFusionsOnly: true))
  }

  private func start(_ plan: Plan, _ graph: Graph, lanes: Int) throws -> Run {
    let run = try Run(plan, lanes: lanes)
    for lane in 0..<lanes {
      for (blob, tensor) in GraphRun.inputs(graph, seed: 40 + 10 * UInt64(lane)) {
        try run.setInput(blob, lane: lane, tensor)
      }
    }
    return run
  }

  @Test(arguments: SmallNets.all)
  func `is enough to go on from`(_ name: String, _ text: String) throws {
    let graph = try NetText.graph(text)
    let blobs = Set(graph.nodes.flatMap(\.tops))
    let plan = try plan(graph, blobs)
    let whole = try start(plan, graph, lanes: 2)
    let all = Recorder(whole, wanted: blobs)
    try whole.execute(all)
    for checkpoint in plan.checkpoints where checkpoint.step >= 0 {
      let later = blobs.filter { plan.reaches([$0], from: checkpoint) }
      #expect(!later.isEmpty, "\(name) after step \(checkpoint.step)")
      let run = try Run(plan, lanes: 2)
      let kept = try #require(all.memory[checkpoint.step])
      for (view, values) in zip(run.memory(of: checkpoint), kept) {
        Tensor(shape: [values.count], values).withView { view.copy($0) }
      }
      let rest = Recorder(run, wanted: later)
      try run.execute(after: checkpoint, showing: later, rest)
      #expect(rest.values == all.values.filter { later.contains($0.key) }, "\(name) after step \(checkpoint.step)")
    }
  }

  @Test func `leaves out the steps that nobody needs`() throws {
    let text =
      NetText.input("data", [1, 2, 4, 4]) + NetText.layer("a", "TanH", ["data"], ["a"])
      + NetText.layer("b", "TanH", ["data"], ["b"]) + NetText.layer("c", "TanH", ["b"], ["c"])
    let graph = try NetText.graph(text)
    let blob = try #require(graph.node(named: "b")?.tops.first)
    let plan = try plan(graph, Set(graph.nodes.flatMap(\.tops)))
    let run = try start(plan, graph, lanes: 1)
    let recorder = Recorder(run, wanted: [blob])
    try run.execute(after: try #require(plan.checkpoints.first), showing: [blob], recorder)
    #expect(recorder.steps.map { plan.steps[$0].name } == ["b"])
    #expect(recorder.values.keys.map(\.self) == [blob])
  }

  @Test func `holds the blobs that live across it and no others`() throws {
    // relu1 is read by the branch and by the sum.
    let graph = try NetText.graph(SmallNets.residual)
    let plan = try plan(graph, Set(graph.nodes.flatMap(\.tops)))
    for checkpoint in plan.checkpoints where checkpoint.step >= 0 {
      let made = graph.blobs.filter { !plan.reaches([$0.id], from: checkpoint) && $0.producer != nil }
      let readLater = Set(
        plan.steps.dropFirst(checkpoint.step + 1).flatMap(\.nodes).compactMap { graph[$0] }.flatMap(\.bottoms))
      #expect(made.allSatisfy { !readLater.contains($0.id) }, "a blob that is read later is held")
    }
  }

  @Test(arguments: SmallNets.all)
  func `values do not depend on who else is observed`(_ name: String, _ text: String) throws {
    let graph = try NetText.graph(text)
    let blobs = Set(graph.nodes.flatMap(\.tops))
    func values(_ observed: Set<BlobID>) throws -> [BlobID: [[Float]]] {
      let run = try start(try plan(graph, observed), graph, lanes: 1)
      let recorder = Recorder(run, wanted: observed)
      try run.execute(recorder)
      return recorder.values
    }
    let all = try values(blobs)
    for blob in blobs { #expect(try values([blob])[blob] == all[blob], "\(name) \(graph[blob].name)") }
  }

  @Test func `has a key that tells blobs, lanes and places apart`() throws {
    let graph = try NetText.graph(SmallNets.residual)
    let plan = try plan(graph, [])
    let keys = graph.contentKeys(
      inputs: Dictionary(uniqueKeysWithValues: graph.inputs.map { ($0, ContentHasher("x").key) }))
    let places = plan.checkpoints.compactMap { plan.key(of: $0, blobs: keys, lanes: 1) }
    #expect(places.count == plan.checkpoints.count && Set(places).count == places.count)
    #expect(plan.key(of: plan.checkpoints[1], blobs: keys, lanes: 2) != places[1])
    #expect(plan.key(of: plan.checkpoints[1], blobs: [:], lanes: 1) == nil)
  }
}
