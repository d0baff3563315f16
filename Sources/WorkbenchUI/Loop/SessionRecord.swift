import Diagnostics
import QuantEngine
import Quantization

/// The first line of a recorded session: all that the model begins with.
package struct SessionHeader: Codable, Sendable {
  package static let currentFormat = 1

  package var format = currentFormat
  /// The words behind `cortado open`, and the folder that their paths are relative to.
  package var words: [String]
  package var folder: String
  /// Seconds since 1970 at the start.
  package var epoch: Double
  package var glyphs: String
  package var lang: String
  /// Text of the config file.
  package var settings: String
  package var state: WorkbenchState
  package var project: RecentProject?

  package init(
    words: [String], folder: String, epoch: Double, glyphs: GlyphSet.Name, lang: Language, settings: String,
    state: WorkbenchState, project: RecentProject?
  ) {
    self.words = words
    self.folder = folder
    self.epoch = epoch
    self.glyphs = glyphs.rawValue
    self.lang = lang.rawValue
    self.settings = settings
    self.state = state
    self.project = project
  }

  package var line: String { JSONText.encode(self) }
}

/// A line of a recorded session: one event of the loop, in the order of the model.
///
/// News is recorded as far as it changes the config or what is shown of it; large values (nets, results of runs) are
/// read again where they came from.
package struct RecordedEvent: Codable, Sendable {
  /// Nanoseconds since the start of the program.
  package var at: Int64
  package var key: String?
  package var paste: String?
  package var mouse: [String]?
  package var resize: [Int]?
  package var tick: Bool?
  package var news: RecordedNews?

  /// `nil` for events that the model does nothing on.
  package init?(_ event: Event<AppNews>, at time: Duration) {
    at = time.components.seconds * 1_000_000_000 + time.components.attoseconds / 1_000_000_000
    switch event {
    case .key(let key): self.key = key.name
    case .paste(let text): paste = text
    case .mouse(let event): mouse = ["\(event.action)", "\(event.at.column)", "\(event.at.row)"]
    case .resize(let size): resize = [size.columns, size.rows]
    case .tick: tick = true
    case .news(let news):
      guard let recorded = RecordedNews(news) else { return nil }
      self.news = recorded
    case .resumed, .terminate: return nil
    }
  }

  package var time: Duration { .nanoseconds(at) }
  package var line: String { JSONText.encode(self) }

  /// The event again.
  ///
  /// - Parameter source: what news is about, from outside.
  /// - Throws: what the line says wrongly.
  package func event(_ source: some ReplaySource) throws -> Event<AppNews> {
    if let key {
      guard let known = Key(name: key) else { throw DiagnosticError("unknown key '\(key)'") }
      return .key(known)
    }
    if let paste { return .paste(paste) }
    if let mouse {
      let actions: [String: Mouse.Action] = [
        "press": .press, "release": .release, "drag": .drag, "wheelUp": .wheelUp, "wheelDown": .wheelDown,
      ]
      guard mouse.count == 3, let action = actions[mouse[0]], let column = Int(mouse[1]), let row = Int(mouse[2]) else {
        throw DiagnosticError("a mouse event is action, column and row")
      }
      return .mouse(Mouse(action, at: Point(column: column, row: row)))
    }
    if let resize {
      guard resize.count == 2, resize.allSatisfy({ (1...10_000).contains($0) }) else {
        throw DiagnosticError("a size is columns and rows, 1 to 10000")
      }
      return .resize(Size(columns: resize[0], rows: resize[1]))
    }
    if let news { return .news(try news.news(source)) }
    if tick == true { return .tick }
    throw DiagnosticError(
      "no event in this line", help: ["an event is one of key, paste, mouse, resize, tick and news"])
  }
}

/// Where a replay gets what is too large to be recorded.
package protocol ReplaySource {
  /// The model with this config and history.
  func project(_ opened: RecordedNews.Opened) throws -> OpenedProject
  func run(_ number: Int) throws -> FinishedRun
}

