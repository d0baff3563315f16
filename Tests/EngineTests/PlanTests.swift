import Diagnostics
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Engine

/// How far a fused plan may be from the reference loops: sums in another order, a few layers deep.
private let tolerance = Agreement.relativeToLargest(1e-5)

@Suite struct PlanTests {
  @Test(arguments: SmallNets.all)
  func `a fused plan computes what the reference does`(_ name: String, _ text: String) throws {
    let graph = try NetText.graph(text)
    let want = try GraphRun.values(graph)
    #expect(GraphRun.differences(try GraphRun.values(graph, referenceOnly: false), want, tolerance) == [], "\(name)")
  }

  @Test(arguments: SmallNets.all)
  func `results do not depend on the number of threads`(_ name: String, _ text: String) throws {
    let graph = try NetText.graph(text)
    let one = try GraphRun.values(graph, threads: 1, referenceOnly: false)
    for threads in [2, 3] {
      let more = try GraphRun.values(graph, threads: threads, referenceOnly: false)
      #expect(one == more, "\(name), \(threads) threads")
    }
  }

  @Test func `a residual block is one step`() throws {
    let graph = try NetText.graph(SmallNets.residual)
    let plan = try Plan(graph, PlanOptions(threads: 1, kept: Set(graph.outputs)))
    let layers = plan.steps.map(\.name)
    #expect(layers.contains("conv1+relu1"))
    // The sum waits for its other operand, so the branch that is planned last takes it.
    #expect(layers.contains("branch+add+relu2") || layers.contains("conv2+bn2+add+relu2"), "\(layers)")
    let reference = try Plan(graph, PlanOptions(threads: 1, kept: Set(graph.outputs), referenceOnly: true))
    #expect(reference.steps.map(\.name) == graph.nodes.map(\.name))
    #expect(reference.steps.allSatisfy { $0.backend == "reference" })
    #expect(plan.laneBytes < reference.laneBytes)
  }

