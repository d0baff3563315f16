import Diagnostics
import Foundation
import QuantEngine
import Quantization
import Terminal
import WorkbenchUI

/// The run under way, a process of its own.
extension EffectRunner {
  func cancel() { job.withLock { $0?.cancel() } }

  func pause(_ isPaused: Bool, _ news: NewsBox<AppNews>) {
    job.withLock { $0?.setPaused(isPaused) }
    if let bytes = job.withLock({ $0?.residentBytes }) { news.post(.jobState(isPaused: isPaused, bytes: bytes)) }
  }

  /// Runs `quantize` as a process and follows its events until it ends.
  ///
  /// - Parameter recipe: the one that made the config; it is kept in the run's folder.
  func run(_ config: QuantConfig, recipe: [UInt8]?, _ news: NewsBox<AppNews>) throws(QuantError) {
    let folder = try RunFolder.next(in: project)
    let number = Int((folder.path as NSString).lastPathComponent) ?? 0
    let input = project.path + "/next-config.json"
    try ProjectStore.save(config, to: input)
    let label = nextLabel.withLock { label in
      defer { label = "" }
      return label
    }
    let child = try ChildJob(
      arguments: ["quantize", files.prototxt] + [files.weights].compactMap(\.self) + flags
        + ["--config", input, "--work", folder.path, "--label=\(label)"], output: folder.output)
    // Before the note by which others, and the look at the folder, find it.
    let isMine = claim(number)
    child.note(for: folder)
    news.post(.started(run: number))
    if isMine { follow(child, number, recipe: recipe, news) }
  }

  /// Takes up a run that an earlier session, or somebody else, has started.
  func attach(_ folder: RunFolder, _ news: NewsBox<AppNews>) {
    guard let number = Int(folder.id), claim(number) else { return }
    guard let child = ChildJob(of: folder) else { return followed.withLock { $0 = nil } }
    news.post(.attached(run: number))
    follow(child, number, news)
  }

  /// One run is followed at a time.
  private func claim(_ number: Int) -> Bool {
    followed.withLock { now in
      if now != nil { return false }
      now = number
      toldRun.withLock { $0 = max($0, number) }
      return true
    }
  }

  /// Tells a run of somebody else that began and ended between two looks.
  func tellEnded(_ news: NewsBox<AppNews>) {
    guard let number = project.runNumbers.last, number > toldRun.withLock({ $0 }) else { return }
    let run = FinishedRun(reading: number, of: project)
    // Without a status it begins just now, or has died: the next opening tells that.
    guard let status = run.status, claim(number) else { return }
    news.post(.attached(run: number))
    var tail = EventTail(path: project.run(number).events)
    news.post(.events(tail.read()))
    followed.withLock { $0 = nil }
    news.post(.ended(run, status: status, output: ""))
  }

  private func follow(_ child: ChildJob, _ number: Int, recipe: [UInt8]? = nil, _ news: NewsBox<AppNews>) {
    let folder = project.run(number)
    job.withLock { $0 = child }
    var tail = EventTail(path: folder.events)
    var status: Int32?
    var shown: (isPaused: Bool, tens: Int) = (false, 0)
    var round = 0
    var recipe = recipe
    while status == nil {
      Thread.sleep(forTimeInterval: 0.1)
      // First the state, then the events: none is missed that was written before the end.
      status = child.ended()
      let events = tail.read()
      if !events.isEmpty { news.post(.events(events)) }
      // Memory once a second, to ten megabytes: what is held or at rest draws nothing.
      let now = (isPaused: child.isPaused, tens: round % 10 == 5 ? child.residentBytes / 10_000_000 : shown.tens)
      if status == nil, now != shown {
        shown = now
        news.post(.jobState(isPaused: now.isPaused, bytes: now.tens * 10_000_000))
      }
      round += 1
      // The run wants to find its folder empty: it has begun when there are events.
      if !events.isEmpty, let bytes = recipe {
        recipe = nil
        do throws(DiagnosticError) {
          try AtomicFile.write(path: folder.recipe, bytes: bytes)
        } catch {
          news.post(.failed(error.diagnostics))
        }
      }
    }
    job.withLock { $0 = nil }
    if !isReadOnly.withLock({ $0 }) { folder.forgetProcess() }
    let run = FinishedRun(reading: number, of: project)
    let known = child.isOwn ? status : run.status ?? status
    let text = FileManager.default.contents(atPath: folder.output).map {
      String(decoding: $0.suffix(8000), as: UTF8.self)
    }
    followed.withLock { $0 = nil }
    news.post(.ended(run, status: known ?? ExitStatus.runFailed.rawValue, output: text ?? ""))
  }
}
