import Diagnostics
import LayerGraph
import Passes

/// A net ready for quantization: no in-place layers, BatchNorm, Scale and Bias absorbed as the config allows.
package struct PreparedModel: Sendable {
  package private(set) var graph: Graph
  /// Absorbed layers by host, in order.
  package private(set) var absorbed: [String: [String]] = [:]
  /// The chains of BatchNorm, Scale and Bias that became a DepthwiseConv, by its name.
  package private(set) var accelerated: [String: [String]] = [:]
  /// The configuration of `graph`: with an entry for each layer that was made.
  package private(set) var config: QuantConfig
  /// One line per change made.
  package private(set) var summaries: [String] = []

  /// - Parameter fuses: false leaves the absorbing to a later `fused`.
  /// - Throws: for BatchNorm that uses the batch's statistics, names that stand twice or are kept for inserted layers,
  ///   layers that were quantized before.
  package init(_ graph: Graph, _ config: QuantConfig, fuses: Bool = true) throws(DiagnosticError) {
    try Self.refuse(graph)
    self.graph = graph
    self.config = config
    if let patch = RemoveInPlace.patch(for: graph) {
      self.graph = try graph.applying(patch)
      summaries.append(patch.summary)
    }
    try Self.refuseInsertedBlobNames(self.graph)
    if fuses { try fuse() }
  }

  /// What BatchNorm, Scale and Bias layers are to be absorbed, and by what; `nil` when fusion is off.
  package var plan: FusionPlan? {
    config.doFusion ? FusionPlan(graph, skip: Set(config.skipFusionLayers)) : nil
  }

  /// The same net with refreshed BatchNorm statistics, absorbed as the config allows.
  package func fused(with statistics: [String: BatchNormStatistics]) throws(DiagnosticError) -> PreparedModel {
    var copy = self
    copy.graph = BatchNormUpdate.graph(graph, with: statistics)
    copy.summaries = []
    try copy.fuse()
    return copy
  }

  private mutating func fuse() throws(DiagnosticError) {
    if let plan {
      for node in graph.nodes {
        if let host = plan.hosts[node.name] { absorbed[host, default: []].append(node.name) }
      }
      try run(FuseChannelAffine(plan))
    }
    try accelerate()
  }

  /// What of BatchNorm, Scale and Bias is left and turned on becomes a DepthwiseConv with the settings of its first layer.
  private mutating func accelerate() throws(DiagnosticError) {
    let config = config
    let plan = AccelerationPlan(graph) { config.isEnabled($0) }
    for (first, chain) in plan.chains {
      guard let name = plan.names[first] else { continue }
      accelerated[name] = chain.compactMap { graph[$0]?.name }
      var entry = LayerConfig()
      entry.activations = graph[first].flatMap { config.layers[$0.name]?.activations } ?? []
      self.config.layers[name] = entry
    }
    try run(AccelerateChannelAffine(plan))
  }

  private mutating func run(_ pass: any Pass) throws(DiagnosticError) {
    let changed = try PassPipeline.run([pass], on: graph)
    graph = changed.graph
    summaries += changed.summaries
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
