import Diagnostics
import LayerGraph
import QuantEngine
import Quantization

/// A change of a layer's settings that can be made on any other layer too.
enum LayerEdit: Sendable {
  case enable(Bool)
  case bits(Int)
  case set(ConfigField, input: Int?, text: String)
  case reset(ConfigField, input: Int?)
  case resetAll
  /// All settings of another layer, as far as the layer has such.
  case paste(from: String, [(path: ConfigPath, text: String)])

  /// What it was, for one layer and for several: `conv1: num_bits -> 12`, `12 layers: num_bits -> 12`.
  var words: String {
    switch self {
    case .enable(let on): on ? "quantised" : "float"
    case .bits(let bits): "num_bits -> \(bits)"
    case .set(let field, let input, let text): "\(Self.name(field, input)) -> \(text)"
    case .reset(let field, let input): "\(Self.name(field, input)) back to default"
    case .resetAll: "all back to default"
    case .paste(let source, _): "settings of \(source)"
    }
  }

  private static func name(_ field: ConfigField, _ input: Int?) -> String {
    (field == .weightBits ? "weight " : "") + field.key + (input.map { "[\($0)]" } ?? "")
  }

  /// - Throws: why the layer does not take it; the config is then as before.
  func make(on row: LayerRow, _ config: inout QuantConfig, _ workspace: Workspace) throws(DiagnosticError) {
    guard let node = workspace.node(of: row) else { return }
    let graph = workspace.graph
    switch self {
    case .enable(let on):
      try config.set(ConfigPath(.quantEnable, layer: row.name), text: on ? "true" : "false", graph: graph, node: node)
    case .bits(let bits):
      try config.set(ConfigPath(.activationBits, layer: row.name), text: "\(bits)", graph: graph, node: node)
    case .set(let field, let input, let text):
      try config.set(ConfigPath(field, layer: row.name, input: input), text: text, graph: graph, node: node)
    case .reset(let field, let input):
      try config.reset(ConfigPath(field, layer: row.name, input: input), graph: graph, node: node)
    case .resetAll:
      var copy = config
      let fields = copy.fields(of: node, graph)
      // The algorithm first: bits and the fields of the other algorithm follow it.
      if fields.contains(where: { $0.path.field == .weightAlgorithm }) {
        try copy.reset(ConfigPath(.weightAlgorithm, layer: row.name), graph: graph, node: node)
      }
      for field in fields where !field.path.field.isNonUniformOnly {
        try copy.reset(field.path, graph: graph, node: node)
      }
      config = copy
    case .paste(_, let settings):
      var copy = config
      let inputs = copy.fields(of: node, graph).compactMap(\.path.input).max()
      let hasWeights = copy.fields(of: node, graph).contains { $0.path.field.group == .weights }
      for (path, text) in settings where hasWeights || path.field.group != .weights {
        // A layer with more inputs than the source gets for all of them what the source has for its last.
        let targets: [Int?] = path.field.group == .activation ? Self.inputs(path.input, of: inputs, settings) : [nil]
        for input in targets {
          try copy.set(ConfigPath(path.field, layer: row.name, input: input), text: text, graph: graph, node: node)
        }
      }
      config = copy
    }
  }

  private static func inputs(_ own: Int?, of last: Int?, _ settings: [(path: ConfigPath, text: String)]) -> [Int?] {
    guard let last else { return own ?? 0 == 0 ? [nil] : [] }
    guard let own else { return [nil] }
    if own > last { return [] }
    let most = settings.compactMap(\.path.input).max() ?? 0
    return own == most && most < last ? Array(own...last) : [own]
  }
}
