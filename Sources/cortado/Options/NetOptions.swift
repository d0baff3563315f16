import ArgumentParser
import LayerGraph
import QuantEngine
import Tensors

/// What of a net is meant, and the shapes it does not say.
struct NetOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Shape of an input: BLOB=N,C,H,W (repeatable).", valueName: "blob=dims"))
  var inputShape: [String] = []

  @Option(
    help: ArgumentHelp(
      "Use only the part of the net behind these blobs, which become its inputs (repeatable).", valueName: "blob,.."))
  var inputs: [String] = []

  @Option(
    help: ArgumentHelp(
      "Use only the part of the net that these blobs need, which are its outputs (repeatable).", valueName: "blob,.."))
  var outputs: [String] = []

  @Option(
    help: ArgumentHelp(
      "Run unknown layer types as if they did nothing: top i is bottom i (repeatable).", valueName: "type,.."))
  var passThrough: [String] = []

  func files(_ model: String, _ weights: String?, _ common: CommonOptions) throws -> ModelFiles {
    ModelFiles(
      prototxt: model, weights: weights, protos: common.proto, plugins: common.plugin,
      passThrough: try Self.names(passThrough, "--pass-through", of: "layer types"), inputShapes: try shapes(),
      part: NetPart(inputs: try Self.names(inputs, "--inputs"), outputs: try Self.names(outputs, "--outputs")))
  }

  /// The flags as they were given, for a run that shall see the same net.
  var words: [String] {
    inputShape.map { "--input-shape=\($0)" } + inputs.map { "--inputs=\($0)" } + outputs.map { "--outputs=\($0)" }
      + passThrough.map { "--pass-through=\($0)" }
  }

  private func shapes() throws -> [String: Shape] {
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
    return shapes
  }

  /// The names in all flags of one kind, each once.
  private static func names(_ words: [String], _ flag: String, of what: String = "blobs") throws -> [String] {
    var names: [String] = []
    for word in words {
      for name in word.split(separator: ",", omittingEmptySubsequences: false) {
        guard !name.isEmpty else { throw ValidationError("\(flag) takes names of \(what), got '\(word)'") }
        if !names.contains(String(name)) { names.append(String(name)) }
      }
    }
    return names
  }
}
