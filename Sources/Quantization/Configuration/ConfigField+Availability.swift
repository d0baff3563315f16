extension ConfigField {
  /// Why a run refuses a legal value in this version; `nil` when it takes it.
  package func unavailable(_ value: ConfigValue?) -> String? {
    switch self {
    case .updateBN where value?.flag == true: "no run takes update_bn in this version: quantize refuses it"
    default: nil
    }
  }
}

extension QuantConfig {
  /// What a run of this configuration would be refused for in this version, in sentences.
  package var unavailable: [String] {
    [ConfigField.updateBN.unavailable(.flag(updateBN))].compactMap(\.self)
  }
}
