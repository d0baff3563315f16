/// What the command line of the harness says.
struct Arguments {
  var formats: [FuzzFormat] = []
  var inputs = 10_000
  var seed: UInt64 = 1
  /// Where inputs that end the process are kept.
  var out = ".build/fuzz"
  /// Seconds after which an input counts as hanging.
  var timeout: UInt32 = 20
  /// A worker's first input and the file it notes its index in.
  var worker: (from: Int, note: String)?
  /// A file to read instead of made inputs.
  var replay: String?

  static let usage = """
    usage: cortado-fuzz [FORMAT ...] [--inputs N] [--seed S] [--out FOLDER] [--timeout SECONDS] [--replay FILE]
    Reads N damaged inputs of each format (\(FuzzFormat.real.map(\.name).joined(separator: ", "))).
    Exit status 1 when one of them ends the reader by a signal or keeps it longer than the timeout.
    """

  init?(_ words: [String]) {
    var rest = words[...]
    while let word = rest.popFirst() {
      func value() -> String? { rest.popFirst() }
      switch word {
      case "--inputs":
        guard let text = value(), let n = Int(text), n > 0 else { return nil }
        inputs = n
      case "--seed":
        guard let text = value(), let n = UInt64(text) else { return nil }
        seed = n
      case "--timeout":
        guard let text = value(), let n = UInt32(text), n > 0 else { return nil }
        timeout = n
      case "--out":
        guard let text = value() else { return nil }
        out = text
      case "--replay":
        guard let text = value() else { return nil }
        replay = text
      case "--worker":
        guard let text = value(), let from = Int(text), let note = value() else { return nil }
        worker = (from, note)
      default:
        guard let format = FuzzFormat.all.first(where: { $0.name == word }) else { return nil }
        formats.append(format)
      }
    }
    if formats.isEmpty { formats = FuzzFormat.real }
    if replay != nil || worker != nil, formats.count != 1 { return nil }
  }
}
