import ArgumentParser
import Foundation
import QuantEngine

/// Which project's runs are meant.
struct ProjectOption: ParsableArguments {
  @Option(help: ArgumentHelp("Project folder (default: the nearest .cortado upwards).", valueName: "dir"))
  var project: String?

  /// - Throws: exit 3 when there is none.
  func folder() throws -> ProjectFolder {
    guard let project else { return try ProjectFolder.nearest(to: ".") }
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: project, isDirectory: &isFolder), isFolder.boolValue else {
      throw QuantError(.badInput, "there is no project folder \(project)")
    }
    return ProjectFolder(path: project)
  }

  func store() throws -> RunStore { RunStore(try folder()) }

  /// A run's folder: by its number in the project, or by its path.
  func run(_ word: String) throws -> RunFolder {
    if word.allSatisfy(\.isWholeNumber) { return try store().folder(word) }
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: word, isDirectory: &isFolder), isFolder.boolValue else {
      throw QuantError(
        .badInput, "'\(word)' is neither a run's number nor a run folder", help: ["cortado runs list shows the runs"])
    }
    return RunFolder(path: word)
  }
}
