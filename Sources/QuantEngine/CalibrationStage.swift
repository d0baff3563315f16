import Diagnostics
import Engine
import Foundation
import Kernels
import LayerGraph
import Passes
import Quantization
import Tensors

/// The calibrate stage of a run: what earlier runs know is taken over, the rest is searched while the net runs.
struct CalibrationStage {
  /// With the states shown that are searched.
  let graph: Graph
  let targets: [CalibrationTarget]
  let batches: Int
  let feed: DataFeed
  let folder: RunFolder
  let journal: RunJournal
  let threads: Int
  /// Bytes of activations to hold in memory.
  let memory: Int
  let samples: SampleCache

  struct Outcome {
    var results: [CalibrationResult]
    var failures: [CalibrationFailure]
    /// What ended the run before its last search.
    var error: QuantError?
  }

  /// - Throws: what is wrong with data or plan, before the first search; later errors are part of the outcome.
  func run() throws(QuantError) -> Outcome {
    announce()
    let keys = try attempting(.badInput) { try CalibrationKeys(graph, feed, batches: batches) }
    var store = FactorStore(folder)
    var outcome = Outcome(results: [], failures: [])
    let calibrator = Calibrator(graph, targets, threads: threads) { event throws(DiagnosticError) in
      // First kept, then told: who reads of it finds it, however the run ends.
      if case .found(let result) = event, let key = keys.key(of: result.search, layer: result.layer) {
        store.add(result.found, for: key, layer: result.layer)
      }
      tell(event)
      if Interrupt.isRequested { throw DiagnosticError("interrupted") }
    }
    let all = calibrator.observed
    for target in targets {
      for search in target.searches {
        guard let key = keys.key(of: search, layer: target.layer), let known = store.result(for: key) else { continue }
        try attempting(.runFailed) {
          try calibrator.reuse(known.found, for: search, of: target.layer, from: known.origin)
        }
        // The next run may look no further back than this one.
        if known.origin != "this run" { store.add(known.found, for: key, layer: target.layer) }
      }
    }
    if !calibrator.observed.isEmpty {
      do throws(QuantError) {
        try search(calibrator, all, keys)
      } catch {
        outcome.error = error
      }
    }
    outcome.results = calibrator.results
    outcome.failures = calibrator.failures
    return outcome
  }

  /// The original's error code of a search.
  private static let failedSearch = -65519

  private func announce() {
    for target in targets {
      for search in target.searches {
        var event = JobEvent(.waiting)
        event.layer = target.layer
        event.type = graph.node(named: target.layer)?.type
        event.input = search.indices.first
        event.numBits = search.numBits
        journal.tell(event)
      }
    }
  }

  /// Runs the net from its inputs, or from the last checkpoint kept that still shows all that is wanted.
  private func search(_ calibrator: Calibrator, _ all: Set<BlobID>, _ keys: CalibrationKeys) throws(QuantError) {
    let plan = try attempting(.badInput) {
      try Plan(graph, PlanOptions(threads: threads, observed: .only(all), exactFusionsOnly: true))
    }
    let run = try attempting(.runFailed) {
      try Run(plan, lanes: batches, memoryLimit: memory, spillFolder: folder.path)
    }
    if run.isSpilled { journal.tell(.note("activations pass the memory limit and go to a file in the run folder")) }
    let keeper = CheckpointKeeper(run, calibrator, run.isSpilled ? nil : samples, keys)
    let wanted = calibrator.observed
    let begin = monotonicSeconds()
    let kept = keeper.restore(for: wanted)
    if let kept, kept.step >= 0 {
      journal.log.write(.info, "Calibration", "starts behind \(plan.steps[kept.step].name), from kept activations")
    } else if kept == nil {
      try attempting(.badInput) { try feedInputs(run) }
    }
    guard let start = kept ?? plan.checkpoints.first else { return }
    try attempting(.runFailed) { try run.execute(after: start, showing: wanted, keeper) }
    journal.log.write(
      .debug, "Calibration",
      "forward and search \(monotonicSeconds() - begin) s, of which search \(calibrator.searchSeconds) s, "
        + "keeping activations \(keeper.seconds) s")
  }

  private func feedInputs(_ run: Run) throws(DiagnosticError) {
    for k in 0..<batches {
      for (name, tensor) in try feed.batch(k) {
        guard let blob = graph.inputs.first(where: { graph[$0].name == name }) else { continue }
        try run.setInput(blob, lane: k, tensor)
      }
      if Interrupt.isRequested { throw DiagnosticError("interrupted") }
    }
  }