  @Test(arguments: SmallNets.all)
  func `observed blobs are shown, each once, with the reference's values`(_ name: String, _ text: String) throws {
    let graph = try NetText.graph(text)
    let blobs = Set(graph.blobs.map(\.id))
    func shown(_ observed: PlanOptions.Observed, _ wanted: Set<BlobID>, reference: Bool) throws -> BlobCollector {
      let run = try Run(try Plan(graph, PlanOptions(threads: 2, observed: observed, referenceOnly: reference)))
      for (blob, tensor) in GraphRun.inputs(graph) { try run.setInput(blob, tensor) }
      let collector = BlobCollector(wanted)
      try run.execute(collector)
      #expect(collector.steps == Array(run.plan.steps.indices))
      return collector
    }
    let want = try shown(.all, blobs, reference: true)
    let got = try shown(.all, blobs, reference: false)
    #expect(got.order.sorted() == graph.blobs.map(\.id).sorted(), "\(name)")
    for blob in graph.blobs {
      let (a, b) = (try #require(got.values[blob.id]?.first), try #require(want.values[blob.id]?.first))
      #expect(tolerance.firstDisagreement(a, b) == nil, "\(name): \(blob.name) of \(blob.id.index)")
      // One blob alone observed: the rest is fused around it.
      let alone = try shown(.only([blob.id]), [blob.id], reference: false)
      #expect(alone.order == [blob.id])
      let only = try #require(alone.values[blob.id]?.first)
      #expect(tolerance.firstDisagreement(only, b) == nil, "\(name): \(blob.name) of \(blob.id.index) alone")
    }
  }

  @Test(arguments: SmallNets.all)
  func `kept blobs survive to the end`(_ name: String, _ text: String) throws {
    let graph = try NetText.graph(text)
    let run = try Run(try Plan(graph, PlanOptions(threads: 1, kept: Set(graph.blobs.map(\.id)))))
    let reference = try Run(try Plan(graph, PlanOptions(threads: 1, observed: .all, referenceOnly: true)))
    let want = BlobCollector(Set(graph.blobs.map(\.id)))
    for (blob, tensor) in GraphRun.inputs(graph) {
      try run.setInput(blob, tensor)
      try reference.setInput(blob, tensor)
    }
    try run.execute()
    try reference.execute(want)
    for blob in graph.blobs {
      let b = try #require(want.values[blob.id]?.first)
      #expect(tolerance.firstDisagreement(try run.read(blob.id), b) == nil, "\(name): \(blob.name)")
    }
  }

  @Test(arguments: 1...60)
  func `random nets compute what the reference does`(_ seed: Int) throws {
    let net = RandomNet(seed: UInt64(seed), layers: 16)
    let graph = try NetText.graph(net.text, seed: UInt64(seed))
    let outputs = Set(graph.outputs)
    // Besides the outputs, a sixth of the blobs is kept and another sixth observed.
    let kept = outputs.union(graph.blobs.map(\.id).filter { ($0.index + seed) % 6 == 0 })
    let observed = Set(graph.blobs.map(\.id).filter { ($0.index + seed) % 6 == 1 })
    let all = BlobCollector(Set(graph.blobs.map(\.id)))
    let some = BlobCollector(observed)
    let reference = try Run(try Plan(graph, PlanOptions(threads: 1, observed: .all, referenceOnly: true)))
    let run = try Run(try Plan(graph, PlanOptions(threads: 2, observed: .only(observed), kept: kept)))
    for (blob, tensor) in GraphRun.inputs(graph) {
      try run.setInput(blob, tensor)
      try reference.setInput(blob, tensor)
    }
    try reference.execute(all)
    try run.execute(some)
    for blob in graph.blobs {
      let want = try #require(all.values[blob.id]?.first)
      let loose = Agreement.relativeToLargest(1e-4)
      if kept.contains(blob.id) {
        let problem = loose.firstDisagreement(try run.read(blob.id), want)
        #expect(problem == nil, "seed \(seed), kept \(blob.name): \(problem ?? "")\n\(net.text)")
      }
      if observed.contains(blob.id) {
        let got = try #require(some.values[blob.id]?.first, "seed \(seed): '\(blob.name)' was not shown")
        let problem = loose.firstDisagreement(got, want)
        #expect(problem == nil, "seed \(seed), observed \(blob.name): \(problem ?? "")\n\(net.text)")
      }
    }
  }

  @Test func `activations of forks are part of the convolution before them`() throws {
    let graph = try NetText.graph(SmallNets.activations)
    let plan = try Plan(graph, PlanOptions(threads: 1, kept: Set(graph.outputs)))
    let layers = plan.steps.map(\.name)
    for step in ["conv1+swish", "conv2+relu6", "conv3+rrelu", "conv4+clip"] {
      #expect(layers.contains(step), "\(step) in \(layers)")
    }
  }

  // MARK: refusals

  @Test func `unknown layer types are all listed, with how many there are`() throws {
    let graph = try NetText.graph(
      NetText.input("data", [1, 2]) + NetText.layer("a", "Foo", ["data"], ["a"])
        + NetText.layer("b", "ReLu", ["a"], ["b"])
        + NetText.layer("c", "Foo", ["b"], ["c"]))
    let found = NetText.problems { _ = try Plan(graph, PlanOptions(threads: 1)) }
    #expect(
      found.map(\.text) == ["layer types 'Foo' (2 layers), 'ReLu' (1 layer) cannot be run: nobody knows them"])
    #expect(found.first?.location?.line == 2)
    #expect(
      found.first?.notes.map(\.text) == [
        "layer 'a' has type 'Foo'", "layer 'b' has type 'ReLu'", "layer 'c' has type 'Foo'",
      ])
    #expect(found.first?.notes.map(\.location?.line) == [2, 3, 4])
    #expect(found.first?.help.contains("for 'ReLu': did you mean 'ReLU'?") == true)
  }

  @Test func `the error about unknown types says where the net can be cut`() throws {
    // data - r - a (Foo) - s - b (Foo) - t: known are r before, s and t behind.
    let graph = try NetText.graph(
      NetText.input("data", [1, 2]) + NetText.layer("r", "ReLU", ["data"], ["r"])
        + NetText.layer("a", "Foo", ["r"], ["a"]) + NetText.layer("s", "ReLU", ["a"], ["s"])
        + NetText.layer("b", "Foo", ["s"], ["b"]) + NetText.layer("t", "ReLU", ["b"], ["t"]))
    let help = NetText.problems { try graph.refuseUnknownTypes() }.first?.help ?? []
    #expect(help.contains("the net can be used as far as it is known: --outputs r"))
    #expect(help.contains("or from there on: --inputs b, with --input-shape for each"))
    #expect(help.contains { $0.contains("--plugin LIB") && $0.contains("--proto FILE") })
  }

  @Test func `layers that are only read are refused by name`() throws {
    let graph = try NetText.graph(
      NetText.input("data", [1, 3, 8, 8])
        + NetText.layer("block", "DenseBlock", ["data"], ["a"], "denseblock_param { growthRate: 8 }")
        + NetText.layer("crop", "CropCenter", ["a"], ["b"], "crop_center_param { crop_size: [0, 0, 2, 2] }")
        + NetText.layer("text", "CTCGreedyDecoder", ["b"], ["c"], "ctc_decoder_param { ctc_merge_repeated: false }"))
    let found = NetText.problems { _ = try Plan(graph, PlanOptions(threads: 1)) }
    #expect(
      found.map(\.text) == [
        "layer types 'CTCGreedyDecoder' (1 layer), 'CropCenter' (1 layer), 'DenseBlock' (1 layer) cannot be run: "
          + "nobody knows them"
      ])
    #expect(
      found[0].notes.map(\.text)
        == ["block", "crop", "text"].enumerated().map { index, name in
          "layer '\(name)' has type '\(["DenseBlock", "CropCenter", "CTCGreedyDecoder"][index])'"
        })
    #expect(found[0].notes.map { $0.location?.line } == [2, 3, 4])
  }

  @Test func `a layer on no values is refused, whatever it would divide by`() throws {
    let graph = try NetText.graph(
      NetText.input("data", [0, 4, 6, 6]) + NetText.layer("loss", "HingeLoss", ["data", "data"], ["loss"]))
    let found = NetText.problems { _ = try Plan(graph, PlanOptions(threads: 1)) }
    #expect(
      found.map(\.text) == [
        "layer 'loss' (HingeLoss): its bottom 'data' has no values, its shape is \(Shape([0, 4, 6, 6]))"
      ])
    #expect(found.first?.location?.line == 2)
  }

  @Test func `an input without a shape is refused with what to give`() throws {
    let graph = try NetText.graph("input: \"data\"\n" + NetText.layer("r", "ReLU", ["data"], ["r"]))
    let found = NetText.problems { _ = try Plan(graph, PlanOptions(threads: 1)) }
    #expect(found.map(\.text) == ["the shape of input 'data' is not known"])
    #expect(found.first?.help == ["feed it with --input, or give --input-shape data=N,C,H,W"])
  }
}
