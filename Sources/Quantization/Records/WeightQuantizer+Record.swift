import Diagnostics
import Kernels
import LayerGraph
import Tensors

extension WeightQuantizer {
  /// Quantizes weights with the steps of a record, and its levels where weights are non-uniform.
  ///
  /// `code = clip(round(Double(w) / Double(scale[c])), -128, 127)`, `w' = code * scale[c]`, or those of `SNQ.assigned`.
  /// - Parameter log: gets a warning when weights lie far beyond the last code: such a record belongs to other weights,
  ///   for one those before or after fusion.
  /// - Precondition: the record fits the net (`RecordFile.matched`).
  /// - Throws: weights that are no numbers.
  /// - Source: amct-facts 2.2, 3.1 (convert_model).
  package static func run(
    _ graph: Graph, with matched: MatchedRecord, log: inout DiagnosticLog
  ) throws(DiagnosticError) -> Outcome {
    var out = Outcome(graph: graph, factors: [:], codes: [:])
    var far: [(node: Node, steps: Float)] = []
    for record in matched.record.layers where record.isWeighted {
      guard let node = graph.node(named: record.layer), let weights = node.params.first else { continue }
      let scales = record.weightScales
      let axis = scales.count > 1 ? node.role.outputAxis : nil
      let steps = try extent(of: weights, scales, ChannelLayout(weights.shape, axis: axis), node)
      if steps > 256 { far.append((node, steps)) }
      let fake: Tensor
      let codebook = matched.codebooks[node.name]
      if let codebook {
        let found = SNQ.assigned(weights, axis: axis, scales: scales, levels: codebook)
        (out.codes[node.name], fake) = (found.codes, found.fakeQuantized)
      } else {
        out.codes[node.name] = ARQ.codes(weights, scales: scales, axis: axis)
        fake = ARQ.fakeQuantized(weights, scales: scales, axis: axis)
      }
      out.graph = out.graph.replacingParams(of: node.id, [fake] + node.params.dropFirst())
      out.factors[node.name] = WeightFactors(
        layer: node.name, scales: scales, numBits: record.weightBits, axis: axis, codebook: codebook)
    }
    if let worst = far.max(by: { $0.steps < $1.steps }) {
      log.add(
        .warning(
          "weights of layer '\(worst.node.name)' lie up to \(worst.steps) steps from 0 and codes end at 127"
            + (far.count > 1 ? ", and so in \(far.count - 1) more layers" : "")
            + ": is the record that of these weights, fused as they are?", at: worst.node.location))
    }
    return out
  }

  /// How many steps from 0 the farthest weight lies.
  private static func extent(
    of weights: Tensor, _ scales: [Float], _ layout: ChannelLayout, _ node: Node
  ) throws(DiagnosticError) -> Float {
    var farthest: Float = 0
    for (range, scale) in zip(weights.withView { WeightKernels.ranges($0, layout) }, scales) {
      let largest = max(abs(range.min), abs(range.max))
      // A channel without weights has no range.
      if range.max < range.min, !range.hasNaN { continue }
      guard !range.hasNaN, largest.isFinite else {
        throw DiagnosticError(
          "Exist NaN in input data, cannot do ARQ quantize.", at: node.location,
          notes: [.init("the weights of layer '\(node.name)' hold values that are not finite")])
      }
      farthest = max(farthest, largest / scale)
    }
    return farthest
  }
}
