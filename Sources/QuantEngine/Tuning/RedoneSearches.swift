import LayerGraph
import Quantization

/// What a run of one config would have to do anew after a run of another, as far as the two configs tell.
///
/// A search depends on its layer's settings for the data, on the images, and on the weights before it; metrics on all that
/// comes before.
package struct RedoneSearches: Sendable, Hashable {
  /// Layers to be searched, in the order of the net.
  package let layers: [String]
  /// Quantized layers whose factors stay as they are.
  package let kept: Int
  /// The first layer whose settings differ: results before it stay the same.
  package let first: String?

  /// - Parameter before: config of the run whose factors may be taken; `nil`: there is none, all is searched.
  package init(before: QuantConfig?, after: QuantConfig, graph: Graph) {
    let enabled = graph.nodes.filter { after.isEnabled($0.name) }.map(\.name)
    guard let before, before.globals == after.globals, before.bnUpdate == after.bnUpdate else {
      layers = enabled
      kept = 0
      first = graph.nodes.first { $0.layer.map { !($0 is any InputLayerType) } ?? true }?.name
      return
    }
    var isChanged = Array(repeating: false, count: graph.blobs.count)
    var redone: [String] = []
    var firstChange: String?
    for node in graph.nodes {
      let isDirty = node.bottoms.contains { isChanged[$0.index] }
      let differs = before.layers[node.name] != after.layers[node.name]
      var hasNewData = isDirty
      var hasNewWeights = false
      if differs {
        hasNewWeights = before.weights(of: node) != after.weights(of: node)
        hasNewData =
          hasNewData
          || node.bottoms.indices.contains {
            !Self.isSame(before.effective(layer: node.name, input: $0), after.effective(layer: node.name, input: $0))
          }
        if firstChange == nil, hasNewData || hasNewWeights { firstChange = node.name }
      }
      if hasNewData, after.isEnabled(node.name) { redone.append(node.name) }
      if isDirty || hasNewWeights { for top in node.tops { isChanged[top.index] = true } }
    }
    layers = redone
    kept = enabled.count - redone.count
    first = firstChange
  }

  private static func isSame(_ a: IFMR.Parameters?, _ b: IFMR.Parameters?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return a.numBits == b.numBits && a.withOffset == b.withOffset && a.searchRange == b.searchRange
      && a.searchStep == b.searchStep && a.maxPercentile == b.maxPercentile && a.minPercentile == b.minPercentile
  }
}
