import Diagnostics
import LayerGraph
import Quantization

extension QuantConfig {
  /// Makes the change of a proposal for a layer; one of the whole run is made in the globals.
  /// - Throws: why the value is refused; the configuration is then as before.
  package mutating func apply(
    _ change: TuningProposal.Change, to layer: String, graph: Graph
  ) throws(DiagnosticError) {
    var copy = self
    func set(_ path: ConfigPath, _ text: String) throws(DiagnosticError) {
      try copy.set(path, text: text, graph: graph)
    }
    switch change {
    case .batchNum(let n): try set(ConfigPath(.batchNum), "\(n)")
    case .quantEnable(let on): try set(ConfigPath(.quantEnable, layer: layer), on ? "true" : "false")
    case .percentile(let p):
      try set(ConfigPath(.maxPercentile, layer: layer), "\(p)")
      try set(ConfigPath(.minPercentile, layer: layer), "\(p)")
    case .searchRange(let a, let b): try set(ConfigPath(.searchRange, layer: layer), "[\(a), \(b)]")
    case .activationBits(let n): try set(ConfigPath(.activationBits, layer: layer), "\(n)")
    case .channelWise(let on): try set(ConfigPath(.channelWise, layer: layer), on ? "true" : "false")
    case .none: break
    }
    self = copy
  }
}
