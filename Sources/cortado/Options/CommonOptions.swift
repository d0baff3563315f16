import ArgumentParser
import Foundation
import QuantEngine
import Tensors

/// Flags of every verb.
struct CommonOptions: ParsableArguments {
  @Flag(help: "Print one JSON document on stdout.")
  var json = false

  @Flag(name: [.customShort("q"), .long], help: "No news and warnings on stderr.")
  var quiet = false

  @Option(help: ArgumentHelp("When to colour: auto, always or never.", valueName: "when"))
  var color = Console.Color.auto

  @Option(help: ArgumentHelp("A custom .proto to lay over the built-in schema (repeatable).", valueName: "file"))
  var proto: [String] = []

  @Option(help: ArgumentHelp("A library with layer types (repeatable): docs/plugins.md.", valueName: "lib"))
  var plugin: [String] = []

  var console: Console { Console(quiet: quiet, color: color) }

  /// Prints a result: JSON, or what `text` makes of it.
  func show<R: Encodable>(_ result: R, _ text: (R) -> String) {
    print(json ? JSONText.encode(result) : text(result))
  }
}

/// The model that a verb works on.
struct ModelOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The net, text or binary.", valueName: "model.prototxt"))
  var model: String

  @Argument(help: ArgumentHelp("Its weights.", valueName: "weights.caffemodel"))
  var weights: String

  @OptionGroup var net: NetOptions

  func files(_ common: CommonOptions) throws -> ModelFiles { try net.files(model, weights, common) }
}

/// A model whose weights may be missing.
struct LooseModelOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The net, text or binary.", valueName: "model.prototxt"))
  var model: String

  @Argument(help: ArgumentHelp("Its weights.", valueName: "weights.caffemodel"))
  var weights: String?

  @OptionGroup var net: NetOptions

  func files(_ common: CommonOptions) throws -> ModelFiles { try net.files(model, weights, common) }
}

/// Threads of the engine.
struct ThreadOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Threads of the engine (default: one per core).", valueName: "t"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be 1 to 1024, is \(threads)")
    }
  }

  var count: Int { threads ?? max(1, ProcessInfo.processInfo.activeProcessorCount) }
}
