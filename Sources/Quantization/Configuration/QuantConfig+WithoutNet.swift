import Diagnostics

extension QuantConfig {
  /// Sets a parameter of the net, or of a layer that has an entry, without a net to check it against: type and range only.
  ///
  /// - Throws: why the value is refused; a layer without an entry; `wts_algo`, whose other parameters depend on the layer.
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
      guard path.field != .weightAlgorithm else {
        throw DiagnosticError(
          "wts_algo cannot be changed without the net", help: ["edit it in the workbench or the file"])
      }
      guard entry.weights != nil else { throw DiagnosticError("layer '\(name)' has no weight_quant_params") }
      entry.weights?[path.field] = setting
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
