/// A line of the palette.
struct PaletteEntry: Sendable {
  enum Kind: Sendable {
    /// An action of the shown screen, or of all.
    case action(String)
    case command(PaletteCommand)
    /// A line that was given before.
    case line(String)
    /// A word for the place that is typed.
    case candidate(String)
  }

  let kind: Kind
  /// What is typed to find it.
  let name: String
  let keys: String
  let help: String
  var offReason: String?

  init(_ row: KeyRow) {
    kind = .action(row.action)
    name = row.action
    keys = row.keyText
    help = row.help
    offReason = row.offReason
  }

  init(_ command: PaletteCommand, _ session: Session) {
    kind = .command(command)
    name = command.name
    keys = command.usage
    help = command.help
    offReason = command.offReason(session)
  }

  init(line: String) {
    kind = .line(line)
    name = line
    keys = ""
    help = ""
  }

  init(_ candidate: PaletteCommand.Candidate) {
    kind = .candidate(candidate.text)
    name = candidate.text
    keys = ""
    help = candidate.note
  }

  /// How well a text fits, the name counting more than the help; `nil` when it does not.
  func score(_ text: String) -> Int? {
    if name == text { return 10_000 }
    if let score = FuzzyMatch.score(text, in: name) { return score + (score >= 1000 ? 2000 : 500) }
    guard text.count > 1, let score = FuzzyMatch.score(text, in: help), score >= 1000 else { return nil }
    return score - 1000
  }
}
