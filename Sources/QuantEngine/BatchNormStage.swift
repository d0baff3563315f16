import Diagnostics
import Engine
import Foundation
import Kernels
import LayerGraph
import Passes
import Quantization
import Tensors

/// The bn-update stage of a run: forward passes over the images in which every BatchNorm refreshes its statistics.
///
/// Iteration i takes full batch `i mod batches`. What a batch contributes is the same in each of its turns, so the net
/// runs once for each batch; a run beside this one that did the same on the same data spares even that.
struct BatchNormStage {
  /// With quantized weights and live BatchNorm layers.
  let graph: Graph
  let settings: BNUpdateSettings
  let feed: DataFeed
  let folder: RunFolder
  let journal: RunJournal
  let threads: Int
  /// Bytes of activations to hold in memory.
  let memory: Int

  /// How many different batches the iterations see.
  static func batches(_ settings: BNUpdateSettings, _ feed: DataFeed) -> Int {
    min(settings.iterations, max(1, feed.itemCount / max(1, feed.batchSize)))
  }

  /// Refreshes, dumps, and reads the dumps back.
  /// - Returns: the statistics by layer name.
  func run() throws(QuantError) -> [String: BatchNormStatistics] {
    var update = try attempting(.badInput) { try BatchNormUpdate(graph) }
    let store = BatchNormStore(folder: folder, directory: folder.bnData(settings.dumpDirectory), layers: update.layers)
    // A folder that can't be made is told before the work.
    try attempting(.runFailed) { try AtomicFile.makeParents(of: store.directory + "/x") }
    let key = try attempting(.badInput) { try Self.key(graph, settings, feed) }
    if let key, let known = store.find(key, like: update.statistics) {
      journal.progress(settings.iterations, of: settings.iterations)
      if known.origin != "this run" {
        journal.tell(.note("the BatchNorm statistics are those of \(known.origin), on the same data"))
        try attempting(.runFailed) { try store.write(known.statistics, key) }
      }
      return known.statistics
    }
    try refresh(&update)
    warn(update)
    try attempting(.runFailed) { try store.write(update.statistics, key) }
    let back = try attempting(.runFailed) { try store.read(like: update.statistics) }
    for layer in update.layers { journal.log.write(.info, "BNUpdate", "Do layer:\"\(layer)\" bn update success!") }
    return back
  }

  private func refresh(_ update: inout BatchNormUpdate) throws(QuantError) {
    let plan = try attempting(.badInput) {
      try Plan(graph, PlanOptions(threads: threads, observed: .only(update.observed), exactFusionsOnly: true))
    }
    let run = try attempting(.runFailed) { try Run(plan, memoryLimit: memory, spillFolder: folder.path) }
    guard let start = plan.checkpoints.first else { return }
    let batches = Self.batches(settings, feed)
    var moments: [[BlobID: ChannelMoments]] = []
    for i in 0..<settings.iterations {
      if i < batches {
        try attempting(.badInput) { try feedInputs(run, batch: i) }
        let observer = MomentObserver(update.observed, threads: threads) { () throws(DiagnosticError) in
          if Interrupt.isRequested { throw DiagnosticError("interrupted") }
        }
        do throws(DiagnosticError) {
          try run.execute(after: start, showing: update.observed, observer)
        } catch {
          try Interrupt.check()
          throw QuantError(.runFailed, error.diagnostics)
        }
        moments.append(observer.moments)
      }
      try attempting(.runFailed) {
        do throws(DiagnosticError) {
          try update.add(moments[i % batches])
        } catch {
          throw error.adding(
            context: "the batch begins with image '\(feed.name(ofItem: i % batches * feed.batchSize))'")
        }
      }
      journal.progress(i + 1, of: settings.iterations)
      try Interrupt.check()
    }
  }

  private func feedInputs(_ run: Run, batch: Int) throws(DiagnosticError) {
    for (name, tensor) in try feed.batch(batch) {
      guard let blob = graph.inputs.first(where: { graph[$0].name == name }) else { continue }
      try run.setInput(blob, tensor)
    }
  }

