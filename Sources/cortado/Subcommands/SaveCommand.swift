import ArgumentParser
import QuantEngine

/// `cortado save`: the models of a finished run under another prefix.
struct SaveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "save", abstract: "Copy the models and factor files of a run to another prefix.",
    discussion: """
      What the run did not save is made of its folder: the other kind of model, or both for a run with \
      --stop-after calibration.

      Example: cortado save 3 --out out/net --type Deploy
      """)

  @Argument(help: ArgumentHelp("A run's number in the project, or a run folder.", valueName: "run")) var id: String
  @Option(help: ArgumentHelp("Prefix of the files.", valueName: "prefix")) var out: String
  @Option(help: ArgumentHelp("Both, Fakequant or Deploy (default: what the run has).", valueName: "type"))
  var type: SaveType?
  @Flag(help: "Replace files that are there.") var overwrite = false
  @OptionGroup var project: ProjectOption
  @OptionGroup var common: CommonOptions

  func run() throws {
    let log = try AMCTLog(isQuiet: common.quiet)
    var job = SaveRunJob(folder: try project.run(id), out: out)
    job.type = type
    job.overwriting = overwrite
    job.protos = common.proto
    job.plugins = common.plugin
    let result = try log.noting { try job.run() }
    log.noteSaved(result.files)
    common.show(result) { $0.files.map { "wrote \($0)" }.joined(separator: "\n") }
  }
}
