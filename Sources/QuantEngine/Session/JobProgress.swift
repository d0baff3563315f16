/// What a run has done so far: its events, added up.
package struct JobProgress: Sendable, Hashable {
  package enum LayerState: String, Sendable, CaseIterable { case waiting, searching, done, reused, failed }

  /// The search of one input of one layer.
  package struct Search: Sendable, Hashable {
    package var layer: String
    package var type: String
    package var input: Int
    package var state: LayerState
    /// The event that ended it: range, clip, scale, tries; or the reason of the failure.
    package var result: JobEvent?
  }

  package private(set) var label = ""
  package private(set) var stage: JobEvent.Stage?
  /// Seconds since 1970 when the stage began.
  package private(set) var stageBegan: Double?
  /// Progress of the present stage.
  package private(set) var done = 0
  package private(set) var total = 0
  /// Layers to calibrate, as the run announced them.
  package private(set) var announced = 0
  package private(set) var images = 0
  /// True when the run refreshes BatchNorm layers.
  package private(set) var updatesBN = false
  package private(set) var searches: [Search] = []
  package private(set) var metrics: [JobEvent] = []
  package private(set) var messages: [JobEvent] = []
  /// Seconds since 1970 of the first and the latest event.
  package private(set) var began: Double?
  package private(set) var latest: Double?
  package private(set) var finished: JobEvent?
  /// Where each search stands in `searches`.
  private var index: [Key: Int] = [:]

  private struct Key: Hashable {
    let layer: String
    let input: Int
  }

  package init() {}

  package init(_ events: some Sequence<JobEvent>) { for event in events { add(event) } }

  package mutating func add(_ event: JobEvent) {
    if began == nil { began = event.time }
    latest = event.time
    switch event.kind {
    case .started:
      // A run that was resumed begins again.
      let first = began
      self = JobProgress()
      (began, latest) = (first, event.time)
      label = event.text ?? ""
      announced = event.total ?? 0
      images = event.images ?? 0
      updatesBN = event.iterations != nil
    case .stage:
      stage = event.stage
      stageBegan = event.time
      (done, total) = (0, 0)
    case .progress:
      if let stage = event.stage { self.stage = stage }
      (done, total) = (event.done ?? 0, event.total ?? 0)
    case .waiting: change(event, .waiting)
    case .searching: change(event, .searching)
    case .found: change(event, .done)
    case .reused: change(event, .reused)
    case .failed: change(event, .failed)
    case .metric: metrics.append(event)
    case .warning, .error: messages.append(event)
    case .finished: finished = event
    }
  }

  private mutating func change(_ event: JobEvent, _ state: LayerState) {
    guard let layer = event.layer else { return }
    let key = Key(layer: layer, input: event.input ?? 0)
    let at: Int
    if let known = index[key] {
      at = known
    } else {
      at = searches.count
      index[key] = at
      searches.append(Search(layer: layer, type: event.type ?? "", input: key.input, state: state))
    }
    searches[at].state = state
    if state != .waiting, state != .searching { searches[at].result = event }
  }

  package func count(_ state: LayerState) -> Int { searches.count { $0.state == state } }

  /// Layers all of whose inputs have their factors: what a run that died leaves to the next one.
  package var finishedLayers: Int {
    let open = Set(searches.filter { $0.state != .done && $0.state != .reused }.map(\.layer))
    return Set(searches.map(\.layer)).subtracting(open).count
  }

  /// The searches that failed.
  package var failures: [Search] { searches.filter { $0.state == .failed } }

  /// The ended searches of a layer, by input.
  package func results(of layer: String) -> [JobEvent] {
    searches.filter { $0.layer == layer }.compactMap(\.result)
  }

  /// Seconds between the first and the latest event.
  package var seconds: Double { finished?.seconds ?? max(0, (latest ?? 0) - (began ?? 0)) }
}
