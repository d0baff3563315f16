import Diagnostics
import LayerGraph
import Passes

/// A net ready for quantization: no in-place layers, BatchNorm, Scale and Bias absorbed as the config allows.
package struct PreparedModel: Sendable {
  package private(set) var graph: Graph
  /// Absorbed layers by host, in order.
  package private(set) var absorbed: [String: [String]] = [:]
  /// One line per change made.
  package private(set) var summaries: [String] = []

  /// - Parameter fuses: false leaves the absorbing to a later `fused`.
  /// - Throws: for BatchNorm that uses the batch's statistics, names that stand twice or are kept for inserted layers,
  ///   layers that were quantized before.
  package init(_ graph: Graph, _ config: QuantConfig, fuses: Bool = true) throws(DiagnosticError) {
    try Self.refuse(graph)
    self.graph = graph
    if let patch = RemoveInPlace.patch(for: graph) {
      self.graph = try graph.applying(patch)
      summaries.append(patch.summary)
    }
    try Self.refuseInsertedBlobNames(self.graph)
    if fuses { try fuse(config) }
  }

  /// What BatchNorm, Scale and Bias layers are to be absorbed, and by what; `nil` when fusion is off.
  package func plan(_ config: QuantConfig) -> FusionPlan? {
    config.doFusion ? FusionPlan(graph, skip: Set(config.skipFusionLayers)) : nil
  }

  /// The same net with refreshed BatchNorm statistics, absorbed as the config allows.
  package func fused(
    _ config: QuantConfig, with statistics: [String: BatchNormStatistics]
  ) throws(DiagnosticError) -> PreparedModel {
    var copy = self
    copy.graph = BatchNormUpdate.graph(graph, with: statistics)
    copy.summaries = []
    try copy.fuse(config)
    return copy
  }

  private mutating func fuse(_ config: QuantConfig) throws(DiagnosticError) {
    guard let plan = plan(config) else { return }
    for node in graph.nodes {
      if let host = plan.hosts[node.name] { absorbed[host, default: []].append(node.name) }
    }
    let fused = try PassPipeline.run([FuseChannelAffine(plan)], on: graph)
    graph = fused.graph
    summaries += fused.summaries
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
