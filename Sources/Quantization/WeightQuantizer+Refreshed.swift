import Diagnostics
import LayerGraph
import Passes
import Tensors

extension WeightQuantizer {
  /// Quantizes the weights again after BatchNorm was refreshed and absorbed.
  ///
  /// Uniform weights are quantized anew, from the float weights with the refreshed layers folded in. Non-uniform ones
  /// keep codes and levels, each channel's step is multiplied by `|factor|`; where one step stands for channels with
  /// factors of their own, they are clustered anew as well.
  /// - Parameters:
  ///   - fused: the float net, refreshed and fused.
  ///   - before: the weights as they were while BatchNorm was refreshed, see `run`.
  ///   - chains: what was folded into each layer, by name.
  /// - Source: amct-facts 3.2.
  package static func refreshed(
    _ fused: Graph, _ config: QuantConfig, before: Outcome, chains: [String: FoldedChain]
  ) throws(DiagnosticError) -> Outcome {
    var out = Outcome(graph: fused, factors: [:], codes: [:])
    for node in fused.nodes {
      guard let settings = config.weights(of: node), let weights = node.params.first,
        let role = node.layer?.quantization
      else { continue }
      do throws(DiagnosticError) {
        if let layer = node.layer as? any StateFeedback {
          try quantize(node, layer.matrices, &out)
          continue
        }
        let found: Quantized
        if let kept = try kept(node, weights, before, chains[node.name]) {
          found = kept
        } else {
          found = try quantize(weights, settings, outputAxis: role.outputAxis, layer: node.name)
        }
        out.graph = out.graph.replacingParams(of: node.id, [found.fake] + node.params.dropFirst())
        out.factors[node.name] = found.factors
        out.codes[node.name] = found.codes
      } catch {
        throw error.adding(context: "while quantizing the weights of '\(node.name)'")
      }
    }
    return out
  }

  /// Non-uniform weights whose codes stay; `nil` for others.
  private static func kept(
    _ node: Node, _ weights: Tensor, _ before: Outcome, _ chain: FoldedChain?
  ) throws(DiagnosticError) -> Quantized? {
    guard var factors = before.factors[node.name], let levels = factors.codebook, let codes = before.codes[node.name],
      let fake = before.graph.node(named: node.name)?.params.first
    else { return nil }
    guard let chain else { return (fake, codes, factors) }
    guard let axis = factors.axis, factors.scales.count == chain.factor.count else { return nil }
    do throws(SNQ.Failure) {
      let found = try SNQ.rescaled(
        weights, axis: axis, codes: codes, centres: levels, scales: factors.scales, factors: chain.factor)
      factors.scales = found.scales
      factors.codebook = found.centres
      return (found.fakeQuantized, found.codes, factors)
    } catch {
      throw DiagnosticError(error.diagnostics)
    }
  }
}
