import CaffeFormat
import LayerGraph
import Tensors

extension InputLayerType {
  /// Inputs have no bottoms to infer from; see `declaredShapes`.
  package func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { [] }
  /// Nothing: the values come from outside.
  package func reference(_ run: LayerRun) {}
}

/// A known shape repeated for one or more tops, as far as it is known.
struct InputShapes {
  private let shapes: [Shape?]

  init(_ shapes: [Shape?]) { self.shapes = shapes }

  /// One shape for all tops, or one for each.
  func forTops(_ count: Int) -> [Shape?] {
    if shapes.count == 1 { return [Shape?](repeating: shapes[0], count: count) }
    return (0..<count).map { $0 < shapes.count ? shapes[$0] : nil }
  }
}

extension LayerSource {
  /// Refuses a list that has neither one entry for all tops nor one for each.
  func checkOnePerTop(_ count: Int, _ what: String, _ settings: ProtoMessage) throws(LayerError) {
    guard count == 0 || count == 1 || count == topCount else {
      throw error(
        "has \(topCount) tops but \(count) \(what); give none, one, or one for each top", settings, field: what)
    }
  }
}
