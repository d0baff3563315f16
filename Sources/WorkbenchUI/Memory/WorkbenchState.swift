import QuantEngine

/// What the workbench remembers between sessions: one file for the person, not for a project.
package struct WorkbenchState: Codable, Equatable, Sendable {
  /// Projects, the one opened last first.
  package var projects: [RecentProject] = []
  /// Lines of the palette, the latest first.
  package var palette: [String] = []
  /// Chosen with `:theme`, `:mouse`, `:lang`; each wins over the config file.
  package var theme: String?
  package var mouse: Bool?
  package var lang: String?
  /// Percent of the width that lists take where a detail stands beside them.
  package var split: Int?
  /// Projects taken off the list in this session; never in the file.
  package var forgotten: [String]?

  package static let projectLimit = 20
  package static let paletteLimit = 30

  package init() {}

  /// A file of an older or newer version: what is not there or not understood is left empty.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    projects = (try? values.decode([RecentProject].self, forKey: .projects)) ?? []
    palette = (try? values.decode([String].self, forKey: .palette)) ?? []
    theme = try? values.decode(String.self, forKey: .theme)
    mouse = try? values.decode(Bool.self, forKey: .mouse)
    lang = try? values.decode(String.self, forKey: .lang)
    split = (try? values.decode(Int.self, forKey: .split)).map { min(80, max(30, $0)) }
  }

  package func project(_ id: String) -> RecentProject? { projects.first { $0.id == id } }

  /// Puts a project first, in place of what was known of it.
  package mutating func note(_ project: RecentProject) {
    projects.removeAll { $0.id == project.id }
    projects.insert(project, at: 0)
    if projects.count > Self.projectLimit { projects.removeLast(projects.count - Self.projectLimit) }
  }

  package mutating func note(line: String) {
    palette.removeAll { $0 == line }
    palette.insert(line, at: 0)
    if palette.count > Self.paletteLimit { palette.removeLast(palette.count - Self.paletteLimit) }
  }

  package var text: String { JSONText.encode(self, pretty: true) }
}

/// A project that was open once, and how it is opened again.
package struct RecentProject: Codable, Equatable, Sendable {
  /// Full path of the net.
  package var model: String
  /// Full path of the project's folder, where it is not the one beside the net.
  package var place: String?
  /// The words behind `cortado open`, and the folder that their paths are relative to.
  package var words: [String]
  package var folder: String
  /// Seconds since 1970.
  package var opened: Double
  /// Where the models were last written to, and of which run.
  package var savedTo: String?
  package var savedRun: Int?
  /// What the last run said, in a few words.
  package var note: String?
  package var view: SavedView?

  package init(model: String, place: String? = nil, words: [String], folder: String, opened: Double = 0) {
    self.model = model
    self.place = place
    self.words = words
    self.folder = folder
    self.opened = opened
  }

  /// Tells projects apart: one net may have several.
  package var id: String { place ?? model }

  /// File name of the net without `.prototxt`.
  package var name: String { ModelFiles(prototxt: model).stem }
}

/// What a project's screens looked like when it was left.
package struct SavedView: Codable, Equatable, Sendable {
  /// Name of the action that shows the screen.
  package var screen: String
  package var layer: String?
  package var marks: [String] = []
  package var threshold: Double?
  /// What the screens keep (order, filter), by the screen's name.
  package var screens: [String: [String: String]] = [:]

  package init(screen: String) { self.screen = screen }
}
