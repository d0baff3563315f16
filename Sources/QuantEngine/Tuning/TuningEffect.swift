import LayerGraph
import Quantization

/// What a proposal makes of the settings of its layer, worked out once so that many can be put together quickly.
package struct TuningEffect: Sendable {
  package let layer: String
  package let change: TuningProposal.Change
  /// Index of the layer in the net.
  let index: Int
  let precision: PrecisionMap.Precision
  private let entry: LayerConfig?
  /// Only where the change is of the whole run.
  private let globals: SettingGroup?

  /// - Returns: `nil` where the config refuses the change.
  package init?(
    _ change: TuningProposal.Change, of layer: String, _ config: QuantConfig, graph: Graph, map: PrecisionMap
  ) {
    // Only the layer's own entry is copied: a config may have thousands.
    var own = QuantConfig()
    own.globals = config.globals
    own.layers[layer] = config.layers[layer]
    guard let index = map.index(of: layer), (try? own.apply(change, to: layer, graph)) != nil else { return nil }
    self.layer = layer
    self.change = change
    self.index = index
    precision = map.precision(of: index, own)
    entry = own.layers[layer]
    globals = own.globals == config.globals ? nil : own.globals
  }

  /// Makes the change in the config that the effect was worked out for.
  package func apply(to config: inout QuantConfig) {
    config.layers[layer] = entry
    if let globals { config.globals = globals }
  }
}
