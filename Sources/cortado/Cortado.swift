import ArgumentParser
import Diagnostics
import Foundation
import QuantEngine

/// The command line: verbs from `CommandCatalog`; without a verb, the workbench.
struct Cortado: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cortado",
    abstract: "Quantizes Caffe models for NPUs: a workbench in the terminal, a command line for scripts.",
    discussion: """
      cortado MODEL.prototxt WEIGHTS.caffemodel --images DIR     opens the workbench
      cortado VERB ...                                          does one thing and ends
      """,
    version: ProductVersion.text, subcommands: CommandCatalog.verbs, defaultSubcommand: OpenCommand.self)
}

@main
enum Main {
  static func main() {
    signal(SIGPIPE, SIG_IGN)
    let arguments = CommandWords(Array(CommandLine.arguments.dropFirst()))
    if let problem = arguments.problem { finish(problem, json: false) }
    do {
      var command = try Cortado.parseAsRoot(arguments.words)
      try command.run()
      exit(ExitStatus.done.rawValue)
    } catch let error as QuantError {
      finish(error, json: arguments.words.contains("--json"))
    } catch let error as any DiagnosticConvertible {
      finish(QuantError(.badInput, error.diagnostics), json: arguments.words.contains("--json"))
    } catch {
      // ArgumentParser words its own errors and help; help and version end with 0.
      Cortado.exit(withError: error)
    }
  }

  /// Tells the error and ends with its status.
  private static func finish(_ error: QuantError, json: Bool) -> Never {
    let console = Console(quiet: false, color: .auto)
    for d in error.diagnostics { console.tell(d) }
    // A missed threshold stands beside the result, which is the one document.
    if json, error.status != .thresholdMissed { print(JSONText.encode(ErrorReport(error))) }
    exit(error.status.rawValue)
  }
}

/// Diagnostics as `--json` prints them.
private struct ErrorReport: Encodable {
  struct Entry: Encodable {
    let severity: String
    let text: String
    let file: String?
    let line: Int?
    let column: Int?
    let help: [String]
  }

  let status: Int32
  let diagnostics: [Entry]

  init(_ error: QuantError) {
    status = error.status.rawValue
    diagnostics = error.diagnostics.map {
      Entry(
        severity: $0.severity.rawValue, text: $0.text, file: $0.location?.file,
        line: $0.location.flatMap { $0.line > 0 ? $0.line : nil },
        column: $0.location.flatMap { $0.column > 0 ? $0.column : nil }, help: $0.help)
    }
  }
}

/// The words after `cortado`, put in the order that the parser understands.
struct CommandWords {
  /// Flags that may stand before the verb; with a value, or without.
  private static let valued: Set<String> = ["--color", "--proto", "--plugin"]
  private static let plain: Set<String> = ["--json", "--quiet", "-q"]

  let words: [String]
  let problem: QuantError?

  /// Moves common flags from before the verb to behind it, and checks a first word that is neither verb nor file.
  init(_ arguments: [String]) {
    var front: [String] = []
    var rest = arguments[...]
    while let first = rest.first {
      if Self.plain.contains(first) || Self.valued.contains(where: { first.hasPrefix($0 + "=") }) {
        front.append(rest.removeFirst())
      } else if Self.valued.contains(first), rest.count > 1 {
        front += [rest.removeFirst(), rest.removeFirst()]
      } else {
        break
      }
    }
    guard let verb = rest.first else {
      words = front
      problem = nil
      return
    }
    let names = CommandCatalog.names
    if names.contains(verb) {
      words = [verb] + rest.dropFirst() + front
      problem = Self.problem(verb, rest.dropFirst().first)
    } else {
      words = Array(rest) + front
      let isFile = FileManager.default.fileExists(atPath: verb) || verb.hasSuffix(".prototxt") || verb.contains("/")
      problem =
        verb.hasPrefix("-") || isFile
        ? nil
        : QuantError(
          .usage, "'\(verb)' is neither a verb nor a file",
          help: NearestName.help(verb, among: names) + ["cortado --help lists the verbs"])
    }
  }

  /// What is wrong with the word behind a verb that has verbs of its own.
  private static func problem(_ verb: String, _ word: String?) -> QuantError? {
    let names = CommandCatalog.subverbs(of: verb)
    guard let word, !names.isEmpty, !word.hasPrefix("-"), word != "help", !names.contains(word) else { return nil }
    return QuantError(
      .usage, "'\(word)' is no verb of cortado \(verb)",
      help: NearestName.help(word, among: names) + ["its verbs are \(names.joined(separator: ", "))"])
  }
}
