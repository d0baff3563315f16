import ArgumentParser
import Foundation
import QuantEngine

/// `cortado runs list|show|diff|restore|rename|pin|unpin|delete`.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "List, show, compare, restore, name and delete the runs of a project.",
    discussion: "Example: cortado runs list",
    subcommands: [
      List.self, Show.self, Diff.self, Restore.self, Rename.self, Pin.self, Unpin.self, Delete.self,
    ], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the runs, the latest first.",
      discussion: """
        Example: cortado runs list --json

        from: the run whose config this one started from; Q/F: layers quantized and left float; MAC: what part of the \
        net's operations is quantized; cos: the lowest cosine of an output; <.99: layers under that.
        """)

    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    func run() throws { common.show(try project.store().summaries(), RunsText.list) }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show everything known of one run.",
      discussion: "Example: cortado runs show 3")

    @Argument(help: ArgumentHelp("A run's number, or its folder.", valueName: "run")) var id: String
    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    func run() throws { common.show(RunDetails(try project.run(id)), RunsText.details) }
  }

  struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "diff", abstract: "Show what differs between two runs: config and similarity.",
      discussion: "Example: cortado runs diff 2 3")

    @Argument(help: ArgumentHelp("The run before: number or folder.", valueName: "a")) var before: String
    @Argument(help: ArgumentHelp("The run after.", valueName: "b")) var after: String
    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    func run() throws {
      common.show(RunDiff(try project.run(before), try project.run(after)), RunsText.diff)
    }
  }

  struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "restore", abstract: "Make a run's config the project's working config.",
      discussion: """
        Example: cortado runs restore 2

        The config before it goes into the project's history folder.
        """)

    @Argument(help: ArgumentHelp("The run's number.", valueName: "run")) var id: String
    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    func run() throws { common.show(try project.store().restore(id), RunsText.restored) }
  }

  struct Rename: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rename", abstract: "Give a run another label; an empty one takes it away.",
      discussion: "Example: cortado runs rename 3 'bits 12 on conv3_dw'")

    @Argument(help: ArgumentHelp("The run's number.", valueName: "run")) var id: String
    @Argument(help: "The label.") var text: String
    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    func run() throws {
      common.show(try project.store().rename(id, to: text)) {
        $0.label.isEmpty ? "run \($0.run) has no label now" : "run \($0.run): \($0.labelLine)"
      }
    }
  }

  struct Pin: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pin", abstract: "Protect a run from deletion.", discussion: "Example: cortado runs pin 3")

    @Argument(help: ArgumentHelp("The run's number.", valueName: "run")) var id: String
    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    func run() throws { common.show(try project.store().setPinned(id, true)) { "run \($0.run) is pinned" } }
  }

  struct Unpin: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "unpin", abstract: "Take a run's pin away.", discussion: "Example: cortado runs unpin 3")

    @Argument(help: ArgumentHelp("The run's number.", valueName: "run")) var id: String
    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    func run() throws { common.show(try project.store().setPinned(id, false)) { "run \($0.run) is not pinned" } }
  }

  struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Delete runs with everything in their folders.",
      discussion: """
        Example: cortado runs delete 1 2 --yes

        Pinned runs and runs under way are refused. Models that a run wrote elsewhere (--out) stay.
        """)

    @Argument(help: ArgumentHelp("The runs' numbers.", valueName: "runs")) var ids: [String]
    @Flag(help: "Don't ask.") var yes = false
    @OptionGroup var project: ProjectOption
    @OptionGroup var common: CommonOptions

    func run() throws {
      let store = try project.store()
      // All are looked at before the first one goes.
      var doomed: [RunSummary] = []
      for id in ids {
        let summary = try store.checkDeletable(id)
        if !doomed.contains(where: { $0.run == summary.run }) { doomed.append(summary) }
      }
      guard try yes || ask(doomed) else { return common.show([String]()) { _ in "nothing was deleted" } }
      for run in doomed { try store.delete(run.run) }
      common.show(doomed.map(\.run)) { $0.map { "deleted run \($0)" }.joined(separator: "\n") }
    }

    /// Only a clear yes is one.
    private func ask(_ doomed: [RunSummary]) throws -> Bool {
      guard isatty(0) == 1, isatty(2) == 1 else {
        throw QuantError(.usage, "without a terminal to ask on, runs are deleted with --yes only")
      }
      let names = doomed.map { $0.label.isEmpty ? $0.run : "\($0.run) (\($0.labelLine))" }.joined(separator: ", ")
      FileHandle.standardError.write(Data("delete run \(names)? [y/N] ".utf8))
      return ["y", "yes"].contains(readLine()?.trimmingCharacters(in: .whitespaces).lowercased())
    }
  }
}
