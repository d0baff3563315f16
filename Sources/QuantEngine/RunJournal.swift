import Diagnostics
import Foundation
import Kernels

/// Everything a run tells while it goes on: `events.jsonl`, the AMCT log, and a listener.
final class RunJournal {
  private let handle: FileHandle?
  let log: AMCTLog
  private let listener: (JobEvent) -> Void
  private var stageStart = monotonicSeconds()
  private var stage: JobEvent.Stage?
  private(set) var seconds: [String: Double] = [:]
  private var lastProgress = 0.0
  let start = monotonicSeconds()

  /// - Throws: exit 4 when the events file cannot be made.
  init(
    _ folder: RunFolder, levels: AMCTLog.Levels, listener: @escaping (JobEvent) -> Void
  ) throws(QuantError) {
    self.listener = listener
    log = AMCTLog(path: folder.log, levels: levels)
    let isResumed = FileManager.default.fileExists(atPath: folder.events)
    guard
      isResumed
        || FileManager.default.createFile(atPath: folder.events, contents: nil, attributes: [.posixPermissions: 0o640]),
      let handle = FileHandle(forWritingAtPath: folder.events)
    else { throw QuantError(.runFailed, "cannot write \(folder.events)") }
    self.handle = handle
    // The line that a crash cut off ends here, and what follows is read again.
    if isResumed, let end = try? handle.seekToEnd(), end > 0 { try? handle.write(contentsOf: Data([10])) }
  }

  /// Appends one line; a full disk must not stop the run that might still free it, so failures are let go.
  func tell(_ event: JobEvent) {
    try? handle?.write(contentsOf: Data((event.line + "\n").utf8))
    listener(event)
  }

  func tell(_ diagnostic: Diagnostic) {
    var event = JobEvent(diagnostic.severity == .error ? .error : .warning)
    event.text = diagnostic.lines.joined(separator: "\n")
    log.write(diagnostic)
    tell(event)
  }

  func begin(_ next: JobEvent.Stage) {
    endStage()
    stage = next
    stageStart = monotonicSeconds()
    var event = JobEvent(.stage)
    event.stage = next
    tell(event)
    log.write(.debug, "Stage", next.rawValue)
  }

  func endStage() {
    if let stage { seconds[stage.rawValue, default: 0] += monotonicSeconds() - stageStart }
    stage = nil
  }

  /// At most ten a second, and always the last.
  func progress(_ done: Int, of total: Int) {
    let now = monotonicSeconds()
    if done < total, now - lastProgress < 0.1 { return }
    lastProgress = now
    var event = JobEvent(.progress)
    event.stage = stage
    event.done = done
    event.total = total
    tell(event)
  }
}