  private func tell(_ event: CalibrationEvent) {
    switch event {
    case .step(let done, let total): journal.progress(done, of: total)
    case .candidates: break
    case .searching(let layer, let bottom):
      var e = JobEvent(.searching)
      e.layer = layer
      e.input = bottom
      journal.tell(e)
      for k in 1...max(1, batches) {
        journal.log.write(
          .info, "Calibration", "Doing layer: \"\(layer)\" calibration, already store \(k)/\(batches) data.")
      }
      journal.log.write(.info, "Calibration", "Start to do ifmr quant.")
    case .found(let r):
      journal.tell(Self.event(.found, r, images: batches * feed.batchSize))
      journal.log.write(.info, "Calibration", "Do layer:\"\(r.layer)\" activation calibration success!")
    case .reused(let r, let origin):
      var e = Self.event(.reused, r, images: batches * feed.batchSize)
      e.text = origin
      journal.tell(e)
      journal.log.write(.info, "Calibration", "layer \"\(r.layer)\": factors of \(origin), on the same data")
    case .failed(let f):
      var e = JobEvent(.failed)
      e.layer = f.layer
      e.input = f.bottom
      e.text = f.notFinite > 0 ? "\(f.reason): \(f.notFiniteText(feed))" : f.reason
      if f.notFinite > 0 { e.image = feed.image(f.firstBadItem(feed)) }
      journal.tell(e)
      for line in f.reason.components(separatedBy: "; ") { journal.log.write(.error, "Calibration", line) }
      journal.log.write(
        .error, "Calibration", "Check failed: ret == 0 (\(Self.failedSearch) vs. 0) Do IFMR calibration failed")
    }
  }

  private static func event(_ kind: JobEvent.Kind, _ r: CalibrationResult, images: Int) -> JobEvent {
    var e = JobEvent(kind)
    e.layer = r.layer
    e.input = r.search.indices.first
    (e.rangeMin, e.rangeMax, e.clipMin, e.clipMax) = (r.rangeMin, r.rangeMax, r.clipMin, r.clipMax)
    e.scale = r.data.first?.scale
    e.offset = r.data.first?.offset
    e.numBits = r.search.numBits
    e.tries = r.candidates
    e.best = r.best
    e.images = images
    e.seconds = r.seconds
    return e
  }
}

/// The keys of a calibration: what each blob's values and each search's result depend on.
struct CalibrationKeys {
  private let graph: Graph
  let blobs: [BlobID: ContentKey]

  /// - Parameter graph: the net that runs, with quantized weights.
  init(_ graph: Graph, _ feed: DataFeed, batches: Int) throws(DiagnosticError) {
    self.graph = graph
    let data = try feed.contentKeys(batches: batches)
    var inputs: [BlobID: ContentKey] = [:]
    for blob in graph.inputs {
      guard let content = data[graph[blob].name], let shape = graph.shape(blob) else { continue }
      let hasher = ContentHasher("input")
      hasher.add(Backend.identity)
      hasher.add(content)
      hasher.add(shape)
      hasher.add(batches)
      inputs[blob] = hasher.key
    }
    blobs = graph.contentKeys(inputs: inputs)
  }

  func key(of search: InputSearch, layer: String) -> ContentKey? {
    guard let node = graph.node(named: layer) else { return nil }
    let hasher = ContentHasher("IFMR")
    for blob in search.blobs(of: node) {
      guard let key = blobs[blob] else { return nil }
      hasher.add(key)
    }
    hasher.add(search.numBits)
    hasher.add(search.withOffset)
    for value in [search.rangeStart, search.rangeEnd, search.step, search.maxPercentile, search.minPercentile] {
      hasher.add(value)
    }
    return hasher.key
  }
}

/// Passes a run's values on to the calibrator, and keeps checkpoints from which a later run can go on.
private final class CheckpointKeeper: RunObserver {
  /// A checkpoint is kept when the forward time behind the last one is so many times that of writing it.
  private static let patience = 10.0
  /// Bytes a second that writing to the page cache was seen to take, on the safe side.
  private static let writeSpeed = 2e9

  private let run: Run
  private let calibrator: Calibrator
  private let cache: SampleCache?
  private var places: [Int: (checkpoint: Checkpoint, key: ContentKey)] = [:]
  private var sinceLast = 0.0
  /// Time spent in writing.
  private(set) var seconds = 0.0

  init(_ run: Run, _ calibrator: Calibrator, _ cache: SampleCache?, _ keys: CalibrationKeys) {
    self.run = run
    self.calibrator = calibrator
    self.cache = cache
    guard cache != nil else { return }
    for checkpoint in run.plan.checkpoints {
      guard let key = run.plan.key(of: checkpoint, blobs: keys.blobs, lanes: run.lanes) else { continue }
      places[checkpoint.step] = (checkpoint, key)
    }
  }

  /// Loads the latest checkpoint from which all of `wanted` is still to come.
  func restore(for wanted: Set<BlobID>) -> Checkpoint? {
    guard let cache else { return nil }
    for place in places.values.sorted(by: { $0.checkpoint.step > $1.checkpoint.step })
    where cache.has(place.key) && run.plan.reaches(wanted, from: place.checkpoint) {
      if cache.load(place.key, into: run.memory(of: place.checkpoint)) { return place.checkpoint }
    }
    return nil
  }

  func wants(_ blob: BlobID) -> Bool { calibrator.wants(blob) }
  var takesChannelsLast: Bool { calibrator.takesChannelsLast }

  func observe(_ blob: BlobID, _ values: LaneValues) throws(DiagnosticError) { try calibrator.observe(blob, values) }

  func finished(step: Int, number: Int, of total: Int) throws(DiagnosticError) {
    try calibrator.finished(step: step, number: number, of: total)
    sinceLast += run.stepSeconds[step]
    guard let cache, let place = places[step] else { return }
    let bytes = Double(place.checkpoint.floats * 4 * run.lanes)
    guard sinceLast > Self.patience * bytes / Self.writeSpeed else { return }
    let start = monotonicSeconds()
    cache.store(place.key, run.memory(of: place.checkpoint))
    seconds += monotonicSeconds() - start
    sinceLast = 0
  }
}
