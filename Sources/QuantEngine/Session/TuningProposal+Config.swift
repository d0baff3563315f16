import Diagnostics
import LayerGraph
import Quantization

extension TuningProposal {
  /// True when the change is of the whole run, not of a layer.
  package var isOfRun: Bool { if case .batchNum = change { true } else { false } }
}

extension QuantConfig {
  /// Makes the change that a proposal names, for a layer.
  /// - Throws: why a value is refused; the configuration is then as before.
  package mutating func apply(
    _ change: TuningProposal.Change, to layer: String, _ graph: Graph
  ) throws(DiagnosticError) {
    var copy = self
    func text(_ value: Float) -> String { LayerHint.short(Double(value), 7) }
    switch change {
    case .batchNum(let n): try copy.set(ConfigPath(.batchNum), text: "\(n)", graph: graph)
    case .quantEnable(let isOn):
      try copy.set(ConfigPath(.quantEnable, layer: layer), text: "\(isOn)", graph: graph)
    case .percentile(let p):
      try copy.set(ConfigPath(.maxPercentile, layer: layer), text: text(p), graph: graph)
      try copy.set(ConfigPath(.minPercentile, layer: layer), text: text(p), graph: graph)
    case .searchRange(let start, let end):
      try copy.set(
        ConfigPath(.searchRange, layer: layer), text: "[\(text(start)), \(text(end))]", graph: graph)
    case .activationBits(let n):
      try copy.set(ConfigPath(.activationBits, layer: layer), text: "\(n)", graph: graph)
    case .channelWise(let isOn):
      try copy.set(ConfigPath(.channelWise, layer: layer), text: "\(isOn)", graph: graph)
    case .none: break
    }
    self = copy
  }
}
