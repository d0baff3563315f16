import Diagnostics

/// A command of the palette that takes words: `set batch_num 4`, `theme mono`.
///
/// A command line is the one of the program without its first word, wherever the program has such a verb. Commands are
/// values in the files of this folder, listed in `PaletteCommand.all`.
struct PaletteCommand: Sendable {
  /// Something that can stand at the place that is typed now.
  struct Candidate: Equatable, Sendable {
    let text: String
    /// What it is, in a few words.
    var note = ""
  }

  /// One word or two.
  let name: String
  /// Other spellings, those of the command line for instance.
  var aliases: [String] = []
  /// The words behind the name, as in a manual: `FILTER BITS`. Those in brackets may be left out.
  let usage: String
  let help: String
  var needsModel = true
  /// - Parameter words: the words behind the name that are complete.
  var candidates: @Sendable (_ words: [String], _ session: Session) -> [Candidate] = { _, _ in [] }
  /// - Throws: why the words make no sense; the palette stays open and shows it.
  let run: @Sendable (_ words: [String], _ session: inout Session, _ time: Duration) throws -> [Request<AppEffect>]

  static let all: [PaletteCommand] = config + moving + looking + runs

  /// Why it does nothing now.
  func offReason(_ session: Session) -> String? {
    needsModel && session.workspace == nil ? "the model is not open yet" : nil
  }

  /// The command a line begins with, and what stands behind its name; `nil` when there is none.
  static func find(_ line: String) -> (command: PaletteCommand, rest: String)? {
    let line = String(line.drop { $0 == " " })
    var best: (command: PaletteCommand, name: String)?
    for command in all {
      for name in [command.name] + command.aliases where name.count > best?.name.count ?? 0 {
        if line == name || line.hasPrefix(name + " ") { best = (command, name) }
      }
    }
    return best.map { ($0.command, String(line.dropFirst($0.name.count))) }
  }

  /// `set [FILTER] FIELD VALUE`.
  var title: String { usage.isEmpty ? name : "\(name) \(usage)" }

  func wrongUsage() -> DiagnosticError { DiagnosticError("write \(title)") }
}

/// A line taken apart into words; quotes hold a word together, as in a shell.
struct PaletteWords: Equatable {
  /// Words that are followed by a space.
  private(set) var complete: [String] = []
  /// The word that is being typed; empty behind a space.
  private(set) var last = ""
  /// Where the last word begins, in characters.
  private(set) var lastStart = 0

  init(_ text: String) {
    var quote: Character?
    var isOpen = false
    for (index, letter) in text.enumerated() {
      if let open = quote {
        if letter == open { quote = nil } else { last.append(letter) }
      } else if letter == " " {
        if isOpen { complete.append(last) }
        (last, isOpen, lastStart) = ("", false, index + 1)
      } else {
        isOpen = true
        // A filter may have quotes of its own inside a word: name:"a b".
        if (letter == "'" || letter == "\"") && last.isEmpty { quote = letter } else { last.append(letter) }
      }
    }
  }

  var all: [String] { last.isEmpty ? complete : complete + [last] }

  /// A word as it can stand in a line.
  static func quoted(_ word: String) -> String { word.contains(" ") ? "'\(word)'" : word }
}
