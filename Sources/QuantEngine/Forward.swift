import Diagnostics
import Engine
import Foundation
import Kernels
import LayerGraph
import Tensors

/// Which blobs `cortado forward` writes.
package enum DumpKind: String, Sendable, CaseIterable {
  case layers, blobs, outputs
}

/// Times of one run, for `forward` and `bench`.
package struct RunTimes: Encodable, Sendable {
  package struct Seconds: Encodable, Sendable {
    package let load: Double
    package let plan: Double
    package let forward: Double
  }
  package struct Layer: Encodable, Sendable {
    package let name: String
    package let type: String
    package let seconds: Double
    package let backend: String
  }

  package let seconds: Seconds
  package let peakBytes: Int
  package let layers: [Layer]
  package let batch: Int
  package let threads: Int
  package let gflops: Double
  /// The share of the layers' time that the reference loops take, 0 to 1; `nil`: not to be told.
  package var referenceShare: Double?
  /// Where it was asked for.
  package var calibration: CalibrationTimes?
}

/// `cortado forward`: runs a net on given inputs and writes blobs as `.npy`.
package struct ForwardJob {
  package var files: ModelFiles
  package var data: DataOptions
  package var output: String
  package var dump: DumpKind
  package var threads: Int
  package var repeats: Int

  package init(files: ModelFiles, data: DataOptions, output: String, dump: DumpKind, threads: Int, repeats: Int) {
    self.files = files
    self.data = data
    self.output = output
    self.dump = dump
    self.threads = threads
    self.repeats = repeats
  }

  package func run(_ news: (Diagnostic) -> Void) throws(QuantError) -> RunTimes {
    let start = monotonicSeconds()
    let model = try LoadedModel(files)
    model.warnings.forEach(news)
    let feed = try DataFeed(data, for: model)
    feed.warnings.forEach(news)
    let load = monotonicSeconds() - start
    let dumper = BlobDumper(dump, folder: output)
    let runner = NetRunner(
      model, threads: threads, observed: dump == .outputs ? .none : .all, kept: Set(model.graph.outputs))
    var times: RunTimes?
    for k in 0..<feed.batchCount {
      let batch = try attempting(.badInput) { try feed.batch(k) }
      let run = try runner.prepare(feed.shapes(ofBatch: k))
      var samples: [(total: Double, steps: [Double])] = []
      for r in 0..<max(1, repeats) {
        let before = run.stepSeconds
        let begin = monotonicSeconds()
        try runner.forward(batch)
        samples.append((monotonicSeconds() - begin, zip(run.stepSeconds, before).map { $0 - $1 }))
        _ = r
      }
      times = Self.report(run.plan, samples, load: load, planSeconds: runner.planSeconds, threads: threads)
      times?.referenceShare = nil
      dumper.begin(runner.model.graph, batch: feed.batchCount > 1 ? k : nil)
      try runner.forward(batch, dumper)
      if let error = dumper.error { throw QuantError(.runFailed, error.diagnostics) }
    }
    guard let times else { throw QuantError(.badInput, "there is no data to run") }
    return times
  }

  /// Medians over the samples, total and per step.
  static func report(
    _ plan: Plan, _ samples: [(total: Double, steps: [Double])], load: Double, planSeconds: Double, threads: Int
  ) -> RunTimes {
    func median(_ v: [Double]) -> Double { v.isEmpty ? 0 : v.sorted()[v.count / 2] }
    let forward = median(samples.map(\.total))
    let macs = plan.graph.nodes.reduce(0) { $0 + (plan.graph.macs(of: $1) ?? 0) }
    let batch = plan.graph.inputs.first.flatMap { plan.graph.shape($0) }.map { $0.legacy(0) } ?? 1
    let seconds = plan.steps.indices.map { i in median(samples.map { $0.steps[i] }) }
    let total = max(seconds.reduce(0, +), .leastNonzeroMagnitude)
    let reference = zip(plan.steps, seconds).reduce(0) { $1.0.isReference ? $0 + $1.1 : $0 }
    return RunTimes(
      seconds: .init(load: load, plan: planSeconds, forward: forward), peakBytes: peakResidentBytes(),
      layers: plan.steps.enumerated().map { i, step in
        .init(name: step.name, type: step.type, seconds: seconds[i], backend: step.backend)
      }, batch: batch, threads: threads, gflops: forward > 0 ? 2 * Double(macs) / forward / 1e9 : 0,
      referenceShare: reference / total)
  }
}

/// Writes the blobs of a run as it makes them.
private final class BlobDumper: RunObserver {
  private let kind: DumpKind
  private let folder: String
  private var graph: Graph?
  private var prefix = ""
  private var files: [BlobID: [String]] = [:]
  private(set) var error: DiagnosticError?

  init(_ kind: DumpKind, folder: String) {
    self.kind = kind
    self.folder = folder
  }

  /// - Parameter batch: set when there are several, whose files then go to folders of their own.
  func begin(_ graph: Graph, batch: Int?) {
    self.graph = graph
    prefix = folder + "/" + (batch.map { "batch\($0)/" } ?? "")
    files = [:]
    let outputs = Set(graph.outputs)
    switch kind {
    case .layers:
      for node in graph.nodes {
        for (i, top) in node.tops.enumerated() { files[top, default: []].append("\(Self.safe(node.name)).\(i).npy") }
      }
    case .blobs:
      // In-place layers: the last writer of a name has the final value.
      var last: [String: BlobID] = [:]
      for blob in graph.netInputs + graph.nodes.flatMap(\.tops) { last[graph[blob].name] = blob }
      for (name, blob) in last { files[blob] = ["\(Self.safe(name)).npy"] }
    case .outputs:
      for blob in outputs { files[blob] = ["\(Self.safe(graph[blob].name)).npy"] }
    }
  }

  /// A name as a file name.
  static func safe(_ name: String) -> String { name.replacingOccurrences(of: "/", with: "%2F") }

  func wants(_ blob: BlobID) -> Bool { files[blob] != nil }

  func observe(_ blob: BlobID, _ values: LaneValues) throws(DiagnosticError) {
    for file in files[blob] ?? [] {
      try NumpyFile.write(Tensor(shape: values.shape, values.lanes[0].array), to: prefix + file)
    }
  }
}
