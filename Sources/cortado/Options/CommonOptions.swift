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

  func files(_ common: CommonOptions) -> ModelFiles {
    ModelFiles(prototxt: model, weights: weights, protos: common.proto)
  }
}

/// A model whose weights may be missing.
struct LooseModelOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The net, text or binary.", valueName: "model.prototxt"))
  var model: String

  @Argument(help: ArgumentHelp("Its weights.", valueName: "weights.caffemodel"))
  var weights: String?

  @Option(help: ArgumentHelp("Shape of an input: BLOB=N,C,H,W (repeatable).", valueName: "blob=dims"))
  var inputShape: [String] = []

  func files(_ common: CommonOptions) throws -> ModelFiles {
    var shapes: [String: Shape] = [:]
    for word in inputShape {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      let dims =
        parts.count == 2 ? parts[1].split(separator: ",").map { Int($0.trimmingCharacters(in: .whitespaces)) } : []
      let known = dims.compactMap { $0 }
      guard parts.count == 2, !known.isEmpty, known.count == dims.count, known.allSatisfy({ $0 > 0 }),
        Shape(known).isLegal
      else { throw ValidationError("--input-shape takes BLOB=N,C,H,W with positive numbers, got '\(word)'") }
      shapes[parts[0]] = Shape(known)
    }
    return ModelFiles(prototxt: model, weights: weights, protos: common.proto, inputShapes: shapes)
  }
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
