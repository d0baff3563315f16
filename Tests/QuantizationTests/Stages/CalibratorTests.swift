import Diagnostics
import Engine
import LayerGraph
import Passes
import Quantization
import Tensors
import TestSupport
import Testing

@Suite("Calibrator") struct CalibratorTests {
  /// conv over data, add over conv and other; both inputs have 2 x 4 x 4 values.
  private static let text =
    NetText.input("data", [1, 2, 4, 4]) + NetText.input("other", [1, 2, 4, 4])
    + NetText.layer("conv", "Convolution", ["data"], ["conv"], StageNet.convolution)
    + NetText.layer("add", "Eltwise", ["conv", "other"], ["add"])

  private struct Outcome {
    let results: [CalibrationResult]
    let failures: [CalibrationFailure]
    let events: [String]

    subscript(layer: String, bottom: Int) -> CalibrationResult? {
      results.first { $0.layer == layer && $0.search.bottoms.contains(bottom) }
    }
  }

  private func calibrate(
    _ graph: Graph, _ batches: [[BlobID: Tensor]], _ changes: [(String, String)] = [], threads: Int = 1
  ) throws -> Outcome {
    var events: [String] = []
    let targets = CalibrationTarget.all(in: graph, try StageNet.config(graph, changes))
    let calibrator = Calibrator(graph, targets, threads: threads) { event in
      switch event {
      case .step: break
      case .searching(let layer, let bottom): events.append("searching \(layer) \(bottom)")
      case .found(let result): events.append("found \(result.layer)")
      case .failed(let failure): events.append("failed \(failure.layer)")
      case .candidates: break
      case .reused(let result, let origin): events.append("reused \(result.layer) of \(origin)")
      }
    }
    let plan = try Plan(
      graph, PlanOptions(threads: threads, observed: .only(calibrator.observed), referenceOnly: true))
    let run = try Run(plan, lanes: batches.count)
    for (lane, batch) in batches.enumerated() {
      for (blob, tensor) in batch { try run.setInput(blob, lane: lane, tensor) }
    }
    try run.execute(calibrator)
    return Outcome(results: calibrator.results, failures: calibrator.failures, events: events)
  }

  private func batches(_ graph: Graph, _ count: Int) -> [[BlobID: Tensor]] {
    (0..<count).map { GraphRun.inputs(graph, seed: 50 + 10 * UInt64($0)) }
  }

  /// The values of a blob in each batch, by a run of its own.
  private func values(_ graph: Graph, _ blob: String, _ batches: [[BlobID: Tensor]]) throws -> [[Float]] {
    try batches.map { try #require(try GraphRun.values(graph, of: [blob], inputs: $0)[blob]).array }
  }

  private func search(_ values: [Float], _ p: IFMR.Parameters = .init()) throws -> IFMR.Result {
    try Tensor(shape: [values.count], values).withView { view in try IFMR.search([view], p, threads: 1) }
  }

  @Test func `each input is searched over all batches as if they were one`() throws {
    let graph = try NetText.graph(Self.text)
    let batches = batches(graph, 3)
    let found = try calibrate(graph, batches)
    for (layer, bottom, blob) in [("conv", 0, "data"), ("add", 0, "conv"), ("add", 1, "other")] {
      let want = try search(try values(graph, blob, batches).flatMap { $0 })
      let got = try #require(found[layer, bottom])
      #expect(got.data.map(\.scale) == [want.scale] && got.data.map(\.offset) == [want.offset], "\(blob)")
      #expect(got.best == want.best && got.candidates == want.candidates)
      #expect(got.rangeMin == want.rangeMin && got.rangeMax == want.rangeMax)
      #expect(got.clipMin == want.clipMin && got.clipMax == want.clipMax)
      let data = try #require(got.data.first)
      #expect([data.index, data.numBits, data.channels, data.height, data.width] == [bottom, 8, 2, 4, 4])
    }
    #expect(found.failures.isEmpty)
    // The inputs come first, then each layer's top as soon as it is made.
    #expect(
      found.events == [
        "searching conv 0", "found conv", "searching add 1", "found add", "searching add 0", "found add",
      ])
  }

