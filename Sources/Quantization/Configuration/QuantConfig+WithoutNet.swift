import Diagnostics

extension QuantConfig {
  /// Sets a parameter of the net, or of a layer that has an entry, without a net to check it against: type and range
  /// only.
  ///
  /// The other weight parameters follow `wts_algo`; whether the layer's type can have it is checked with the net.
  ///
  /// - Throws: why the value is refused; a layer without an entry.
  package mutating func setWithoutNet(_ path: ConfigPath, text: String) throws(DiagnosticError) {
    let inherits = path.field == .withOffset && text == inheritWord
    let setting = inherits ? nil : Setting(try path.field.parse(text), .hand)
    guard let name = path.layer else {
      if path.field.group == .bnUpdate {
        var group = bnUpdate ?? SettingGroup()
        group[path.field] = setting
        bnUpdate = group
      } else {
        globals[path.field] = setting
      }
      return
    }
    guard var entry = layers[name] else {
      throw DiagnosticError(
        "the configuration has no layer '\(name)'", help: NearestName.help(name, among: layerNames))
    }
    switch path.field.group {
    case .activation:
      let indices = path.input.map { [$0] } ?? Array(entry.activations.indices)
      for i in indices {
        guard entry.activations.indices.contains(i) else {
          throw DiagnosticError(
            "layer '\(name)' has \(entry.activations.count) entries of activation_quant_params, no [\(i)]")
        }
        entry.activations[i][path.field] = setting
      }
    case .weights:
      guard var group = entry.weights else { throw DiagnosticError("layer '\(name)' has no weight_quant_params") }
      guard !path.field.isNonUniformOnly || group.isNonUniform else {
        throw DiagnosticError(
          "\(path.field.key) belongs to \(ConfigField.nonUniformAlgorithm)", help: ["set wts_algo first"])
      }
      group[path.field] = setting
      if path.field == .weightAlgorithm { group.followWeightAlgorithm() }
      entry.weights = group
    default: entry.own[path.field] = setting
    }
    var log = DiagnosticLog()
    for group in entry.activations + [entry.weights].compactMap(\.self) {
      group.checkTogether(owner: "layer '\(name)'", &log)
    }
    try log.throwIfErrors()
    layers[name] = entry
  }
}