/// News as a session is recorded with.
package struct RecordedNews: Codable, Sendable {
  /// A project as it was when it was opened: nothing that a session changes is read again.
  package struct Opened: Codable, Sendable {
    package var config: String
    package var isConfigSaved: Bool
    package var history: String
    /// Images and images a batch.
    package var images: [Int]?
    package var runs: [Int]
    package var time: Double
    package var recipe: Recipe?
    package var offered: Recipe?
    package var goal: TuningGoal?
  }

  /// A recipe of the project; or, with a file, one that was offered to it.
  package struct Recipe: Codable, Sendable {
    package var file: String?
    package var text: String?
    package var applied: String?

    init(_ recipe: ProjectRecipe) {
      text = recipe.text.map { String(decoding: $0, as: UTF8.self) }
      applied = recipe.applied.map { String(decoding: $0, as: UTF8.self) }
    }

    init(_ offered: OfferedRecipe) {
      file = offered.file
      text = String(decoding: offered.bytes, as: UTF8.self)
    }

    package var ofProject: ProjectRecipe {
      ProjectRecipe(text: text.map { Array($0.utf8) }, applied: applied.map { Array($0.utf8) })
    }
    package var asOffered: OfferedRecipe { OfferedRecipe(file: file ?? "recipe.cfg", bytes: Array((text ?? "").utf8)) }
  }

  package struct Ended: Codable, Sendable {
    package var run: Int
    package var status: Int32
    package var output: String
  }

  package struct Verb: Codable, Sendable {
    package var words: [String]
    package var status: Int32
    package var output: String
  }

  package struct Exported: Codable, Sendable {
    package var run: Int
    package var prefix: String
    package var files: [WrittenFile]
  }

  package struct Config: Codable, Sendable {
    package var run: Int?
    package var config: String
    package var recipe: Recipe?
  }

  package var opened: Opened?
  package var saved: Config?
  package var runConfig: Config?
  package var changedOutside: Config?
  package var recipeRead: Recipe?
  package var started: Int?
  package var attached: Int?
  package var events: [JobEvent]?
  package var ended: Ended?
  package var images: [Int]?
  package var exported: Exported?
  package var verbEnded: Verb?
  /// Files that were there already; what would have overwritten them is not done again.
  package var wouldOverwrite: [String]?

  init?(_ news: AppNews) {
    switch news {
    case .opened(let project):
      opened = Opened(
        config: project.config.text, isConfigSaved: project.isConfigSaved, history: project.history,
        images: project.images.map { [$0.count, $0.batchSize] }, runs: project.runs.map(\.number), time: project.time,
        recipe: Recipe(project.recipe), offered: project.offeredRecipe.map { Recipe($0) }, goal: project.goal)
    case .saved(let config, let recipe): saved = Config(config: config.text, recipe: Recipe(recipe))
    case .runConfig(let run, let config): runConfig = Config(run: run, config: config.text)
    case .changedOutside(let config): changedOutside = Config(config: config.text)
    case .recipeRead(let file): recipeRead = Recipe(file)
    case .started(let run): started = run
    case .attached(let run): attached = run
    case .events(let events): self.events = events
    case .ended(let run, let status, let output): ended = Ended(run: run.number, status: status, output: output)
    case .images(let i): images = [i.count, i.batchSize, i.leftOut]
    case .exported(let run, let prefix, let files): exported = Exported(run: run, prefix: prefix, files: files)
    case .wouldOverwrite(let files, _): wouldOverwrite = files
    case .verbEnded(let words, let status, let output):
      verbEnded = Verb(words: words, status: status, output: output)
    default: return nil
    }
  }

  func news(_ source: some ReplaySource) throws -> AppNews {
    if let opened { return .opened(try source.project(opened)) }
    if let saved {
      return .saved(try Self.config(saved.config), recipe: saved.recipe?.ofProject ?? ProjectRecipe())
    }
    if let runConfig { return .runConfig(run: runConfig.run ?? 0, try Self.config(runConfig.config)) }
    if let changedOutside { return .changedOutside(try Self.config(changedOutside.config)) }
    if let recipeRead { return .recipeRead(recipeRead.asOffered) }
    if let started { return .started(run: started) }
    if let attached { return .attached(run: attached) }
    if let events { return .events(events) }
    if let ended { return .ended(try source.run(ended.run), status: ended.status, output: ended.output) }
    if let images, images.count == 3 {
      return .images(ImageSupply(count: images[0], batchSize: images[1], leftOut: images[2]))
    }
    if let exported { return .exported(run: exported.run, prefix: exported.prefix, files: exported.files) }
    if let verbEnded { return .verbEnded(verbEnded.words, status: verbEnded.status, output: verbEnded.output) }
    if let wouldOverwrite { return .wouldOverwrite(wouldOverwrite, then: .stopForecast) }
    throw DiagnosticError("no news in this line")
  }

  /// A config from its recorded text.
  package static func config(_ text: String) throws -> QuantConfig {
    try QuantConfig.read(Array(text.utf8), file: "config.json")
  }
}
