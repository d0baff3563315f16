import ArgumentParser
import Diagnostics
import Foundation
import QuantEngine
import Terminal
import WorkbenchUI

/// `cortado open`: the workbench.
struct OpenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open the workbench on a model.",
    discussion: """
      Example: cortado open net.prototxt net.caffemodel --images calibration

      Without a model it opens Home, which lists the projects that were open before.
      """)

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

  @Option(help: ArgumentHelp("The workbench's own config file (default: ~/.config/cortado/config).", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("Write every event of the session, for cortado replay.", valueName: "session.jsonl"))
  var record: String?

  @Option(help: ArgumentHelp("A recipe to take into the project; the Recipe screen applies it.", valueName: "file.cfg"))
  var recipe: String?

  @OptionGroup var net: NetOptions
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
    guard (model == nil) == (weights == nil) else {
      throw QuantError(
        .usage, "the workbench needs a net and its weights",
        help: ["cortado MODEL.prototxt WEIGHTS.caffemodel --images DIR"])
    }
    let files = try net.files(model ?? "", weights, common)
    let runner = EffectRunner(
      files: files, data: try data.options(threads: threads.count),
      project: project.map { ProjectFolder(path: $0) } ?? ProjectFolder(model: model ?? "."), flags: runFlags,
      recipe: try recipe.map { path throws(QuantError) in try OfferedRecipe(reading: path) })
    let (end, next) = try show(title: model == nil ? "" : files.stem, runner)
    if let next, end.status == 0 { try open(next) }
    if end.status != 0 { throw ExitCode(end.status) }
  }

  /// What a run started from the screens is told, besides model, config and folder.
  private var runFlags: [String] {
    netWords + data.words + ["--threads=\(threads.count)"]
  }

  /// What else says which net is meant, besides its files.
  private var netWords: [String] {
    common.proto.map { "--proto=\($0)" } + common.plugin.map { "--plugin=\($0)" } + net.words
  }

  /// The project as it is remembered; `nil` without a model.
  private func recent(_ state: WorkbenchState, at time: Double) -> RecentProject? {
    guard let model, let weights else { return nil }
    let path = URL(fileURLWithPath: model).standardizedFileURL.path
    var words = [path, URL(fileURLWithPath: weights).standardizedFileURL.path]
    words += netWords + data.words
    let place = project.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    if let place { words.append("--project=\(place)") }
    if let count = threads.threads { words.append("--threads=\(count)") }
    var recent = RecentProject(
      model: path, place: place, words: words, folder: FileManager.default.currentDirectoryPath, opened: time)
    let before = state.project(place ?? path)
    (recent.savedTo, recent.savedRun) = (before?.savedTo, before?.savedRun)
    (recent.note, recent.view) = (before?.note, before?.view)
    return recent
  }

  private func show(
    title: String, _ runner: EffectRunner
  ) throws -> (WorkbenchLoop<AppModel>.End, next: RecentProject?) {
    let environment = ProcessInfo.processInfo.environment
    let now = Date().timeIntervalSince1970
    let state = StateFile.read()
    let (settings, problems) = try UserFolders.settings(config)
    let color: ColorChoice =
      switch common.color {
      case .auto: .auto
      case .always: .always
      case .never: .never
      }
    var around = Surroundings()
    (around.settings, around.problems, around.state) = (settings, problems, state)
    around.project = recent(state, at: now)
    around.hasModel = model != nil
    around.verbs = CommandCatalog.names.filter { $0 != "open" && $0 != "replay" }
    around.startsAtHome = true
    around.modelBytes = [model, weights].compactMap(\.self).reduce(0) { $0 + Self.size($1) }
    around.themes = try ThemeFolder.library(for: theme)
    let language = state.lang.flatMap { Language(word: $0) } ?? settings.lang ?? Language(environment: environment)

    let terminal = try Terminal(
      TerminalOptions(
        color: color, glyphs: glyphs.flatMap(GlyphSet.Name.init) ?? settings.glyphs,
        mouse: state.mouse ?? settings.mouse ?? false), environment: environment)
    let facts = terminal.facts
    let chosen = try chooseTheme(&around, facts)
    let look = Look(glyphs: .named(facts.glyphs), strings: language.strings)
    let app = AppModel(
      title: title, look: look, terminal: ["\(facts.isUTF8 ? "utf8" : "ascii") \(facts.depth.label)"], epoch: now,
      around: around)
    let recorder = try record.map { path throws(QuantError) in
      try SessionRecorder(
        path,
        SessionHeader(
          words: around.project?.words ?? [], folder: FileManager.default.currentDirectoryPath, epoch: now,
          glyphs: facts.glyphs, lang: language, settings: UserFolders.settingsText(config), state: state,
          project: around.project))
    }
    let loop = WorkbenchLoop(
      terminal: terminal, theme: chosen, model: app, pacer: .suited(to: environment, pace: settings.pace),
      observer: { recorder?.note($0, at: $1) }
    ) { runner.start($0, $1) }
    runner.watch(chosen.lineage, loop.news)
    let end = loop.run()
    runner.finish()
    recorder?.close()
    return (end, loop.model.successor)
  }

  /// The theme of the flag, else the one chosen in the palette, else that of the config file, else one that suits the
  /// terminal. A theme that cannot be had is a problem to tell, unless the flag asks for it.
  private func chooseTheme(_ around: inout Surroundings, _ facts: TerminalFacts) throws -> Theme {
    around.defaultTheme = BuiltInThemes.choose(asked: nil, depth: facts.depth, ground: facts.ground)
    if facts.depth != .mono, theme == nil {
      for name in [around.state.theme, around.settings.theme].compactMap(\.self) {
        do throws(DiagnosticError) {
          let found = try around.themes.theme(name)
          around.theme = name
          return found
        } catch {
          around.problems += error.diagnostics
        }
      }
    }
    let name = BuiltInThemes.choose(asked: theme, depth: facts.depth, ground: facts.ground)
    around.theme = name
    return try around.themes.theme(name)
  }

  private static func size(_ path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
  }

  /// Becomes the workbench of another project: a new program in this process, so that nothing of this one lingers.
  private func open(_ next: RecentProject) throws {
    guard FileManager.default.changeCurrentDirectoryPath(next.folder) else {
      throw QuantError(.badInput, "the folder of that project is not there any more: \(next.folder)")
    }
    let words = ["cortado", "open"] + next.words
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
    unsafe execv("/proc/self/exe", &arguments)
    throw QuantError(.runFailed, "cannot start again: \(unsafe String(cString: strerror(errno)))")
  }
}
