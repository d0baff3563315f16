extension ConfigField {
  /// Why a run refuses a legal value in this version; `nil` when it takes it.
  package func unavailable(_ value: ConfigValue?) -> String? {
    switch self {
    case .updateBN where value?.flag == true: "no run takes update_bn in this version: quantize refuses it"
    case .weightAlgorithm where value?.string == Self.nonUniformAlgorithm:
      "no run takes \(Self.nonUniformAlgorithm) in this version: quantize refuses it"
    default: nil
    }
  }
}

extension QuantConfig {
  /// What a run of this configuration would be refused for in this version, in sentences.
  package var unavailable: [String] {
    let isOn = { (entry: LayerConfig) in entry.isEnabled && entry.weights?.isNonUniform == true }
    let names = layerNames.filter { layers[$0].map(isOn) == true }
    var found = [ConfigField.updateBN.unavailable(.flag(updateBN))].compactMap(\.self)
    if let first = names.first,
      let reason = ConfigField.weightAlgorithm.unavailable(layers[first]?.weights?.value(.weightAlgorithm))
    {
      found.append("\(reason) (\(first)\(names.count > 1 ? " and \(names.count - 1) more" : ""))")
    }
    return found
  }
}
