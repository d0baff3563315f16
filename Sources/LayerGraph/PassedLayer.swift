import CaffeFormat
import Tensors

/// A layer of a type that nobody knows, run as if it did nothing: top i is bottom i.
///
/// The user asks for it by the type's name; the net's figures then leave out what the layer really does. Its learned blobs
/// are kept and written again.
package struct PassedLayer: LayerType {
  /// Any type that the user names.
  package static let caffeTypes: [String] = []
  package static let arity = Arity(bottoms: 1...Int.max, tops: 1...Int.max)
  package static let agreement = Agreement.exact

  private let count: Int

  package init(_ source: LayerSource) throws(LayerError) {
    count = source.bottomCount
    guard source.topCount == count else {
      throw source.error(
        "has \(count) bottom\(count == 1 ? "" : "s") and \(source.topCount) top\(source.topCount == 1 ? "" : "s"); "
          + "only as many tops as bottoms can be passed through")
    }
  }

  package func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }
  package var topsAreViews: Bool { count == 1 }
  package func reference(_ run: LayerRun) { for (top, bottom) in zip(run.tops, run.bottoms) { top.copy(bottom) } }
}