  private func warn(_ update: BatchNormUpdate) {
    let slow = update.sluggish
    guard let first = slow.first else { return }
    let others = slow.count > 1 ? " and \(slow.count - 1) more" : ""
    journal.tell(
      Diagnostic.warning(
        "after \(settings.iterations) iterations, \(Int((first.old * 100).rounded())) % of the statistics of layer "
          + "'\(first.layer)'\(others) are still the old ones: moving_average_fraction is \(first.fraction)",
        help: ["raise bn_update_iterations, or take moving_average_fraction out of the layer's settings"]))
  }

  /// Names what the refreshed statistics depend on; `nil` when an input has no key.
  static func key(
    _ graph: Graph, _ settings: BNUpdateSettings, _ feed: DataFeed
  ) throws(DiagnosticError) -> ContentKey? {
    let batches = batches(settings, feed)
    let keys = try CalibrationKeys(graph, feed, batches: batches)
    let hasher = ContentHasher("BatchNorm update")
    hasher.add(settings.iterations)
    hasher.add(batches)
    for node in graph.nodes where node.type == LiveBatchNorm.type {
      guard let key = keys.blobs[node.tops[0]] else { return nil }
      hasher.add(node.name)
      hasher.add(key)
    }
    return hasher.key
  }
}

/// The dumps of BatchNorm statistics: one text file a layer, and a note in the run folder of what they depend on.
struct BatchNormStore {
  private struct Note: Codable {
    var key: String
    var directory: String
    /// Of the dumps: somebody may have edited them since.
    var content: String
  }

  let folder: RunFolder
  let directory: String
  let layers: [String]

  private static func file(_ layer: String, in directory: String) -> String {
    directory + "/" + layer.replacingOccurrences(of: "/", with: "%2F") + ".txt"
  }

  private static func content(_ texts: [String]) -> String {
    let hasher = ContentHasher("BatchNorm dumps")
    for text in texts { hasher.add(text) }
    return hasher.key.description
  }

  func write(_ statistics: [String: BatchNormStatistics], _ key: ContentKey?) throws(DiagnosticError) {
    var texts: [String] = []
    for layer in layers {
      guard let found = statistics[layer] else { continue }
      texts.append(found.text)
      try AtomicFile.write(path: Self.file(layer, in: directory), text: found.text)
    }
    guard let key else { return }
    let note = Note(key: key.description, directory: directory, content: Self.content(texts))
    try AtomicFile.write(path: folder.bnUpdate, text: JSONText.encode(note, pretty: true) + "\n")
  }

  /// - Parameter form: has as many channels for each layer.
  func read(like form: [String: BatchNormStatistics]) throws(DiagnosticError) -> [String: BatchNormStatistics] {
    try read(directory, form).statistics
  }

  private func read(
    _ directory: String, _ form: [String: BatchNormStatistics]
  ) throws(DiagnosticError) -> (statistics: [String: BatchNormStatistics], content: String) {
    var out: [String: BatchNormStatistics] = [:]
    var texts: [String] = []
    for layer in layers {
      let path = Self.file(layer, in: directory)
      guard let data = FileManager.default.contents(atPath: path) else {
        throw DiagnosticError("cannot read this file", at: SourceLocation(file: path))
      }
      let text = String(decoding: data, as: UTF8.self)
      texts.append(text)
      out[layer] = try BatchNormStatistics(text: text, file: path, channels: form[layer]?.mean.count ?? 0)
    }
    return (out, Self.content(texts))
  }

  /// What this run (an earlier try of it) or one beside it found under the same key.
  func find(
    _ key: ContentKey, like form: [String: BatchNormStatistics]
  ) -> (statistics: [String: BatchNormStatistics], origin: String)? {
    for run in [folder] + FactorStore.neighbours(of: folder) {
      guard let note = JSONText.decode(Note.self, file: run.bnUpdate), note.key == key.description,
        let found = try? read(note.directory, form), found.content == note.content
      else { continue }
      return (found.statistics, FactorStore.name(of: run, from: folder))
    }
    return nil
  }
}
