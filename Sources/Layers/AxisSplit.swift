import Kernels
import LayerGraph
import Tensors

/// Lengths along one axis of a whole and its pieces, as Concat and Slice see them.
struct AxisSplit {
  let axis: Int
  let pieces: [Shape]
  let whole: Shape

  /// How the pieces line up in memory: the whole is `[outer, sum(chunks)]`, piece `i` is `[outer, chunks[i]]`.
  struct Rows {
    let outer: Int
    let chunks: [Int]
    /// The layout of a piece or of the whole.
    let layout: (Shape) -> Layout
  }

  /// Rows in C order.
  var plainRows: Rows {
    Rows(outer: whole.count(upTo: axis), chunks: pieces.map { $0.count(from: axis) }, layout: Layout.plain)
  }

  /// Rows in the order of `wished`, where the pieces can be cut out of it; else in C order.
  func rows(like wished: Layout) -> Rows {
    guard !wished.isPlain, let order = memoryOrder(wished), (pieces + [whole]).allSatisfy({ wished.like($0) != nil })
    else { return plainRows }
    return Rows(
      outer: order(whole).shape.count(upTo: order(whole).axis),
      chunks: pieces.map { order($0).shape.count(from: order($0).axis) },
      layout: { wished.like($0) ?? .plain($0) })
  }

  /// For a shape, its extents from the slowest to the fastest in memory, and where `axis` stands among them.
  private func memoryOrder(_ layout: Layout) -> ((Shape) -> (shape: Shape, axis: Int))? {
    let block = layout.channelBlock
    if layout.isChannelsLast {
      let place = axis == 0 ? 0 : axis == 1 ? whole.rank - 1 : axis - 1
      return { (Shape([$0[0]] + $0.dims[2...] + [$0[1]]), place) }
    }
    // A padded last block would leave a gap between two pieces, or be missing in a sink.
    guard block > 1, axis != 1 || pieces.allSatisfy({ $0[1] % block == 0 }) else { return nil }
    return { (Shape([$0[0], ($0[1] + block - 1) / block] + $0.dims[2...] + [block]), axis) }
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
