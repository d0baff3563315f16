import Diagnostics
import LayerGraph
import Passes
import Tensors

/// The uniform weight factors of one layer.
package struct WeightFactors: Sendable, Hashable {
  package var layer: String
  /// One step per output channel, or one.
  package var scales: [Float]
  package var numBits: Int
  /// Axis of the output channels in blob 0; `nil`: one step for the tensor.
  package var axis: Int?
}

/// Quantizes the weights of every enabled layer by ARQ: steps, codes, and the net with fake-quantized weights.
package struct WeightQuantizer: Sendable {
  package struct Outcome: Sendable {
    package var graph: Graph
    package var factors: [String: WeightFactors]
    package var codes: [String: [Int8]]
  }

  /// - Throws: the algorithm's error for a layer, with its name.
  /// - Source: amct-facts 2.2, 3.1.
  package static func run(
    _ graph: Graph, _ config: QuantConfig, report: (_ layer: String, _ done: Int, _ total: Int) -> Void
  ) throws(DiagnosticError) -> Outcome {
    var out = Outcome(graph: graph, factors: [:], codes: [:])
    let work = graph.nodes.compactMap { node in config.weights(of: node).map { (node, $0) } }
    for (i, (node, settings)) in work.enumerated() {
      guard case .uniform(let channelWise, let bits) = settings else {
        throw DiagnosticError(
          "layer '\(node.name)': snq_quantize is not available yet", at: node.location,
          help: ["set wts_algo to arq_quantize"])
      }
      guard let weights = node.params.first, let role = node.layer?.quantization else { continue }
      let axis = channelWise ? role.outputAxis : nil
      do throws(ARQ.Failure) {
        let scales = try ARQ.scales(weights, axis: axis, numBits: bits)
        out.codes[node.name] = ARQ.codes(weights, scales: scales, axis: axis, numBits: bits)
        let fake = ARQ.fakeQuantized(weights, scales: scales, axis: axis, numBits: bits)
        out.graph = out.graph.replacingParams(of: node.id, [fake] + node.params.dropFirst())
        out.factors[node.name] = WeightFactors(layer: node.name, scales: scales, numBits: bits, axis: axis)
      } catch {
        throw DiagnosticError(error.diagnostics).adding(context: "while quantizing the weights of '\(node.name)'")
      }
      report(node.name, i + 1, work.count)
    }
    return out
  }
}
