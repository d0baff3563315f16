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

  /// Calls `body(channel, start, length)` for each stretch of values of one channel in `range`, in memory order.
  package func forEachRun(in range: Range<Int>, _ body: (_ channel: Int, _ start: Int, _ length: Int) -> Void) {
    var start = range.lowerBound
    while start < range.upperBound {
      let run = start / inner
      let end = min((run + 1) * inner, range.upperBound)
      body(run % channels, start, end - start)
      start = end
    }
  }
}
