import Diagnostics
import LayerGraph

extension QuantConfig {
  /// Checks the configuration against the net that it is for.
  /// - Parameter log: gets the warnings.
  /// - Throws: up to 20 errors: layers that do not exist or can't be quantized, parameters that a layer type refuses,
  ///   wrong names in `skip_fusion_layers`, nothing left to quantize.
  package func validated(against graph: Graph, log: inout DiagnosticLog) throws(DiagnosticError) -> QuantConfig {
    var found = DiagnosticLog()
    check(against: graph, &found)
    try found.throwErrorsInFileOrder()
    log.add(contentsOf: found.inFileOrder)
    return self
  }

  func check(against graph: Graph, _ log: inout DiagnosticLog) {
    let nodes = graph.nodesByName
    let place = file.map { SourceLocation(file: $0) }
    if !graph.nodes.contains(where: \.isQuantizable) {
      log.add(.error("No layer support quantization in the graph.", at: place))
    }
    checkSkipFusion(nodes, &log)
    checkUpdateBN(graph, &log)
    for name in layerNames {
      guard let layer = layers[name] else { continue }
      guard let node = nodes[name] else {
        let known = graph.quantizableNames + Self.globalKeys
        log.add(
          .error(
            "\(name) is an invalid layer name or parameter.", at: layer.location,
            notes: [.init("the graph has no layer '\(name)'")], help: NearestName.help(name, among: known)))
        continue
      }
      layer.check(for: node, &log)
      if jointQuant, layer.isEnabled, node.isEltwiseSum { checkJoint(layer, of: node, &log) }
    }
    let isAnyOn = layers.contains { $0.value.isEnabled && nodes[$0.key]?.isQuantizable == true }
    if !isAnyOn, !log.hasErrors {
      log.add(.error("No quant enable layer in quant config file, please check the quant config file.", at: place))
    }
  }

  /// Joint inputs are searched once, with the settings of the first.
  private func checkJoint(_ layer: LayerConfig, of node: Node, _ log: inout DiagnosticLog) {
    let others = layer.activations.indices.dropFirst().filter { layer.activations[$0] != layer.activations[0] }
    guard let other = others.first else { return }
    log.add(
      .warning(
        "layer '\(node.name)': with joint_quant its inputs are searched together, by the settings of input 0; those of "
          + "input \(other) are ignored",
        at: layer.location))
  }

  func checkUpdateBN(_ graph: Graph, _ log: inout DiagnosticLog) {
    if updateBN, !graph.nodes.contains(where: { $0.standardType == "BatchNorm" }) {
      log.add(.warning("update_bn is set, but the graph has no BatchNorm layer", at: globals[.updateBN]?.location))
    }
  }

  func checkSkipFusion(_ nodes: [String: Node], _ log: inout DiagnosticLog) {
    guard let setting = globals[.skipFusionLayers], let names = setting.value.names else { return }
    for (i, name) in names.enumerated() {
      let place = setting.itemLocations.indices.contains(i) ? setting.itemLocations[i] : setting.location
      guard let node = nodes[name] else {
        let known = nodes.values.filter(\.isFusable).map(\.name).sorted()
        log.add(
          .error(
            "Layer \"\(name)\" in skip_fusion_layers does not exist in the graph.", at: place,
            help: NearestName.help(name, among: known)))
        continue
      }
      if !node.isFusable {
        log.add(
          .error(
            "Skip fusion layer \"\(name)\"'s type not in supported list "
              + "[\(Graph.fusableTypes.joined(separator: ", "))]",
            at: place, notes: [.init("'\(name)' is of type \(node.type)")]))
      }
    }
  }
}

extension LayerConfig {
  /// What the layer's type refuses.
  func check(for node: Node, _ log: inout DiagnosticLog) {
    guard node.isQuantizable else {
      log.add(
        .error(
          "layer \(node.name) does not support quant.", at: location,
          notes: [.init("layer type \(node.type) is not quantized")]))
      return
    }
    if activations.count > 1, activations.count != node.activationInputs {
      log.add(
        .error(
          "activation_quant_params of layer \(node.name) must have \(node.activationInputs) entries, "
            + "has \(activations.count)",
          at: location, notes: [.init("one for each quantized input of \(node.type)")]))
    }
    if let weights { weights.checkWeights(of: node, fallback: location, &log) }
  }
}

extension SettingGroup {
  /// What the layer's type refuses of weight parameters.
  func checkWeights(of node: Node, fallback: SourceLocation? = nil, _ log: inout DiagnosticLog) {
    let owner = [Diagnostic.Note("in layer '\(node.name)'")]
    if value(.channelWise)?.flag == true, !node.role.channelWise {
      log.add(
        .error(
          "The channel_wise must be False for layer type \(node.type)", at: self[.channelWise]?.location ?? fallback,
          notes: owner))
    }
    if !node.hasQuantizableWeights {
      log.add(
        .warning(
          "layer '\(node.name)' (\(node.type)) has no weights to quantize; weight_quant_params is ignored", at: fallback
        ))
    } else if isNonUniform, !node.takesNonUniformWeights {
      log.add(
        .error(
          "The \(ConfigField.nonUniformAlgorithm) is not supported for layer type \(node.type)",
          at: self[.weightAlgorithm]?.location ?? fallback, notes: owner))
    }
  }
}
