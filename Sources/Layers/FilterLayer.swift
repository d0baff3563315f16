import LayerGraph
import Tensors

/// Keeps the items of its bottoms for which the last bottom, `[N]`, is not 0.
///
/// One top per bottom before the last, of the bottom's shape: the items that are kept stand first, zeros behind them.
/// Caffe's tops are as long as there are items kept, which only the data can tell.
/// - Source: Caffe `filter_layer.cpp`.
struct FilterLayer: LayerType {
  static let caffeTypes = ["Filter"]
  static let arity = Arity(bottoms: 2...Int.max, tops: 1...Int.max)
  static let agreement = Agreement.exact

  init(_ source: LayerSource) throws(LayerError) {
    guard source.topCount == source.bottomCount - 1 else {
      throw source.error("needs a top for each bottom but the last, has \(source.topCount) for \(source.bottomCount)")
    }
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    guard let selector = bottoms.last, selector.rank >= 1, selector.count == selector[0] else {
      throw .shape("needs a last bottom of [N], got \(bottoms.last ?? [])")
    }
    for x in bottoms.dropLast() where x.rank < 1 || x[0] != selector[0] {
      throw .shape("needs bottoms of \(selector[0]) items as its last one has, got \(x)")
    }
    return Array(bottoms.dropLast())
  }

  func reference(_ run: LayerRun) {
    let selector = run.bottoms[run.tops.count]
    for i in run.tops.indices {
      let length = run.shapes.bottoms[i].count(from: 1)
      run.tops[i].fill(0)
      var row = 0
      for item in 0..<selector.count where selector[item] != 0 {
        run.tops[i].slice(row * length, length).copy(run.bottoms[i].slice(item * length, length))
        row += 1
      }
    }
  }
}
