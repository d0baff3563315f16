import Diagnostics
import QuantEngine
import Quantization

/// A recorded session on the model, without terminal, clock and threads: the same lines give the same end.
package struct Replay {
  package private(set) var model: AppModel
  private var size = Size(columns: 80, rows: 24)
  private var time = Duration.zero
  package private(set) var events = 0
  package private(set) var hasQuit = false

  package init(_ header: SessionHeader, problems: [Diagnostic], themes: ThemeLibrary) {
    var around = Surroundings()
    let read = Settings.read(header.settings, file: "config")
    around.settings = read.settings
    around.problems = read.problems + problems
    around.state = header.state
    around.project = header.project
    around.themes = themes
    around.hasModel = !header.words.isEmpty
    around.startsAtHome = true
    let look = Look(
      glyphs: .named(GlyphSet.Name(rawValue: header.glyphs) ?? .ascii),
      strings: (Language(word: header.lang) ?? .english).strings)
    let title = header.project?.name ?? header.words.first ?? ""
    model = AppModel(title: title, look: look, epoch: header.epoch, around: around)
  }

  /// Plays one event; what the model asks for is left undone, its outcome is in the lines that follow.
  package mutating func play(_ recorded: RecordedEvent, _ source: some ReplaySource) throws {
    if hasQuit { return }
    let event = try recorded.event(source)
    if case .resize(let new) = event { size = new }
    // A file written by hand may leave the time out.
    time = max(time, recorded.time)
    events += 1
    hasQuit = model.update(event, at: time).contains(where: \.isQuit)
  }

  /// The screen at the end, without colours.
  package var screen: String { model.view(size, at: time).text }
  /// The working config; `nil` when no model was opened.
  package var config: QuantConfig? { model.config }
}

extension AppModel {
  /// The working config.
  package var config: QuantConfig? { session.workspace?.config }
}
