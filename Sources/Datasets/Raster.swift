import Tensors

/// The meaning of an image's channels, first to last.
package enum ChannelOrder: String, Sendable, CaseIterable {
  case bgr = "BGR"
  case rgb = "RGB"
  case gray = "GRAY"

  /// - Returns: the order `text` names, upper or lower case; `nil` when it names none.
  package init?(text: String) { self.init(rawValue: text.uppercased()) }

  /// The weights of the channels, in this order, in ITU-R BT.601 luma: 0.299 red + 0.587 green + 0.114 blue.
  /// - Source: ITU-R Recommendation BT.601-7, section 2.5.1.
  var lumaWeights: [Float] {
    switch self {
    case .bgr: [0.114, 0.587, 0.299]
    case .rgb: [0.299, 0.587, 0.114]
    case .gray: [1]
    }
  }
}

/// Samples of one image in memory that somebody else keeps alive, whatever their layout: sample (channel, y, x) stands
/// at `channel * channelStride + y * rowStride + x * pixelStride`.
struct Raster<Sample: NumpyScalar> {
  let base: UnsafePointer<Sample>
  let channels: Int
  let height: Int
  let width: Int
  let channelStride: Int
  let rowStride: Int
  let pixelStride: Int
  /// What the stored channels mean; of no weight unless there are 3.
  let order: ChannelOrder
  /// The order wanted when nobody says one; `nil` keeps the stored one.
  let orderWhenUnsaid: ChannelOrder?

  /// `[height, width, channels]`.
  static func interleaved(
    _ base: UnsafePointer<Sample>, channels: Int, height: Int, width: Int, order: ChannelOrder,
    orderWhenUnsaid: ChannelOrder? = nil
  ) -> Raster {
    Raster(
      base: base, channels: channels, height: height, width: width, channelStride: 1, rowStride: width * channels,
      pixelStride: channels, order: order, orderWhenUnsaid: orderWhenUnsaid)
  }

  /// `[channels, height, width]`.
  static func planar(
    _ base: UnsafePointer<Sample>, channels: Int, height: Int, width: Int, order: ChannelOrder
  ) -> Raster {
    Raster(
      base: base, channels: channels, height: height, width: width, channelStride: height * width, rowStride: width,
      pixelStride: 1, order: order, orderWhenUnsaid: nil)
  }

  @inline(__always) func row(_ channel: Int, _ y: Int) -> UnsafePointer<Sample> {
    base + channel * channelStride + y * rowStride
  }
}
