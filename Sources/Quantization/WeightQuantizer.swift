import Diagnostics
import LayerGraph
import Passes
import Tensors

/// The weight factors of one layer.
package struct WeightFactors: Sendable, Hashable {
  package var layer: String
  /// One step per output channel, or one, or one per matrix of a recurrent layer.
  package var scales: [Float]
  package var numBits: Int
  /// Axis of the output channels in blob 0; `nil`: one step for the tensor.
  package var axis: Int?
  /// The levels that codes stand for, in steps; `nil` for uniform weights, whose codes are the steps themselves.
  package var codebook: [Int8]?
}

/// Quantizes the weights of every enabled layer by ARQ or SNQ: steps, codes, and the net with fake-quantized weights.
package struct WeightQuantizer: Sendable {
  package struct Outcome: Sendable {
    package var graph: Graph
    package var factors: [String: WeightFactors]
    /// Those of a recurrent layer stand matrix by matrix.
    package var codes: [String: [Int8]]
  }

  /// The weights of one layer.
  typealias Quantized = (fake: Tensor, codes: [Int8], factors: WeightFactors)

  /// - Parameter later: what will be folded into the weights once they are quantized (update_bn). Non-uniform weights
  ///   that keep their codes then are clustered with the signs of it; the codes stand for the folded weights, the
  ///   fake-quantized ones for the present ones.
  /// - Throws: the algorithm's error for a layer, with its name.
  /// - Source: amct-facts 2.2, 2.3, 3.1.
  package static func run(
    _ graph: Graph, _ config: QuantConfig, later: FusionPlan? = nil,
    report: (_ layer: String, _ done: Int, _ total: Int) -> Void
  ) throws(DiagnosticError) -> Outcome {
    var out = Outcome(graph: graph, factors: [:], codes: [:])
    let work = graph.nodes.compactMap { node in config.weights(of: node).map { (node, $0) } }
    for (i, (node, settings)) in work.enumerated() {
      guard let weights = node.params.first, let role = node.layer?.quantization else { continue }
      do throws(DiagnosticError) {
        if let layer = node.layer as? any StateFeedback {
          try quantize(node, layer.matrices, &out)
          report(node.name, i + 1, work.count)
          continue
        }
        let signs = try later?.chain(behind: node, in: graph)?.signs
        let found = try quantize(
          weights, settings, outputAxis: role.outputAxis, layer: node.name, signs: signs)
        out.graph = out.graph.replacingParams(of: node.id, [found.fake] + node.params.dropFirst())
        out.factors[node.name] = found.factors
        out.codes[node.name] = found.codes
      } catch {
        throw error.adding(context: "while quantizing the weights of '\(node.name)'")
      }
      report(node.name, i + 1, work.count)
    }
    return out
  }

  /// Gives each matrix of a recurrent layer one step, by ARQ: the only algorithm that such a layer takes.
  static func quantize(
    _ node: Node, _ matrices: [LearnedMatrix], _ out: inout Outcome
  ) throws(DiagnosticError) {
    var params = node.params
    var (scales, codes): ([Float], [Int8]) = ([], [])
    for matrix in matrices {
      // Several blobs are the rows of one matrix.
      let rows = Tensor(
        shape: [matrix.blobs.reduce(0) { $0 + params[$1].count }], matrix.blobs.flatMap { params[$0].array })
      do throws(ARQ.Failure) {
        scales += try ARQ.scales(rows, axis: nil)
      } catch {
        throw DiagnosticError(error.diagnostics)
      }
      let scale = [scales[scales.count - 1]]
      codes += ARQ.codes(rows, scales: scale, axis: nil)
      for blob in matrix.blobs { params[blob] = ARQ.fakeQuantized(params[blob], scales: scale, axis: nil) }
    }
    out.graph = out.graph.replacingParams(of: node.id, params)
    out.factors[node.name] = WeightFactors(layer: node.name, scales: scales, numBits: 8)
    out.codes[node.name] = codes
  }

  /// - Parameter signs: of what will be folded in later, per output channel.
  static func quantize(
    _ weights: Tensor, _ settings: WeightSettings, outputAxis: Int, layer: String, signs: [Float]? = nil
  ) throws(DiagnosticError) -> Quantized {
    switch settings {
    case .uniform(let channelWise, let bits):
      let axis = channelWise ? outputAxis : nil
      do throws(ARQ.Failure) {
        let scales = try ARQ.scales(weights, axis: axis, numBits: bits)
        return (
          ARQ.fakeQuantized(weights, scales: scales, axis: axis, numBits: bits),
          ARQ.codes(weights, scales: scales, axis: axis, numBits: bits),
          WeightFactors(layer: layer, scales: scales, numBits: bits, axis: axis)
        )
      } catch {
        throw DiagnosticError(error.diagnostics)
      }
    case .nonUniform(let channelWise, let bits, let maxIteration, let minDistance, let start):
      let axis = channelWise ? outputAxis : nil
      let turned = axis.flatMap { axis in
        signs.flatMap { $0.count == weights.shape[axis] ? (axis: axis, signs: $0) : nil }
      }
      func turn(_ tensor: Tensor) -> Tensor {
        turned.map { SNQ.folded(tensor, axis: $0.axis, signsOf: $0.signs) } ?? tensor
      }
      do throws(SNQ.Failure) {
        let found = try SNQ.quantize(
          turn(weights), axis: axis, .init(maxIteration: maxIteration, minDistance: minDistance, start: start))
        return (
          turn(found.fakeQuantized), found.codes,
          WeightFactors(layer: layer, scales: found.scales, numBits: bits, axis: axis, codebook: found.centres)
        )
      } catch {
        throw DiagnosticError(error.diagnostics)
      }
    }
  }
}
