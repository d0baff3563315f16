import Diagnostics
import Foundation
import QuantEngine
import WorkbenchUI

/// The user's themes: `NAME.theme` in `themes/` of the configuration directory.
enum ThemeFolder {
  static var path: String { PersonFolder.config.path() + "/themes" }

  /// One theme file of the user's: as it was read, or why it cannot be.
  struct Entry {
    let file: String
    let result: Result<ThemeFile, DiagnosticError>
  }

  /// In the order of their names; none when there is no folder.
  static func entries() -> [Entry] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { $0.hasSuffix(".theme") }
    return names.sorted().map { entry(path + "/" + $0) }
  }

  static func entry(_ file: String) -> Entry {
    do throws(DiagnosticError) {
      guard let data = FileManager.default.contents(atPath: file) else {
        throw DiagnosticError("cannot read this file", at: SourceLocation(file: file))
      }
      let name = ((file as NSString).lastPathComponent as NSString).deletingPathExtension
      let theme = try ThemeParser.parse(String(decoding: data, as: UTF8.self), file: file, defaultName: name)
      return Entry(file: file, result: .success(theme))
    } catch {
      return Entry(file: file, result: .failure(error))
    }
  }

  /// The built-in themes, and over them the user's. A file that cannot be read is left out, unless it is the one asked for.
  static func library(for asked: String? = nil) throws(DiagnosticError) -> ThemeLibrary {
    var library = try BuiltInThemes.library()
    for entry in entries() {
      switch entry.result {
      case .success(let theme): library.add(theme)
      case .failure(let error):
        if let asked, (entry.file as NSString).lastPathComponent == asked + ".theme" { throw error }
      }
    }
    return library
  }
}
