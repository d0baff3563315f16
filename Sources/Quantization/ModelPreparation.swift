import Diagnostics
import LayerGraph
import Passes

/// A net ready for quantization: no in-place layers, BatchNorm, Scale and Bias absorbed as the config allows.
package struct PreparedModel: Sendable {
  package let graph: Graph
  /// Absorbed layers by host, in order.
  package let absorbed: [String: [String]]
  /// One line per change made.
  package let summaries: [String]

  /// - Throws: for BatchNorm that uses the batch's statistics, names that stand twice or are kept for inserted layers,
  ///   layers that were quantized before.
  package init(_ graph: Graph, _ config: QuantConfig) throws(DiagnosticError) {
    try Self.refuse(graph)
    var current = graph
    var lines: [String] = []
    if let patch = RemoveInPlace.patch(for: current) {
      current = try current.applying(patch)
      lines.append(patch.summary)
    }
    try Self.refuseInsertedBlobNames(current)
    var absorbed: [String: [String]] = [:]
    if config.doFusion {
      let plan = FusionPlan(current, skip: Set(config.skipFusionLayers))
      for node in current.nodes {
        if let host = plan.hosts[node.name] { absorbed[host, default: []].append(node.name) }
      }
      let fused = try PassPipeline.run([FuseChannelAffine(plan)], on: current)
      current = fused.graph
      lines += fused.summaries
    }
    self.graph = current
    self.absorbed = absorbed
    summaries = lines
  }

  /// A blob called like the top of a layer that quantization inserts would be mistaken for it.
  private static func refuseInsertedBlobNames(_ graph: Graph) throws(DiagnosticError) {
    var log = DiagnosticLog()
    for blob in graph.netInputs + graph.nodes.flatMap(\.tops) {
      guard let suffix = InsertedNames.suffixes.first(where: graph[blob].name.contains) else { continue }
      log.add(
        .error(
          "blob '\(graph[blob].name)': names with '\(suffix)' are kept for what quantization inserts",
          at: graph[blob].producer.flatMap { graph[$0]?.location }, help: ["rename the blob"]))
    }
    try log.throwIfErrors()
  }

  /// The types of layers that stand in quantized nets, and in those made for calibration and retraining.
  private static let insertedTypes: Set<String> = [
    "Quant", "DeQuant", "AntiQuant", "IFMR", "SearchN", "ActivationQAT", "WeightQAT", "LSTMQuant", "LSTMCalibration",
    "RNNQuant", "RNNCalibration", "GRUQuant", "GRUCalibration",
  ]

  private static func refuse(_ graph: Graph) throws(DiagnosticError) {
    var log = DiagnosticLog()
    var names: [String: Node] = [:]
    for node in graph.nodes {
      if let first = names.updateValue(node, forKey: node.name) {
        log.add(
          .error(
            "two layers are named '\(node.name)': quantization needs names that stand once", at: node.location,
            notes: [.init("the first is here", at: first.location)]))
      }
      if let suffix = InsertedNames.suffixes.first(where: node.name.contains), !insertedTypes.contains(node.type) {
        log.add(
          .error(
            "layer '\(node.name)' (\(node.type)): names with '\(suffix)' are kept for the layers that quantization "
              + "inserts",
            at: node.location, help: ["rename the layer and its top"]))
      }
      switch node.type {
      case _ where insertedTypes.contains(node.type):
        log.add(
          .error(
            "layer '\(node.name)' (\(node.type)): this model is quantized already", at: node.location,
            help: ["quantize the original float model"]))
      case "BatchNorm":
        if node.parameter.message.message("batch_norm_param")?.bool("use_global_stats") == false {
          log.add(
            .error(
              "layer '\(node.name)' (BatchNorm) has use_global_stats: false, so its output depends on the batch",
              at: node.location, help: ["remove the line, or set it to true"]))
        }
      default: break
      }
    }
    try log.throwIfErrors()
  }
}
