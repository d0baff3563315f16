import Foundation

/// One run as a list shows it.
package struct RunSummary: Encodable, Sendable, Hashable {
  package enum State: String, Encodable, Sendable {
    case done, failed, cancelled, paused, died
    case underWay = "under way"

    /// True while a process works on the run, or is held.
    package var isUnderWay: Bool { self == .underWay || self == .paused }
  }

  /// The folder's name: in a project the number with four digits.
  package var run: String
  package var label: String
  package var pinned: Bool
  /// The run whose config this one started from.
  @NullWhenAbsent package var parent: String? = nil
  package var state: State
  /// The exit status; `nil` while the run goes on, and when it died.
  @NullWhenAbsent package var status: Int32? = nil
  /// Seconds since 1970.
  @NullWhenAbsent package var started: Double? = nil
  @NullWhenAbsent package var seconds: Double? = nil
  @NullWhenAbsent package var version: String? = nil
  @NullWhenAbsent package var images: Int? = nil
  @NullWhenAbsent package var quantized: Int? = nil
  @NullWhenAbsent package var float: Int? = nil
  @NullWhenAbsent package var macShare: Double? = nil
  @NullWhenAbsent package var outputCosine: Double? = nil
  @NullWhenAbsent package var below: Int? = nil
  @NullWhenAbsent package var evaluation: QuantizeResult.Accuracy? = nil
  @NullWhenAbsent package var data: RunData? = nil

  /// The number in its project; `nil` for a folder that stands by itself.
  package var number: Int? { Int(run) }

  /// Reads the short files of a run's folder; what is missing or damaged there stays unknown.
  /// - Parameter before: the run before it in the project: the parent of a run that names none.
  package init(_ folder: RunFolder, before: String?) {
    let mark = RunMark(of: folder)
    run = folder.id
    pinned = mark.pinned
    if let figures = RunFigures(of: folder) {
      state = .done
      status = ExitStatus.done.rawValue
      label = mark.label ?? figures.label ?? ""
      parent = figures.parent ?? before
      started = figures.started ?? EventEnds(path: folder.events).began
      seconds = figures.seconds
      version = figures.version
      images = figures.images
      quantized = figures.quantized
      float = figures.float
      macShare = figures.macShare
      outputCosine = figures.outputCosine
      below = figures.below
      evaluation = figures.evaluation
      data = figures.data
      return
    }
    let events = EventEnds(path: folder.events)
    label = mark.label ?? events.label ?? ""
    parent = before
    started = events.began
    images = events.images
    if let finished = events.finished {
      let code = finished.status ?? ExitStatus.runFailed.rawValue
      status = code
      seconds = finished.seconds
      state = code == 0 ? .done : code == ExitStatus.interrupted.rawValue ? .cancelled : .failed
    } else if let process = RunProcess(of: folder), let now = process.state {
      state = now == .paused ? .paused : .underWay
      seconds = events.began.map { max(0, Date().timeIntervalSince1970 - $0) }
    } else {
      state = .died
      seconds = events.began.flatMap { began in events.latest.map { max(0, $0 - began) } }
    }
  }

  /// A run that began and whose process is gone, without a word about an end.
  package static func died(_ folder: RunFolder) -> Bool {
    let summary = RunSummary(folder, before: nil)
    return summary.state == .died && summary.started != nil
  }

  /// "done", "failed 4", "under way".
  package var stateText: String {
    state == .failed ? "failed \(status ?? ExitStatus.runFailed.rawValue)" : state.rawValue
  }

  /// The label as one line: what would break a table is a blank.
  package var labelLine: String { label.oneLine }
}

extension String {
  /// Control characters, ends of lines among them, as blanks.
  package var oneLine: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { s in
          switch s.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator: " "
          default: s
          }
        }))
  }
}
