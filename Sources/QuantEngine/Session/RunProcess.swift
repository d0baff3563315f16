import Foundation

/// The process at work on a run, as the note beside the run's folder names it.
package struct RunProcess: Sendable, Hashable {
  package enum State: String, Sendable { case running, paused }

  package let pid: pid_t
  /// Clock ticks between boot and its start: process numbers are used again, the pair of both is not.
  private let startTicks: UInt64?

  /// The process with a number, whatever it is; `nil` when there is none.
  init?(pid: pid_t) {
    guard pid > 0, let facts = Self.facts(pid) else { return nil }
    self.pid = pid
    startTicks = facts.startTicks
  }

  /// The process that works on a run; `nil` when nobody does, whatever an old note says.
  package init?(of run: RunFolder) {
    guard let note = FileManager.default.contents(atPath: run.processNote) else { return nil }
    let words = String(decoding: note.prefix(64), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard let first = words.first, let pid = pid_t(first), pid > 0, let facts = Self.facts(pid) else { return nil }
    if words.count > 1 {
      guard UInt64(words[1]) == facts.startTicks else { return nil }
    } else {
      // A note of the time before start times were in it: the command line must name this folder.
      guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"),
        line.split(separator: 0).contains(where: { $0.elementsEqual(run.path.utf8) })
      else { return nil }
    }
    self.pid = pid
    startTicks = facts.startTicks
  }

  /// This process.
  static var own: RunProcess? { RunProcess(pid: getpid()) }

  /// What it does; `nil` once it has ended, also while nobody has asked for its status yet.
  package var state: State? {
    guard let facts = Self.facts(pid), facts.startTicks == startTicks else { return nil }
    return facts.letter == "T" || facts.letter == "t" ? .paused : .running
  }

  /// Notes the process beside its run, for others to find.
  package func note(for run: RunFolder) {
    let text = "\(pid)" + (startTicks.map { " \($0)" } ?? "") + "\n"
    // Without the note others see the run only when it has ended.
    try? Data(text.utf8).write(to: URL(fileURLWithPath: run.processNote), options: .atomic)
  }

  /// Asks it to end as Ctrl-C would; a paused one hears it only when it goes on.
  package func cancel() {
    guard state != nil else { return }
    kill(pid, SIGINT)
    kill(pid, SIGCONT)
  }

  package func pause() { if state != nil { kill(pid, SIGSTOP) } }
  package func resume() { if state != nil { kill(pid, SIGCONT) } }

  /// Bytes of memory it has now; 0 once it has ended.
  /// - Source: proc(5), /proc/PID/statm: the second number is the resident set in pages.
  package var residentBytes: Int {
    guard state != nil, let data = FileManager.default.contents(atPath: "/proc/\(pid)/statm") else { return 0 }
    let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }

  /// State letter and start of a live process.
  /// - Source: proc(5), /proc/PID/stat: fields 3 and 22; the name before them is in brackets and may hold any character.
  private static func facts(_ pid: pid_t) -> (letter: Character, startTicks: UInt64)? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    guard let bracket = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: bracket)...].split(separator: " ")
    guard fields.count > 19, let letter = fields[0].first, let ticks = UInt64(fields[19]) else { return nil }
    return letter == "Z" || letter == "X" ? nil : (letter, ticks)
  }
}

extension RunFolder {
  /// Beside the folder, which a run wants to find empty: what the process printed.
  package var output: String { path + ".log" }
  /// Beside the folder: number and start of the process at work.
  var processNote: String { path + ".pid" }

  package func forgetProcess() { try? FileManager.default.removeItem(atPath: processNote) }
}
