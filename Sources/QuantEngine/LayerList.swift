import LayerGraph
import Layers

/// One layer type of the catalog, for `cortado layers`.
package struct LayerList: Encodable, Sendable {
  package let type: String
  package let aliases: [String]
  package let bottoms: String
  package let tops: String

  package static var all: [LayerList] {
    LayerCatalog.builtIn.types.map { type in
      LayerList(
        type: type.caffeType, aliases: Array(type.caffeTypes.dropFirst()), bottoms: text(type.arity.bottoms),
        tops: text(type.arity.tops))
    }.sorted { $0.type < $1.type }
  }

  private static func text(_ r: ClosedRange<Int>) -> String {
    r.upperBound == .max
      ? "\(r.lowerBound).." : r.lowerBound == r.upperBound ? "\(r.lowerBound)" : "\(r.lowerBound)..\(r.upperBound)"
  }
}
