import ArgumentParser
import Diagnostics
import Foundation
import QuantEngine

/// `cortado job list|attach|pause|resume|cancel`: runs under way.
struct JobCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "Watch, hold and end the runs under way.",
    discussion: "Example: cortado job attach",
    subcommands: [List.self, Attach.self, Pause.self, Resume.self, Cancel.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the runs of a project that are under way.",
      discussion: "Example: cortado job list")

    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    func run() throws {
      common.show(try project.store().underWay().compactMap { RunJob($0) }) { jobs in
        if jobs.isEmpty { return "no run is under way" }
        var t = TextTable(
          ["id", "process", "state", "stage", "progress", "layers", "time", "label"], right: [0, 1, 6])
        for j in jobs {
          t.add([
            "\(Int(j.run) ?? 0)", "\(j.pid)", j.state, j.stage ?? "-", j.total > 0 ? "\(j.done)/\(j.total)" : "-",
            j.searches > 0 ? "\(j.searched)/\(j.searches)" : "-", ReportText.duration(j.seconds), j.label.oneLine,
          ])
        }
        return t.text
      }
    }
  }

  struct Attach: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "attach", abstract: "Follow a run as if it had been started here.",
      discussion: """
        Example: cortado job attach 3

        Prints what quantize would and ends with its exit status. Ctrl-C leaves the run alone: it goes on.
        """)

    @Argument(help: ArgumentHelp("The run's number (default: the one under way).", valueName: "run")) var id: String?
    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    func run() throws {
      let store = try project.store()
      let folder = try id.map { try store.folder($0) } ?? store.job(nil).folder
      let end = JobCommand.follow(folder, common.console) { common.console.tell($0) }
      switch end {
      case .left:
        common.console.say("run \(folder.id) goes on")
        throw ExitCode(ExitStatus.interrupted.rawValue)
      case .died: throw JobCommand.death(folder)
      case .ended(let status):
        guard status == ExitStatus.done.rawValue, let result = QuantizeResult(readingFrom: folder) else {
          throw JobCommand.failure(folder, status)
        }
        common.show(result, QuantizeCommand.text)
      }
    }
  }

  struct Pause: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pause", abstract: "Hold a run; it keeps its memory and waits.",
      discussion: "Example: cortado job pause 3")

    @Argument(help: ArgumentHelp("The run's number (default: the one under way).", valueName: "run")) var id: String?
    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    func run() throws { try JobCommand.setPaused(true, id, project, common) }
  }

  struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "resume", abstract: "Let a paused run go on.", discussion: "Example: cortado job resume 3")

    @Argument(help: ArgumentHelp("The run's number (default: the one under way).", valueName: "run")) var id: String?
    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    func run() throws { try JobCommand.setPaused(false, id, project, common) }
  }

  struct Cancel: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "cancel", abstract: "End a run after its present step; finished layers are kept.",
      discussion: "Example: cortado job cancel 3")

    @Argument(help: ArgumentHelp("The run's number (default: the one under way).", valueName: "run")) var id: String?
    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    struct Result: Encodable {
      let run: String
      let status: Int32
      /// Layers whose factors are in the run's record.
      let kept: [String]
    }

    func run() throws {
      let job = try project.store().job(id)
      job.process.cancel()
      common.console.say("run \(job.run) is asked to end ...")
      switch JobCommand.follow(job.folder, common.console, { _ in }) {
      case .left:
        common.console.say("run \(job.run) has been asked to end and will")
        throw ExitCode(ExitStatus.interrupted.rawValue)
      case .died: throw JobCommand.death(job.folder)
      case .ended(let status):
        let result = Result(run: job.run, status: status, kept: RunWatch.keptLayers(job.folder))
        common.show(result) { text($0, job.folder) }
      }
    }

    private func text(_ r: Result, _ folder: RunFolder) -> String {
      if r.status != ExitStatus.interrupted.rawValue {
        return "run \(r.run) ended by itself before that: \(RunStore.summary(of: folder).stateText)"
      }
      return r.kept.isEmpty
        ? "run \(r.run) is cancelled; no layer was finished"
        : "run \(r.run) is cancelled; the factors of \(r.kept.count) layers are kept in \(folder.factorRecord): "
          + r.kept.joined(separator: ", ")
    }
  }

  // MARK: Shared

  /// Follows until the run ends or Ctrl-C.
  private static func follow(_ folder: RunFolder, _ console: Console, _ listener: (JobEvent) -> Void) -> RunWatch.End {
    let end = withInterrupts { RunWatch.follow(folder, stop: { Interrupt.isRequested }, listener) }
    console.clearProgress()
    return end
  }

  /// What the run itself said at its end.
  private static func failure(_ folder: RunFolder, _ status: Int32) -> QuantError {
    let texts = RunDetails.errors(of: folder)
    return QuantError(
      ExitStatus(rawValue: status) ?? .runFailed,
      texts.isEmpty ? [.error("run \(folder.id) ended with status \(status)")] : texts.map { .error($0) })
  }

  private static func death(_ folder: RunFolder) -> QuantError {
    let hasOutput = FileManager.default.fileExists(atPath: folder.output)
    return QuantError(
      .runFailed, "run \(folder.id) died: its process is gone, and it told no end",
      help: hasOutput ? ["what it said stands in \(folder.output)"] : [])
  }

  private static func setPaused(
    _ paused: Bool, _ id: String?, _ project: ProjectOption, _ common: CommonOptions
  ) throws {
    let job = try project.store().job(id)
    guard job.setPaused(paused), let now = RunJob(job.folder) else {
      throw QuantError(.badInput, "run \(job.run) has ended meanwhile")
    }
    common.show(now) { "run \($0.run) \(paused ? "is paused" : "goes on")" }
  }
}