  @Test func `a layer's own settings are used`() throws {
    let graph = try NetText.graph(Self.text)
    let batches = batches(graph, 2)
    let found = try calibrate(
      graph, batches,
      [
        ("conv.activation_quant_params.with_offset", "false"), ("conv.activation_quant_params.num_bits", "12"),
        ("conv.activation_quant_params.search_range", "0.5 1.5"), ("conv.activation_quant_params.search_step", "0.25"),
      ])
    let want = try search(
      try values(graph, "data", batches).flatMap { $0 },
      IFMR.Parameters(numBits: 12, withOffset: false, searchRange: (0.5, 1.5), searchStep: 0.25))
    let got = try #require(found["conv", 0])
    #expect(got.candidates == 5)
    #expect(got.data.map(\.scale) == [want.scale] && got.data.map(\.offset) == [0])
    #expect(got.data.map(\.numBits) == [12])
  }

  @Test func `joint inputs of a sum are searched together and have equal factors`() throws {
    let graph = try NetText.graph(Self.text)
    let batches = batches(graph, 2)
    let found = try calibrate(graph, batches, [("joint_quant", "true")])
    let (conv, other) = (try values(graph, "conv", batches), try values(graph, "other", batches))
    // Batch by batch, the inputs in order.
    let want = try search(conv[0] + other[0] + conv[1] + other[1])
    let got = try #require(found["add", 0])
    #expect(got.search.bottoms == [0, 1])
    #expect(got.data.map(\.index) == [0, 1])
    #expect(got.data.map(\.scale) == [want.scale, want.scale])
    #expect(got.data.map(\.offset) == [want.offset, want.offset])
    let apart = try calibrate(graph, batches)
    #expect(apart["add", 0]?.data.map(\.scale) != apart["add", 1]?.data.map(\.scale), "otherwise nothing is shown")
  }

  private static func sum(_ operation: String) -> String {
    NetText.input("a", [1, 2, 4, 4]) + NetText.input("b", [1, 2, 4, 4])
      + NetText.layer("add", "Eltwise", ["a", "b"], ["add"], "eltwise_param { operation: \(operation) }")
  }

  /// a is 0, 0.06 .. 1.80 and 2.00, b -0.55, -0.50 .. 1.00: multiples of 0.01 from -0.55 to 2.00. Of all bounds that
  /// are tried, 2.00 alone makes the step 2.55 / 255 = 0.01, which meets every value: no error. The offset is
  /// -round(-0.55 / 0.01) - 128.
  @Test func `joint inputs by hand`() throws {
    let graph = try NetText.graph(Self.sum("SUM"))
    let a = (0..<32).map { $0 == 31 ? 2 : Float($0 * 6) / 100 }
    let b = (0..<32).map { Float(min(-55 + 5 * $0, 100)) / 100 }
    let shape: Shape = [1, 2, 4, 4]
    let batch = [graph.inputs[0]: Tensor(shape: shape, a), graph.inputs[1]: Tensor(shape: shape, b)]
    let found = try calibrate(graph, [batch], [("joint_quant", "true")])
    #expect(found.results.count == 1)
    let data = try #require(found.results.first?.data)
    #expect(data.map(\.index) == [0, 1] && data.map(\.offset) == [-73, -73])
    #expect(data[0].scale == data[1].scale && abs(data[0].scale - 0.01) < 1e-6)
  }

