import Diagnostics
import Foundation
import QuantEngine
import Quantization
import Synchronization
import Terminal
import WorkbenchUI

/// Does the work that the workbench asks for, on threads of its own, and reports news.
final class EffectRunner: Sendable {
  private let files: ModelFiles
  private let data: DataOptions
  private let project: ProjectFolder
  /// Flags of a run after the model's files: data, schema, threads.
  private let flags: [String]
  private let job = Mutex<ChildJob?>(nil)

  init(files: ModelFiles, data: DataOptions, project: ProjectFolder, flags: [String]) {
    self.files = files
    self.data = data
    self.project = project
    self.flags = flags
  }

  func start(_ effect: AppEffect, _ news: NewsBox<AppNews>) {
    if case .cancel = effect { return job.withLock { $0?.cancel() } }
    Thread.detachNewThread { [self] in
      do throws(QuantError) {
        try perform(effect, news)
      } catch {
        if case .open = effect { news.post(.refused(error.diagnostics)) } else { news.post(.failed(error.diagnostics)) }
      }
    }
  }

  private func perform(_ effect: AppEffect, _ news: NewsBox<AppNews>) throws(QuantError) {
    switch effect {
    case .open:
      news.post(.opened(try OpenedProject(files, data: data, project: project)))
      attach(news)
    case .save(let config):
      try ProjectStore.save(config, to: project.config)
      news.post(.saved(config))
    case .start(let config): try run(config, news)
    case .cancel: break
    case .export(let number, let prefix, let overwriting):
      let copies = ProjectStore.copies(
        of: FinishedRun(reading: number, of: project).files, to: try OutputPrefix(prefix))
      guard !copies.isEmpty else {
        throw QuantError(.runFailed, "run \(number) left no models in its folder", help: ["start a new run"])
      }
      let present = try ProjectStore.export(copies, overwriting: overwriting)
      news.post(
        present.isEmpty
          ? .exported(prefix: prefix, count: copies.count)
          : .wouldOverwrite(run: number, prefix: prefix, files: present))
    }
  }

  /// Runs `quantize` as a process and follows its events until it ends.
  private func run(_ config: QuantConfig, _ news: NewsBox<AppNews>) throws(QuantError) {
    let folder = try RunFolder.next(in: project)
    let number = Int((folder.path as NSString).lastPathComponent) ?? 0
    let input = project.path + "/next-config.json"
    try ProjectStore.save(config, to: input)
    let child = try ChildJob(
      arguments: ["quantize", files.prototxt] + [files.weights].compactMap(\.self) + flags
        + ["--config", input, "--work", folder.path], output: folder.output)
    child.note(for: folder)
    news.post(.started(run: number))
    follow(child, number, news)
  }

  /// Takes up the run that an earlier session left running.
  private func attach(_ news: NewsBox<AppNews>) {
    guard let number = project.runNumbers.last, let child = ChildJob(of: project.run(number)) else { return }
    news.post(.attached(run: number))
    follow(child, number, news)
  }

  private func follow(_ child: ChildJob, _ number: Int, _ news: NewsBox<AppNews>) {
    let folder = project.run(number)
    job.withLock { $0 = child }
    var tail = EventTail(path: folder.events)
    var status: Int32?
    while status == nil {
      Thread.sleep(forTimeInterval: 0.1)
      // First the state, then the events: none is missed that was written before the end.
      status = child.ended()
      let events = tail.read()
      if !events.isEmpty { news.post(.events(events)) }
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
