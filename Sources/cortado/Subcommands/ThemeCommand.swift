import ArgumentParser
import Diagnostics
import Foundation
import QuantEngine
import WorkbenchUI

/// `cortado theme check`.
struct ThemeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "theme", abstract: "Check the workbench's themes.",
    discussion: "Example: cortado theme check", subcommands: [Check.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Find unreadable text and colours that fall together.",
      discussion: """
        Example: cortado theme check mine.theme

        Contrast under 4.5:1 (7:1 for themes called or inheriting contrast), and pairs of roles that look alike with \
        normal vision or simulated protanopia, deuteranopia or tritanopia, in 24-bit colours. Exit status 3 when a file \
        cannot be read (an unknown role, for one), 5 when something was found.
        """)

    @Argument(
      help: ArgumentHelp(
        "Theme files, or names of themes, built in or the user's (default: all).", valueName: "file or name"))
    var themes: [String] = []
    @OptionGroup var common: CommonOptions

    struct Report: Encodable {
      let theme: String
      let findings: [String]
    }

    func run() throws {
      var library = try BuiltInThemes.library()
      var names = themes.isEmpty ? library.names : []
      var errors: [Diagnostic] = []
      func add(_ entry: ThemeFolder.Entry, isAsked: Bool) {
        switch entry.result {
        case .success(let theme):
          library.add(theme)
          if isAsked, !names.contains(theme.name) { names.append(theme.name) }
        case .failure(let error): if isAsked { errors += error.diagnostics }
        }
      }
      for entry in ThemeFolder.entries() {
        let name = ((entry.file as NSString).lastPathComponent as NSString).deletingPathExtension
        add(entry, isAsked: themes.isEmpty || themes.contains(name))
      }
      let known = Set(library.names)
      for word in themes where !names.contains(word) {
        if known.contains(word) {
          names.append(word)
        } else if word.hasSuffix(".theme") || word.contains("/") {
          add(ThemeFolder.entry(word), isAsked: true)
        } else if errors.isEmpty {
          errors.append(
            .error("there is no theme '\(word)'", help: NearestName.help(word, among: library.names)))
        }
      }
      var reports: [Report] = []
      for name in names {
        do throws(DiagnosticError) {
          reports.append(Report(theme: name, findings: ThemeCheck.findings(in: try library.theme(name)).map(\.text)))
        } catch {
          errors += error.diagnostics
        }
      }
      guard errors.isEmpty else { throw QuantError(.badInput, errors) }
      common.show(reports) {
        $0.map { r in
          r.findings.isEmpty ? "\(r.theme): ok" : r.findings.map { "\(r.theme): \($0)" }.joined(separator: "\n")
        }
        .joined(separator: "\n")
      }
      let bad = reports.filter { !$0.findings.isEmpty }
      if !bad.isEmpty {
        throw QuantError(
          .thresholdMissed,
          "\(bad.reduce(0) { $0 + $1.findings.count }) findings in \(bad.map(\.theme).joined(separator: ", "))")
      }
    }
  }
}
