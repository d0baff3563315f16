import Diagnostics
import Foundation
import QuantEngine
import Quantization
import Terminal
import WorkbenchUI

/// Runs, each a process of its own.
extension EffectRunner {
  func cancel() { job.withLock { $0?.cancel() } }

  /// Runs `quantize` as a process and follows its events until it ends.
  ///
  /// - Parameter recipe: the one that made the config; it is kept in the run's folder.
  func run(_ config: QuantConfig, recipe: [UInt8]?, _ news: NewsBox<AppNews>) throws(QuantError) {
    let folder = try RunFolder.next(in: project)
    let number = Int((folder.path as NSString).lastPathComponent) ?? 0
    let input = project.path + "/next-config.json"
    try ProjectStore.save(config, to: input)
    let child = try ChildJob(
      arguments: ["quantize", files.prototxt] + [files.weights].compactMap(\.self) + flags
        + ["--config", input, "--work", folder.path], output: folder.output)
    child.note(for: folder)
    news.post(.started(run: number))
    follow(child, number, recipe: recipe, news)
  }

  /// Takes up the run that an earlier session left running.
  func attach(_ news: NewsBox<AppNews>) {
    guard let number = project.runNumbers.last, let child = ChildJob(of: project.run(number)) else { return }
    news.post(.attached(run: number))
    follow(child, number, news)
  }

  private func follow(_ child: ChildJob, _ number: Int, recipe: [UInt8]? = nil, _ news: NewsBox<AppNews>) {
    let folder = project.run(number)
    job.withLock { $0 = child }
    var tail = EventTail(path: folder.events)
    var status: Int32?
    var recipe = recipe
    while status == nil {
      Thread.sleep(forTimeInterval: 0.1)
      // First the state, then the events: none is missed that was written before the end.
      status = child.ended()
      let events = tail.read()
      if !events.isEmpty { news.post(.events(events)) }
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
    folder.forgetProcess()
    let run = FinishedRun(reading: number, of: project)
    let known = child.isOwn ? status : run.status ?? status
    let text = FileManager.default.contents(atPath: folder.output).map {
      String(decoding: $0.suffix(8000), as: UTF8.self)
    }
    news.post(.ended(run, status: known ?? ExitStatus.runFailed.rawValue, output: text ?? ""))
  }
}
