import ArgumentParser
import Diagnostics
import Foundation
import QuantEngine

/// Results go to stdout, news to stderr.
struct Console: Sendable {
  enum Color: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

  private let quiet: Bool
  private let colored: Bool
  /// True when stderr is a terminal, where one progress line is redrawn.
  let isTerminal: Bool

  init(quiet: Bool, color: Color) {
    self.quiet = quiet
    isTerminal = isatty(2) == 1
    let environment = ProcessInfo.processInfo.environment
    let noColor = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
    colored = color == .always || (color == .auto && isTerminal && !noColor)
  }

  /// One diagnostic; warnings and notes are left out when quiet.
  func tell(_ d: Diagnostic) {
    if quiet && d.severity != .error { return }
    clearProgress()
    for (i, line) in d.lines.enumerated() { write((i == 0 ? painted(line, d.severity) : line) + "\n") }
  }

  /// A line of news.
  func say(_ text: String) {
    if quiet { return }
    clearProgress()
    write(text + "\n")
  }

  /// Progress: redrawn in place on a terminal; elsewhere a line when it is done.
  func progress(_ text: String, done: Int, of total: Int) {
    if quiet { return }
    if isTerminal {
      let width = 30
      let filled = total > 0 ? done * width / total : 0
      let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
      write("\r\u{1b}[K\(text) [\(bar)] \(done)/\(total)")
    } else if done == total {
      write("\(text) \(done)/\(total)\n")
    }
  }

  func clearProgress() { if isTerminal && !quiet { write("\r\u{1b}[K") } }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  private func painted(_ line: String, _ severity: Diagnostic.Severity) -> String {
    guard colored, let range = line.range(of: severity.rawValue + ":") else { return line }
    let code = severity == .error ? "1;31" : severity == .warning ? "1;33" : "1;36"
    return line.replacingCharacters(in: range, with: "\u{1b}[\(code)m\(severity.rawValue):\u{1b}[0m")
  }
}
