import CKernels
import Tensors

/// How a float32 tensor lies in memory: C order, channels last, or oneDNN's blocks of channels (padded with zeros to
/// whole blocks). oneDNN's convolutions choose: on AVX-512 mostly channels last.
package final class Layout: @unchecked Sendable, CustomStringConvertible {
  // Sendable: the C object never changes.
  let raw: OpaquePointer
  package let shape: Shape
  /// Size of the memory, padding included.
  package let bytes: Int
  package let isPlain: Bool
  /// Channels per block for `[N, C/b, spatial.., b]` (1: C order); 0 for any other order.
  package let channelBlock: Int
  /// `[N, spatial.., C]`
  package let isChannelsLast: Bool

  /// Takes `raw` over.
  init(taking raw: OpaquePointer, shape: Shape) {
    self.raw = raw
    self.shape = shape
    bytes = ck_layout_bytes(raw)
    isPlain = ck_layout_is_plain(raw)
    channelBlock = Int(ck_layout_channel_block(raw))
    isChannelsLast = ck_layout_is_channels_last(raw)
  }

  deinit { ck_layout_free(raw) }

  /// C order.
  /// - Precondition: at most 12 axes (the graph refuses more).
  package static func plain(_ shape: Shape) -> Layout {
    guard let raw = ck_layout_plain(shape.dims.map(Int64.init), Int32(shape.rank)) else {
      preconditionFailure("no layout for \(shape): \(String(cString: ck_last_error()))")
    }
    return Layout(taking: raw, shape: shape)
  }

  /// Channels (axis 1) in blocks of 8 or 16; `nil` for ranks other than 3 to 5.
  package static func blocked(_ shape: Shape, block: Int) -> Layout? {
    ck_layout_blocked(shape.dims.map(Int64.init), Int32(shape.rank), Int32(block)).map {
      Layout(taking: $0, shape: shape)
    }
  }

  /// `[N, spatial.., C]`; `nil` for ranks other than 3 to 5.
  package static func channelsLast(_ shape: Shape) -> Layout? {
    ck_layout_channels_last(shape.dims.map(Int64.init), Int32(shape.rank)).map { Layout(taking: $0, shape: shape) }
  }

  /// The same order for another shape (as a pooling or concatenation keeps its source's blocks), if there is one.
  package func like(_ shape: Shape) -> Layout? {
    ck_layout_like(raw, shape.dims.map(Int64.init), Int32(shape.rank)).map { Layout(taking: $0, shape: shape) }
  }

  /// Floats in memory, padding included.
  package var floats: Int { bytes / 4 }
  package var description: String { String(cString: ck_layout_name(raw)) }
  package func isSame(as other: Layout) -> Bool { self === other || ck_layout_equal(raw, other.raw) }
}
