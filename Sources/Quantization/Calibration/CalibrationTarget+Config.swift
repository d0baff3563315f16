import LayerGraph
import Passes

extension CalibrationTarget {
  /// What calibration has to find: one search per quantized input of each enabled layer.
  ///
  /// Weighted layers with several bottoms share one factor over all; with `joint_quant` so do the inputs of each
  /// Eltwise sum. Otherwise every quantized input has its own. The first input of a recurrent layer is searched together
  /// with its state.
  /// - Source: amct-facts 2.9, section 5.
  package static func all(in graph: Graph, _ config: QuantConfig) -> [CalibrationTarget] {
    graph.nodes.compactMap { node -> CalibrationTarget? in
      guard let role = node.layer?.quantization, role.kind != .none, config.isEnabled(node.name) else { return nil }
      if case .recurrent(let statics) = role.inputs { return recurrence(node, statics, config) }
      let indices = Array(node.bottoms.indices)
      let groups: [[Int]] =
        if role.kind == .weightsAndData || (config.jointQuant && node.isEltwiseSum) {
          [indices]
        } else if role.inputs == .all {
          indices.map { [$0] }
        } else {
          [[0]]
        }
      let searches = groups.compactMap { bottoms -> InputSearch? in
        bottoms.first.flatMap { search(node, bottoms, bottoms, input: $0, config) }
      }
      return searches.isEmpty ? nil : CalibrationTarget(layer: node.name, searches: searches)
    }
  }

  private static func recurrence(_ node: Node, _ statics: Int?, _ config: QuantConfig) -> CalibrationTarget? {
    let searches = [
      search(node, [0], [0], input: 0, seesState: true, config),
      statics.flatMap { search(node, [$0], [1], input: 1, config) },
    ].compactMap(\.self)
    return searches.isEmpty ? nil : CalibrationTarget(layer: node.name, searches: searches)
  }

  private static func search(
    _ node: Node, _ bottoms: [Int], _ indices: [Int], input: Int, seesState: Bool = false, _ config: QuantConfig
  ) -> InputSearch? {
    guard let s = config.effective(layer: node.name, input: input) else { return nil }
    return InputSearch(
      bottoms: bottoms, indices: indices, seesState: seesState, batchNum: config.batchNum, numBits: s.numBits,
      withOffset: s.withOffset, rangeStart: s.searchRange.0, rangeEnd: s.searchRange.1, step: s.searchStep,
      maxPercentile: s.maxPercentile, minPercentile: s.minPercentile)
  }
}

extension Node {
  /// True for the type of layer whose inputs `joint_quant` joins.
  var isEltwiseSum: Bool {
    type == "Eltwise" && (parameter.message.message("eltwise_param")?.enumName("operation") ?? "SUM") == "SUM"
  }
}
