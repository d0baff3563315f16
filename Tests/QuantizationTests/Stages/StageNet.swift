import Diagnostics
import LayerGraph
import Quantization
import Tensors
import TestSupport

/// Nets with real layers and their configurations, for the stages of a run.
enum StageNet {
  static let convolution = "convolution_param { num_output: 2 kernel_size: 1 }"

  /// The default configuration with changes: "conv.channel_wise" to "false".
  static func config(_ graph: Graph, _ changes: [(String, String)] = []) throws -> QuantConfig {
    var log = DiagnosticLog()
    var config = try QuantConfig.initial(graph: graph, log: &log)
    for (path, text) in changes { try config.set(path: path, text: text, graph: graph) }
    return config
  }
}
