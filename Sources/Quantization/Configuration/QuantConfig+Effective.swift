import LayerGraph

/// How a layer's weights are quantized.
package enum WeightSettings: Hashable, Sendable {
  /// `arq_quantize`: one scale for each output channel or one for the tensor.
  case uniform(channelWise: Bool, numBits: Int)
  /// `snq_quantize`: 16 levels found by clustering.
  case nonUniform(channelWise: Bool, numBits: Int, maxIteration: Int, minDistance: Double, start: ClusterStart)
}

/// `bn_update_config` with defaults.
package struct BNUpdateSettings: Hashable, Sendable {
  /// In (0, 1).
  package var movingAverageFraction: Float
  /// In 1 ... 999.
  package var iterations: Int
  package var dumpDirectory: String

  package static let defaultDirectory = "tmp/bn_data"
}

extension QuantConfig {
  /// True when a layer is to be quantized; one without an entry stays float.
  package func isEnabled(_ layer: String) -> Bool { layers[layer]?.isEnabled ?? false }

  /// The parameters in force for an input of a layer, inherited and default ones included; `nil`: it stays float.
  package func effective(layer: String, input: Int) -> IFMR.Parameters? {
    guard let entry = layers[layer], entry.isEnabled else { return nil }
    return settings(entry.activation(input))
  }

  /// How the weights of a layer are quantized; `nil`: they stay float, or there are none.
  package func weights(of node: Node) -> WeightSettings? {
    guard let entry = layers[node.name], entry.isEnabled, node.hasQuantizableWeights else { return nil }
    let group = entry.weights ?? SettingGroup()
    let channelWise = group.value(.channelWise)?.flag ?? node.role.channelWise
    guard group.isNonUniform else { return .uniform(channelWise: channelWise, numBits: 8) }
    return .nonUniform(
      channelWise: channelWise, numBits: 4, maxIteration: group.value(.maxIteration)?.int ?? 1000,
      minDistance: group.value(.minDistance)?.double ?? 1e-10,
      start: group.value(.initAlgorithm)?.string.flatMap(ClusterStart.init) ?? .uniform)
  }

  /// True when a run refreshes the net's BatchNorm layers; without any, update_bn says nothing.
  package func updatesBN(in graph: Graph) -> Bool {
    updateBN && graph.nodes.contains { $0.standardType == "BatchNorm" }
  }

  package var bnUpdateSettings: BNUpdateSettings {
    let group = bnUpdate ?? SettingGroup()
    return BNUpdateSettings(
      movingAverageFraction: group.value(.movingAverageFraction)?.float ?? 0.5,
      iterations: group.value(.updateIterations)?.int ?? 30,
      dumpDirectory: group.value(.dumpDirectory)?.string ?? BNUpdateSettings.defaultDirectory)
  }

  func settings(_ group: SettingGroup) -> IFMR.Parameters {
    var result = IFMR.Parameters()
    result.numBits = group.value(.activationBits)?.int ?? result.numBits
    result.withOffset = group.value(.withOffset)?.flag ?? activationOffset
    if let range = group.value(.searchRange)?.range { result.searchRange = (Float(range.start), Float(range.end)) }
    result.searchStep = group.value(.searchStep)?.float ?? result.searchStep
    result.maxPercentile = group.value(.maxPercentile)?.float ?? result.maxPercentile
    result.minPercentile = group.value(.minPercentile)?.float ?? result.minPercentile
    return result
  }
}
