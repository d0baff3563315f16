import CKernels
import Tensors

/// Part of an activation's data, with the order in which it lies in memory.
package struct ActivationSegment: Sendable {
  /// How values lie in memory; what counts as data order is always C order.
  package enum Order: Sendable, Hashable {
    case plain
    /// `[images, pixels, channels]` in place of `[images, channels, pixels]`.
    case channelsLast(channels: Int, pixels: Int)
  }

  package let view: FloatView
  package let order: Order

  package init(_ view: FloatView, order: Order = .plain) {
    self.view = view
    if case .channelsLast(let channels, let pixels) = order {
      precondition(channels > 0 && pixels > 0 && view.count % (channels * pixels) == 0, "whole images")
      // One pixel or one channel: both orders are the same.
      self.order = channels == 1 || pixels == 1 ? .plain : order
    } else {
      self.order = order
    }
  }

  /// Parts of about `size` values that follow each other in data order; within one, values may lie in another order.
  func parts(of size: Int) -> [Part] {
    guard case .channelsLast(let channels, let pixels) = order else {
      return stride(from: 0, to: view.count, by: size).map {
        let piece = view.slice($0, min(size, view.count - $0))
        return Part(rows: ck_rows(x: piece.pointer, rows: 1, length: piece.count, stride: 0))
      }
    }
    // Two cache lines of channels at least.
    let width = max(32, (size / pixels + 15) / 16 * 16)
    return stride(from: 0, to: view.count, by: channels * pixels).flatMap { image in
      stride(from: 0, to: channels, by: width).map { first in
        Part(
          rows: ck_rows(
            x: view.pointer + image + first, rows: pixels, length: min(width, channels - first), stride: channels))
      }
    }
  }

  /// A stretch of the data, as rows whose columns, one after the other, are in data order.
  struct Part: @unchecked Sendable {
    // Sendable: only read; the segment's owner keeps the memory.
    var rows: ck_rows
    var count: Int { rows.rows * rows.length }
    var isPlain: Bool { rows.rows == 1 }

    /// The values in data order: where they lie, or copied to `room`.
    func inOrder(_ room: TensorStorage) -> FloatView {
      if isPlain { return FloatView(rows.x, count: count) }
      precondition(room.count >= count, "room for a part")
      var rows = rows
      ck_rows_to_columns(&rows, room.base)
      return FloatView(UnsafePointer(room.base), count: count)
    }
  }

  /// The values of all segments in C order, with the memory that some of the views need.
  package static func inOrder(_ segments: [ActivationSegment], _ parallel: Parallel) -> (
    views: [FloatView], copies: [TensorStorage?]
  ) {
    let copies = segments.map { $0.order == .plain ? nil : TensorStorage(uninitialized: $0.view.count) }
    var views = segments.map(\.view)
    parallel.update(&views) { i, view in
      guard let copy = copies[i], case .channelsLast(let channels, let pixels) = segments[i].order else { return }
      let image = channels * pixels
      for start in stride(from: 0, to: view.count, by: image) {
        var rows = ck_rows(x: view.pointer + start, rows: pixels, length: channels, stride: channels)
        ck_rows_to_columns(&rows, copy.base + start)
      }
      view = FloatView(UnsafePointer(copy.base), count: view.count)
    }
    return (views, copies)
  }
}
