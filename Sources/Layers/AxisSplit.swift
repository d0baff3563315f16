import LayerGraph
import Tensors

/// Lengths along one axis of a whole and its pieces, as Concat and Slice see them.
struct AxisSplit {
  let axis: Int
  let pieces: [Shape]
  let whole: Shape

  /// Lines the pieces up with memory: C order, or `[N, C/b, spatial.., b]` when every piece has whole blocks.
  ///
  /// - Parameter block: channels per block that is wished for; 1 is C order.
  /// - Returns: the block that serves, the number of rows, and the floats of a row in each piece.
  func rows(block: Int) -> (block: Int, outer: Int, chunks: [Int]) {
    // A padded last block would leave a gap between two pieces, or be missing in a sink.
    let serves = block > 1 && whole.rank >= 3 && (axis != 1 || pieces.allSatisfy { $0[1] % block == 0 })
    guard serves else {
      return (1, whole.count(upTo: axis), pieces.map { $0.count(from: axis) })
    }
    func padded(_ s: Shape) -> Shape {
      var dims = s.dims
      dims[1] = (dims[1] + block - 1) / block
      return Shape(dims + [block])
    }
    return (block, padded(whole).count(upTo: axis), pieces.map { padded($0).count(from: axis) })
  }
}

extension LayerSource {
  /// `axis`, or its older, unsigned spelling: at most one of the two, 1 when neither is set.
  func axis(_ field: String, or legacyField: String, in settings: String) throws(LayerError) -> Int {
    let p = self.settings(settings)
    if p.has(field), p.has(legacyField) {
      throw error("\(field) and \(legacyField) are both set", p, field: legacyField)
    }
    return p.int(field) ?? p.int(legacyField) ?? 1
  }
}
