import Diagnostics
import Foundation

/// A run under way, as another process sees it.
package struct RunJob: Encodable, Sendable {
  package let run: String
  package let label: String
  package let pid: Int32
  /// "running" or "paused".
  package let state: String
  @NullWhenAbsent package private(set) var stage: String?
  /// Progress of the stage.
  package let done: Int
  package let total: Int
  /// Inputs whose factor was found, and all that calibration will search.
  package let searched: Int
  package let searches: Int
  /// Since the run began.
  package let seconds: Double

  package let folder: RunFolder
  package let process: RunProcess

  private enum CodingKeys: String, CodingKey {
    case run, label, pid, state, stage, done, total, searched, searches, seconds
  }

  /// `nil` when no process works on the run.
  package init?(_ folder: RunFolder) {
    guard let process = RunProcess(of: folder), let now = process.state else { return nil }
    var tail = EventTail(path: folder.events)
    let progress = JobProgress(tail.read())
    self.folder = folder
    self.process = process
    run = folder.id
    label = RunMark(of: folder).label ?? progress.label
    pid = process.pid
    state = now.rawValue
    stage = progress.stage?.rawValue
    done = progress.done
    total = progress.total
    searched = progress.count(.done)
    searches = progress.searches.count
    seconds = progress.began.map { max(0, Date().timeIntervalSince1970 - $0) } ?? 0
  }

  /// Holds the run, or lets it go on, and waits until the system says so.
  /// - Returns: whether it is so; false when the run has ended meanwhile.
  package func setPaused(_ paused: Bool) -> Bool {
    paused ? process.pause() : process.resume()
    let wanted: RunProcess.State = paused ? .paused : .running
    for _ in 0..<200 {
      guard let now = process.state else { return false }
      if now == wanted { return true }
      Thread.sleep(forTimeInterval: 0.01)
    }
    return false
  }
}

/// Follows a run's events to its end.
package enum RunWatch {
  package enum End: Sendable, Equatable {
    /// With its exit status.
    case ended(Int32)
    /// No process any more, and nothing said about an end.
    case died
    /// `stop` said so; the run goes on.
    case left
  }

  /// Tells all events of a run, those of the past first, until it ends or `stop` is true.
  package static func follow(
    _ folder: RunFolder, stop: () -> Bool, _ listener: (JobEvent) -> Void
  ) -> End {
    var tail = EventTail(path: folder.events)
    var status: Int32?
    while true {
      // First the state, then the events: none is missed that was written before the end.
      let isAlive = RunProcess(of: folder) != nil
      for event in tail.read() {
        if event.kind == .finished { status = event.status ?? ExitStatus.runFailed.rawValue }
        listener(event)
      }
      if let status, !isAlive { return .ended(status) }
      if !isAlive { return .died }
      if stop() { return .left }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  /// Layers whose factors are in the run's record, in the order they were found.
  package static func keptLayers(_ folder: RunFolder) -> [String] {
    var tail = EventTail(path: folder.events)
    let searches = JobProgress(tail.read()).searches
    let unfinished = Set(searches.filter { $0.state != .done }.map(\.layer))
    var kept: [String] = []
    for search in searches where !unfinished.contains(search.layer) && kept.last != search.layer {
      kept.append(search.layer)
    }
    return kept
  }
}

extension RunStore {
  /// The job that is meant: the run with this number, or the only one under way.
  /// - Throws: exit 3 when it is not under way, or when there are none or several to choose from.
  package func job(_ id: String?) throws(QuantError) -> RunJob {
    if let id {
      let folder = try folder(id)
      guard let job = RunJob(folder) else {
        throw QuantError(
          .badInput, "run \(folder.id) is not under way: it is \(RunStore.summary(of: folder).stateText)")
      }
      return job
    }
    let jobs = underWay().compactMap { RunJob($0) }
    guard let only = jobs.first else { throw QuantError(.badInput, "no run of \(project.path) is under way") }
    guard jobs.count == 1 else {
      throw QuantError(
        .badInput, "\(jobs.count) runs are under way: \(jobs.map(\.run).joined(separator: ", "))",
        help: ["say which one"])
    }
    return only
  }
}
