import Diagnostics
import Foundation
import Quantization

/// The recipe of a project, as bytes: it may be damaged, and its comments may be in any encoding.
package struct ProjectRecipe: Sendable, Equatable {
  /// `recipe.cfg`; `nil`: the project has none.
  package var text: [UInt8]?
  /// `applied.cfg`: the recipe that the working config was made from, as it was then; `nil`: it was made from the defaults.
  ///
  /// What differs in the config from what this one generates was set by hand.
  package var applied: [UInt8]?

  package init(text: [UInt8]? = nil, applied: [UInt8]? = nil) {
    self.text = text
    self.applied = applied
  }

  /// Reads both files of a project. A file that cannot be read is a warning, and counts as absent.
  package init(of project: ProjectFolder, warnings: inout [Diagnostic]) {
    func read(_ path: String) -> [UInt8]? {
      if let data = FileManager.default.contents(atPath: path) { return Array(data) }
      if FileManager.default.fileExists(atPath: path) {
        warnings.append(.warning("cannot read this file: it is left out", at: SourceLocation(file: path)))
      }
      return nil
    }
    text = read(project.recipe)
    applied = read(project.appliedRecipe)
  }
}

extension ProjectFolder {
  /// The recipe being worked on.
  package var recipe: String { path + "/recipe.cfg" }
  /// The recipe that the working config was made from.
  package var appliedRecipe: String { path + "/applied.cfg" }
}

extension ProjectStore {
  /// Writes the working config and the recipe that belongs to it; what there is none of any more is taken away.
  ///
  /// Each file is the old one or the new one, never a part. A recipe that is taken away stays in the history.
  package static func save(
    _ config: QuantConfig, _ recipe: ProjectRecipe, in project: ProjectFolder
  ) throws(QuantError) {
    try put(recipe.text, at: project.recipe)
    try put(recipe.applied, at: project.appliedRecipe)
    try save(config, to: project.config)
  }

  private static func put(_ bytes: [UInt8]?, at path: String) throws(QuantError) {
    if let bytes {
      if FileManager.default.contents(atPath: path).map(Array.init) == bytes { return }
      return try attempting(.runFailed) { try AtomicFile.write(path: path, bytes: bytes) }
    }
    guard FileManager.default.fileExists(atPath: path) else { return }
    do { try FileManager.default.removeItem(atPath: path) } catch {
      throw QuantError(.runFailed, "cannot remove \(path): \(error.localizedDescription)")
    }
  }
}
