import CaffeFormat
import Diagnostics
import LayerGraph

/// Makes every BatchNorm normalise with the statistics of its batch, and so refresh its stored ones, as Caffe does with
/// `use_global_stats: false`.
///
/// Before: `batch_norm_param { }`. After: `batch_norm_param { use_global_stats: false moving_average_fraction: f }`,
/// with the layer's own fraction where its settings say one.
/// - Throws: at a fraction of the layer's own that is not in 0...1.
/// - Source: amct-facts 2.4; Caffe `batch_norm_layer.cpp`.
package struct LiveBatchNorm: Pass {
  package let name = "refresh BatchNorm"
  private let fraction: Float

  /// - Parameter fraction: for layers whose settings say none.
  package init(fraction: Float) { self.fraction = fraction }

  package func patch(at node: Node, in graph: Graph) throws(DiagnosticError) -> GraphPatch? {
    guard node.type == Self.type else { return nil }
    let settings = node.parameter.message.message(Self.settings)
    if let own = settings?.float(Self.fraction), !(own >= 0 && own <= 1) {
      throw DiagnosticError(
        "layer '\(node.name)' (BatchNorm): \(Self.fraction) must be in 0...1, is \(own)", at: node.location)
    }
    if settings?.bool(Self.usesStored) == false, settings?.has(Self.fraction) == true { return nil }
    var parameter = node.parameter
    parameter.message.update(Self.settings, typeName: "BatchNormParameter") {
      $0.set(Self.usesStored, .bool(false))
      if !$0.has(Self.fraction) { $0.set(Self.fraction, .real(Double(fraction))) }
    }
    return GraphPatch([.update(node.id, parameter, params: node.params)], summary: "made '\(node.name)' refresh itself")
  }

  package static let type = "BatchNorm"

  /// The fraction that a live BatchNorm multiplies its stored sums by.
  package static func fraction(of node: Node) -> Float {
    // Caffe's default.
    node.parameter.message.message(settings)?.float(fraction) ?? 0.999
  }

  private static let settings = "batch_norm_param"
  private static let usesStored = "use_global_stats"
  private static let fraction = "moving_average_fraction"
}
