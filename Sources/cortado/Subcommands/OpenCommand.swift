import ArgumentParser
import Foundation
import QuantEngine
import Terminal
import WorkbenchUI

/// `cortado open`: the workbench.
struct OpenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open the workbench on a model.",
    discussion: "Example: cortado open net.prototxt net.caffemodel --images calibration")

  @Argument(help: ArgumentHelp("The net.", valueName: "model.prototxt"))
  var model: String?

  @Argument(help: ArgumentHelp("Its weights.", valueName: "weights.caffemodel"))
  var weights: String?

  @Option(help: ArgumentHelp("Signs of frames and bars: ascii, box or braille.", valueName: "set"))
  var glyphs: String?

  @Option(help: ArgumentHelp("A theme: cvd-dark, light, contrast, mono, ...", valueName: "name"))
  var theme: String?

  @Option(help: ArgumentHelp("The project's folder (default: .cortado beside the model).", valueName: "dir"))
  var project: String?

  @Option(help: ArgumentHelp("A recipe to take into the project; the Recipe screen applies it.", valueName: "file.cfg"))
  var recipe: String?

  @OptionGroup var data: DataFlags
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let glyphs, GlyphSet.Name(rawValue: glyphs) == nil {
      throw ValidationError("--glyphs is ascii, box or braille, not '\(glyphs)'")
    }
  }

  func run() throws {
    guard isatty(0) == 1, isatty(1) == 1 else {
      throw QuantError(
        .usage, "the workbench needs a terminal on stdin and stdout",
        help: ["scripts use the verbs: cortado quantize, compare, ... (cortado --help)"])
    }
    guard let model, let weights else {
      throw QuantError(
        .usage, "the workbench needs a net and its weights",
        help: ["cortado MODEL.prototxt WEIGHTS.caffemodel --images DIR"])
    }
    let files = ModelFiles(prototxt: model, weights: weights, protos: common.proto)
    let runner = EffectRunner(
      files: files, data: try data.options(threads: threads.count),
      project: project.map { ProjectFolder(path: $0) } ?? ProjectFolder(model: model), flags: runFlags,
      recipe: try recipe.map { path throws(QuantError) in try OfferedRecipe(reading: path) })
    let end = try show(title: files.stem, runner)
    if end.status != 0 { throw ExitCode(end.status) }
  }

  /// What a run started from the screens is told, besides model, config and folder.
  private var runFlags: [String] {
    data.words + common.proto.map { "--proto=\($0)" } + ["--threads=\(threads.count)"]
  }

  private func show(title: String, _ runner: EffectRunner) throws -> WorkbenchLoop<AppModel>.End {
    let environment = ProcessInfo.processInfo.environment
    let color: ColorChoice =
      switch common.color {
      case .auto: .auto
      case .always: .always
      case .never: .never
      }
    let terminal = try Terminal(
      TerminalOptions(color: color, glyphs: glyphs.flatMap(GlyphSet.Name.init)), environment: environment)
    let facts = terminal.facts
    let look = Look(glyphs: .named(facts.glyphs))
    let theme = try ThemeFolder.library(for: theme).theme(
      BuiltInThemes.choose(asked: theme, depth: facts.depth, ground: facts.ground))
    let app = AppModel(
      title: title, look: look, terminal: ["\(facts.isUTF8 ? "utf8" : "ascii") \(facts.depth.label)"],
      epoch: Date().timeIntervalSince1970)
    let loop = WorkbenchLoop(terminal: terminal, theme: theme, model: app, pacer: .suited(to: environment)) {
      runner.start($0, $1)
    }
    let end = loop.run()
    runner.finish()
    return end
  }
}
