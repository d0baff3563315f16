import Diagnostics
import Engine
import Kernels
import LayerGraph
import Passes
import Tensors

/// What calibration found for one search.
package struct CalibrationResult: Sendable {
  package var layer: String
  package var search: InputSearch
  /// One entry per bottom of the search; joint bottoms have equal factors.
  package var data: [LayerRecord.Data]
  package var found: IFMR.Result
  /// Time of the search; 0 for one that was not done.
  package var seconds: Double

  package var rangeMin: Float { found.rangeMin }
  package var rangeMax: Float { found.rangeMax }
  package var clipMin: Float { found.clipMin }
  package var clipMax: Float { found.clipMax }
  package var candidates: Int { found.candidates }
  package var best: Int { found.best }
}

/// What stopped the search of one layer.
package struct CalibrationFailure: Sendable {
  package var layer: String
  package var bottom: Int
  package var reason: String
  /// Values that are infinite or not a number.
  package var notFinite: Int
  /// The first batch that has one, and which of its values that is.
  package var firstBatch: Int?
  package var firstPlace: (index: Int, of: Int)?
  /// Of the finite values; `nil` when there is none.
  package var range: ClosedRange<Float>?
}

/// News from a calibration run, in order.
package enum CalibrationEvent: Sendable {
  case step(done: Int, total: Int)
  case searching(layer: String, bottom: Int)
  case candidates(layer: String, done: Int, total: Int)
  case found(CalibrationResult)
  /// Taken from an earlier run on the same data.
  case reused(CalibrationResult, from: String)
  case failed(CalibrationFailure)
}

