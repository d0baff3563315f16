import QuantEngine
import Quantization

/// Figures of the whole net as the config has it.
struct NetFigures: Sendable, Equatable {
  /// Layers that can be quantised, and those that are; fused ones aside.
  private(set) var quantizable = 0
  private(set) var quantized = 0
  /// MAC of quantised layers, by the width that the codes of their inputs are stored in.
  private(set) var int8Macs = 0
  private(set) var int16Macs = 0
  /// Some layer's weights are quantised by `snq_quantize`.
  private(set) var hasNonUniformWeights = false

  init() {}

  init(_ workspace: Workspace) {
    let config = workspace.config
    for row in workspace.rows where row.isQuantizable && row.fusedInto == nil {
      quantizable += 1
      guard let entry = config.layers[row.name], entry.isEnabled else { continue }
      quantized += 1
      if entry.weights?[.weightAlgorithm]?.value.string == ConfigField.nonUniformAlgorithm {
        hasNonUniformWeights = true
      }
      if row.macs == 0 { continue }
      let isWide = entry.activations.contains { ($0[.activationBits]?.value.int ?? 8) > 8 }
      if isWide { int16Macs += row.macs } else { int8Macs += row.macs }
    }
  }
}
