import Tensors

/// A tensor seen as `[outer, channels, inner]`, the channels along one axis; all one channel without an axis.
package struct ChannelLayout: Hashable, Sendable {
  package let outer: Int
  package let channels: Int
  package let inner: Int

  /// - Precondition: the axis, if any, is one of the shape's.
  package init(_ shape: Shape, axis: Int?) {
    guard let axis else {
      (outer, channels, inner) = (1, 1, shape.count)
      return
    }
    precondition(axis >= 0 && axis < shape.rank, "axis \(axis) of a tensor of \(shape.rank) axes")
    (outer, channels, inner) = (shape.count(upTo: axis), shape[axis], shape.count(from: axis + 1))
  }

  /// Calls `body(channel, start)` for each run of `inner` contiguous values, in memory order.
  package func forEachRun<E: Error>(_ body: (_ channel: Int, _ start: Int) throws(E) -> Void) throws(E) {
    if inner == 0 { return }
    for run in 0..<outer * channels { try body(run % channels, run * inner) }
  }
}