/// Searches the activation factors of each quantized input as soon as a layer-major run has made its data.
///
/// The data of a search are all batches, in order, of its bottoms, in order of the bottoms within a batch: what the
/// original's accumulating layer would have stored; a recurrent layer's state comes behind its input. A failed layer doesn't stop the others.
/// - Source: amct-facts 2.1.
package final class Calibrator: RunObserver {
  private struct Pending {
    let layer: String
    let search: InputSearch
    let blobs: [BlobID]
  }

  package private(set) var results: [CalibrationResult] = []
  package private(set) var failures: [CalibrationFailure] = []
  private let graph: Graph
  private let threads: Int
  private let report: (CalibrationEvent) throws(DiagnosticError) -> Void
  private var pending: [BlobID: [Pending]] = [:]
  /// Copies of joint bottoms that were made before the last one.
  private var held: [BlobID: (shape: Shape, order: LaneValues.Order, lanes: [Tensor])] = [:]
  /// Searches of the blob at hand that are done.
  private var known: [(parameters: InputSearch, result: IFMR.Result)] = []
  /// Seconds spent here instead of in layers.
  package private(set) var searchSeconds = 0.0

  /// - Parameters:
  ///   - graph: the graph that runs, with every target layer in it; states that are searched are shown (`ShowState`).
  ///   - report: called on the engine thread; what it throws stops the run.
  package init(
    _ graph: Graph, _ targets: [CalibrationTarget], threads: Int,
    report: @escaping (CalibrationEvent) throws(DiagnosticError) -> Void
  ) {
    self.graph = graph
    self.threads = threads
    self.report = report
    for target in targets {
      guard let node = graph.node(named: target.layer) else { continue }
      for search in target.searches {
        let entry = Pending(layer: target.layer, search: search, blobs: search.blobs(of: node))
        for blob in Set(entry.blobs) { pending[blob, default: []].append(entry) }
      }
    }
  }

  /// Blobs that the searches still to do look at.
  package var observed: Set<BlobID> { Set(pending.keys) }

  /// Takes the result of a search from elsewhere instead of doing it.
  /// - Parameter origin: where it comes from, "run 12".
  package func reuse(_ found: IFMR.Result, for search: InputSearch, of layer: String, from origin: String)
    throws(DiagnosticError)
  {
    guard let node = graph.node(named: layer) else { return }
    for blob in Set(search.blobs(of: node)) {
      pending[blob]?.removeAll { $0.layer == layer && $0.search == search }
      if pending[blob]?.isEmpty == true { pending[blob] = nil }
    }
    let result = result(found, of: layer, search, shapes: search.blobs(of: node).map { graph.shape($0) ?? [] }, 0)
    results.append(result)
    try report(.reused(result, from: origin))
  }

  package func wants(_ blob: BlobID) -> Bool { pending[blob] != nil }

  package var takesChannelsLast: Bool { true }

  package func observe(_ blob: BlobID, _ values: LaneValues) throws(DiagnosticError) {
    let start = monotonicSeconds()
    defer { searchSeconds += monotonicSeconds() - start }
    var joint = false
    // Readers of one blob often search it with the same settings: once is enough.
    known = []
    for entry in pending[blob] ?? [] {
      if entry.blobs.allSatisfy({ $0 == blob }) {
        try search(entry) { _ in values }
      } else if entry.blobs.allSatisfy({ $0 == blob || held[$0] != nil }) {
        let kept = held
        defer { withExtendedLifetime(kept) {} }
        try search(entry) { id in
          if id == blob { return values }
          guard let copy = kept[id] else { preconditionFailure("a joint bottom was not kept") }
          return LaneValues(shape: copy.shape, order: copy.order, lanes: copy.lanes.map(\.view))
        }
      } else {
        joint = true
      }
    }
    if joint {
      held[blob] = (values.shape, values.order, values.lanes.map { Tensor(shape: values.shape, $0.array) })
    }
  }

  package func finished(step: Int, number: Int, of total: Int) throws(DiagnosticError) {
    try report(.step(done: number + 1, total: total))
  }

  private func search(_ entry: Pending, _ values: (BlobID) -> LaneValues) throws(DiagnosticError) {
    let bottoms = entry.blobs.map(values)
    let bottom = entry.search.indices[0]
    let start = monotonicSeconds()
    try report(.searching(layer: entry.layer, bottom: bottom))
    var segments: [ActivationSegment] = []
    for lane in bottoms[0].lanes.indices {
      for b in bottoms { segments.append(ActivationSegment(b.lanes[lane], order: b.memoryOrder)) }
    }
    let s = entry.search
    let outcome: CalibrationEvent
    do throws(IFMRError) {
      let found: IFMR.Result
      if bottoms.count == 1, let same = known.first(where: { $0.parameters.searchesLike(s) }) {
        found = same.result
      } else {
        found = try IFMR.search(
          segments,
          s.parameters, threads: threads, progress: nil)
        if bottoms.count == 1 { known.append((s, found)) }
      }
      let result = result(
        found, of: entry.layer, s, shapes: bottoms.map(\.shape), monotonicSeconds() - start)
      results.append(result)
      outcome = .found(result)
    } catch {
      var failure = CalibrationFailure(
        layer: entry.layer, bottom: bottom, reason: error.diagnostics.map(\.text).joined(separator: "; "), notFinite: 0)
      failure.look(at: segments.map(\.view), perBatch: bottoms.count)
      failures.append(failure)
      outcome = .failed(failure)
    }
    try report(outcome)
  }

  private func result(
    _ found: IFMR.Result, of layer: String, _ search: InputSearch, shapes: [Shape], _ seconds: Double
  ) -> CalibrationResult {
    CalibrationResult(
      layer: layer, search: search,
      data: zip(search.indices, shapes).map { index, shape in
        LayerRecord.Data(
          index: index, scale: found.scale, offset: found.offset, numBits: search.numBits, channels: shape.legacy(1),
          height: shape.legacy(2), width: shape.legacy(3))
      }, found: found, seconds: seconds)
  }
}

extension CalibrationFailure {
  /// Counts the values that are not finite, remembers the first one's place, and the range of the others.
  fileprivate mutating func look(at segments: [FloatView], perBatch: Int) {
    var (low, high) = (Float.infinity, -Float.infinity)
    for (i, segment) in segments.enumerated() {
      for k in 0..<segment.count {
        if segment[k].isFinite {
          low = min(low, segment[k])
          high = max(high, segment[k])
          continue
        }
        notFinite += 1
        if firstBatch == nil {
          firstBatch = i / perBatch
          firstPlace = (k, segment.count)
        }
      }
    }
    if low <= high { range = low...high }
  }
}

extension LaneValues {
  fileprivate var memoryOrder: ActivationSegment.Order {
    switch order {
    case .plain: .plain
    case .channelsLast:
      .channelsLast(channels: shape[1], pixels: shape.dims.dropFirst(2).reduce(1, *))
    }
  }
}

extension InputSearch {
  /// What the algorithm is told.
  package var parameters: IFMR.Parameters {
    .init(
      numBits: numBits, withOffset: withOffset, searchRange: (rangeStart, rangeEnd), searchStep: step,
      maxPercentile: maxPercentile, minPercentile: minPercentile)
  }

  /// True when both would find the same factors in the same data.
  fileprivate func searchesLike(_ other: InputSearch) -> Bool {
    var copy = self
    (copy.bottoms, copy.indices) = (other.bottoms, other.indices)
    return copy == other
  }
}
