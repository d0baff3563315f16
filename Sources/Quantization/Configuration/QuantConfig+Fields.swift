import LayerGraph

/// One row of an editor: a parameter with all that is known about it.
///
/// `Path` names the parameter: in a configuration, or in a recipe.
package struct EditableParameter<Path: Hashable & Sendable>: Sendable, Hashable {
  package let path: Path
  package let label: String
  package let kind: ConfigField.Kind
  /// Legal values, in words.
  package let range: String
  /// The value in force as text; `inherit` for a `with_offset` that is absent.
  package let text: String
  package let defaultText: String
  package internal(set) var provenance: Provenance
  /// What to know when changing it; may be empty.
  package let advice: String
  /// What is doubtful about the value in force; it is allowed all the same.
  package let caution: String?
  /// False for a parameter without effect as things stand, and for `version`.
  package let isEditable: Bool
}

/// One row of the layer editor.
package typealias EditableField = EditableParameter<ConfigPath>

extension QuantConfig {
  /// The parameters of the whole net, in the order of the file.
  package func globalFields(_ graph: Graph) -> [EditableField] {
    (ConfigField.Group.global.fields + ConfigField.Group.bnUpdate.fields).map { field in
      let isEditable = field != .version && (field.group != .bnUpdate || updateBN)
      return self.field(ConfigPath(field), graph, isEditable: isEditable)
    }
  }

  /// The parameters of a layer: `quant_enable`, those of each input, those of the weights. Empty for a layer that can't
  /// be quantized.
  package func fields(of node: Node, _ graph: Graph) -> [EditableField] {
    guard node.isQuantizable else { return [] }
    var fields = [field(ConfigPath(.quantEnable, layer: node.name), graph, node)]
    for input in 0..<node.activationInputs {
      for activation in ConfigField.Group.activation.fields {
        let index = node.activationInputs > 1 ? input : nil
        fields.append(field(ConfigPath(activation, layer: node.name, input: index), graph, node))
      }
    }
    guard node.hasQuantizableWeights else { return fields }
    let isNonUniform = layers[node.name]?.weights?.isNonUniform ?? false
    for weight in ConfigField.Group.weights.fields where isNonUniform || !weight.isNonUniformOnly {
      fields.append(field(ConfigPath(weight, layer: node.name), graph, node))
    }
    return fields
  }

  private func field(
    _ path: ConfigPath, _ graph: Graph, _ node: Node? = nil, isEditable: Bool = true
  ) -> EditableField {
    let input = path.input.map { "input \($0) " } ?? ""
    return EditableField(
      path: path, label: input + path.field.key, kind: path.field.kind, range: path.field.rangeText,
      text: value(path, graph)?.text ?? inheritWord,
      defaultText: defaultValue(path, graph, node)?.text ?? inheritWord,
      provenance: setting(path)?.provenance ?? .defaultValue, advice: path.field.advice,
      caution: caution(path, graph), isEditable: isEditable)
  }

  /// A warning about a legal value.
  private func caution(_ path: ConfigPath, _ graph: Graph) -> String? {
    guard let name = path.layer else { return nil }
    switch path.field {
    case .activationBits:
      return ConfigField.caution(activationBits: value(path, graph)?.int ?? 8)
    case .searchStep:
      return ConfigField.caution(search: settings(layers[name]?.activation(path.input ?? 0) ?? SettingGroup()))
    case .weightAlgorithm where layers[name]?.weights?.isNonUniform == true:
      let weighted = graph.nodes.filter(\.hasQuantizableWeights)
      let isEnd = name == weighted.first?.name || name == weighted.last?.name
      return isEnd ? "the first and the last layer should stay \(ConfigField.uniformAlgorithm)" : nil
    default: return nil
    }
  }
}

extension ConfigField {
  static func caution(activationBits bits: Int) -> String? {
    if bits <= 8 { return nil }
    return bits == 16 ? "16 bits may overflow on the board; 12 is advised" : "stored as 16 bit"
  }

  static func caution(search: IFMR.Parameters) -> String? {
    guard let tries = try? search.candidateCount() else { return nil }
    return tries > 500 ? "\(tries) tries take long" : nil
  }
}
