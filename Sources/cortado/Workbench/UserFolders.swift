import Diagnostics
import Foundation
import QuantEngine
import WorkbenchUI

/// Where the person's own files are: config and themes, and what the workbench remembers.
enum UserFolders {
  /// The settings, and what is wrong in their file; without a file the built-in ones.
  static func settings(_ path: String?) throws(QuantError) -> (settings: Settings, problems: [Diagnostic]) {
    let file = path ?? PersonFolder.config.path() + "/config"
    guard let data = FileManager.default.contents(atPath: file) else {
      if let path { throw QuantError(.badInput, "cannot read \(path)") }
      return (Settings(), [])
    }
    return Settings.read(String(decoding: data, as: UTF8.self), file: file)
  }

  /// The text that `settings` reads; empty without a file.
  static func settingsText(_ path: String?) -> String {
    FileManager.default.contents(atPath: path ?? PersonFolder.config.path() + "/config").map {
      String(decoding: $0, as: UTF8.self)
    } ?? ""
  }
}

/// The file in which the workbench remembers.
enum StateFile {
  static var path: String { PersonFolder.state.path() + "/state.json" }

  /// Empty when there is none or none that can be read.
  static func read() -> WorkbenchState { JSONText.decode(WorkbenchState.self, file: path) ?? WorkbenchState() }

  /// Writes what a session knows over what another one may have written meanwhile: its projects stay.
  static func write(_ state: WorkbenchState, _ project: RecentProject?) throws(QuantError) {
    var merged = state
    let known = Set(state.projects.map(\.id)).union(state.forgotten ?? [])
    merged.forgotten = nil
    for other in read().projects where !known.contains(other.id) { merged.projects.append(other) }
    merged.projects.sort { $0.opened > $1.opened }
    if let project { merged.note(project) }
    let text = merged.text + "\n"
    try attempting(.runFailed) { try AtomicFile.write(path: path, text: text) }
  }
}