  @Test(arguments: ["PROD", "MAX"]) func `what is no sum keeps a factor for each input`(_ operation: String) throws {
    let graph = try NetText.graph(Self.sum(operation))
    let targets = CalibrationTarget.all(in: graph, try StageNet.config(graph, [("joint_quant", "true")]))
    #expect(targets.flatMap(\.searches).map(\.bottoms) == [[0], [1]])
    // Neither does a Concat become joint.
    let concat = try NetText.graph(
      NetText.input("a", [1, 2, 4, 4]) + NetText.input("b", [1, 2, 4, 4])
        + NetText.layer("cat", "Concat", ["a", "b"], ["cat"]))
    let both = CalibrationTarget.all(in: concat, try StageNet.config(concat, [("joint_quant", "true")]))
    #expect(both.flatMap(\.searches).map(\.bottoms) == [[0], [1]])
  }

  @Test func `the bottoms of one weighted layer share a factor`() throws {
    let graph = try NetText.graph(
      NetText.input("data", [1, 2, 4, 4]) + NetText.input("other", [1, 2, 4, 4])
        + NetText.layer("conv", "Convolution", ["data", "other"], ["a", "b"], StageNet.convolution))
    let batches = batches(graph, 1)
    let (a, b) = (try #require(batches[0][graph.inputs[0]]), try #require(batches[0][graph.inputs[1]]))
    let want = try search(a.array + b.array)
    let found = try calibrate(graph, batches)
    #expect(found.results.count == 1)
    #expect(found["conv", 1]?.data.map(\.scale) == [want.scale, want.scale])
  }

  @Test func `data that are not numbers fail their layer alone, with the batch that has them`() throws {
    let graph = try NetText.graph(
      NetText.input("data", [1, 2, 4, 4]) + NetText.input("other", [1, 2, 4, 4])
        + NetText.layer("bad", "Convolution", ["data"], ["a"], StageNet.convolution)
        + NetText.layer("good", "Convolution", ["other"], ["b"], StageNet.convolution))
    for (value, reason) in [
      (Float.nan, "IFMR calibration data has nan value."), (.infinity, "IFMR calibration data has inf value."),
    ] {
      var batches = batches(graph, 3)
      batches[1][graph.inputs[0]]?.withMutable { $0[3] = value }
      batches[2][graph.inputs[0]]?.withMutable { $0[5] = value }
      let found = try calibrate(graph, batches)
      #expect(found.failures.map(\.layer) == ["bad"])
      let failure = try #require(found.failures.first)
      #expect(failure.reason == reason && failure.bottom == 0)
      #expect(failure.notFinite == 2 && failure.firstBatch == 1)
      #expect(found.results.map(\.layer) == ["good"])
    }
  }

  @Test func `joint inputs are looked through batch by batch`() throws {
    let graph = try NetText.graph(Self.text)
    var batches = batches(graph, 3)
    // The first of the two inputs is bad in the second batch.
    batches[1][graph.inputs[0]]?.withMutable { $0[3] = .nan }
    let found = try calibrate(graph, batches, [("joint_quant", "true")])
    #expect(found.failures.map(\.layer) == ["conv", "add"])
    #expect(found.failures.map(\.firstBatch) == [1, 1])
  }

  @Test func `factors do not depend on the number of threads`() throws {
    let graph = try NetText.graph(Self.text)
    let batches = batches(graph, 2)
    let (one, two) = (try calibrate(graph, batches, threads: 1), try calibrate(graph, batches, threads: 2))
    #expect(one.results.map(\.data) == two.results.map(\.data))
    #expect(one.results.map(\.best) == two.results.map(\.best))
  }

  @Test func `what the report throws stops the run`() throws {
    let graph = try NetText.graph(Self.text)
    let targets = CalibrationTarget.all(in: graph, try StageNet.config(graph))
    let calibrator = Calibrator(graph, targets, threads: 1) { event throws(DiagnosticError) in
      if case .found = event { throw DiagnosticError("stopped") }
    }
    let run = try Run(try Plan(graph, PlanOptions(threads: 1, observed: .only(calibrator.observed))))
    for (blob, tensor) in GraphRun.inputs(graph) { try run.setInput(blob, tensor) }
    #expect(NetText.problems { try run.execute(calibrator) }.map(\.text) == ["stopped"])
    #expect(calibrator.results.count == 1)
  }
}
