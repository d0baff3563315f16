import Diagnostics
import Tensors

/// How a decoded image becomes a net's input: resize, centre crop, channel order, then `(x - mean) * scale` in float32.
///
/// Resized samples are not rounded to whole steps between. The crop begins at `floor((size - crop) / 2)`.
package struct Preprocessing: Sendable, Equatable {
  package enum Mean: Sendable, Equatable {
    case none
    /// One value for all channels, or one per channel of the net's input.
    case values([Float])
    /// `[C, H, W]` in the net's channel order; its centre is used when it is larger than the final image, which are the
    /// pixels Caffe subtracts, as it crops image and mean at the same place.
    case image(Tensor)
  }

  /// Who asked for it: a net's own `transform_param` leaves ready float input alone, a user's wish does not.
  package enum Origin: Sendable { case user, net }

  package var channelOrder: ChannelOrder?
  package var resize: Resize?
  package var crop: Extent?
  package var mean: Mean
  package var scale: Float
  package var origin: Origin
  /// Where the mean was asked for, for messages about it.
  package var meanLocation: SourceLocation?

  package init(
    channelOrder: ChannelOrder? = nil, resize: Resize? = nil, crop: Extent? = nil, mean: Mean = .none, scale: Float = 1,
    origin: Origin = .user, meanLocation: SourceLocation? = nil
  ) {
    self.channelOrder = channelOrder
    self.resize = resize
    self.crop = crop
    self.mean = mean
    self.scale = scale
    self.origin = origin
    self.meanLocation = meanLocation
  }

  /// Does nothing but put the channels in planes.
  package static let none = Preprocessing(origin: .net)
}

extension Preprocessing {
  /// Adds everything that decides what becomes of an image.
  func addContent(to hasher: borrowing ContentHasher) {
    hasher.add(channelOrder?.rawValue ?? "")
    switch resize {
    case nil: hasher.add(0)
    case .exact(let extent):
      hasher.add(1)
      hasher.add(extent.height)
      hasher.add(extent.width)
    case .shorter(let side):
      hasher.add(2)
      hasher.add(side)
    }
    hasher.add(crop?.height ?? 0)
    hasher.add(crop?.width ?? 0)
    switch mean {
    case .none: hasher.add(0)
    case .values(let values):
      hasher.add(1 + values.count)
      for value in values { hasher.add(value) }
    case .image(let tensor): hasher.add(tensor)
    }
    hasher.add(scale)
    hasher.add(origin == .net)
  }

  /// Writes the preprocessed `raster` to `out` as `[C, H, W]`, which is `shape`.
  /// - Precondition: `out.count == shape.count`.
  /// - Throws: an error of `place` when the image does not become `shape`, or at the mean when that does not fit it.
  func apply<S>(
    _ raster: Raster<S>, at place: ImagePlace, into out: MutableFloatView, shape: Shape
  ) throws(DiagnosticError) {
    precondition(out.count == shape.count, "room and shape differ")
    guard shape.rank == 3 else {
      throw place.error("an image needs an input of [N, C, H, W]; one item of this net's input has shape \(shape)")
    }
    let resized = try resizedExtent(raster, place)
    let final = crop ?? resized
    guard final.height <= resized.height, final.width <= resized.width else {
      throw place.error(
        "the image is \(resized) after resizing, smaller than the crop of \(final) (height x width)",
        help: ["resize it first: \"resize\" or \"resize_shorter\" in the preprocessing file, or the flag"])
    }
    guard final.height == shape[1], final.width == shape[2] else {
      throw place.error(
        "the image is \(final) after preprocessing, the net's input is \(shape[1]) x \(shape[2]) (height x width)",
        help: ["say a crop or a resize to \(shape[1]) x \(shape[2])"])
    }
    let mixes = try channelMixes(raster, count: shape[0], place)
    let means = try checkedMean(shape)
    let window = RowSampler(raster, resized: resized, crop: final)
    window.write(mixes: mixes, mean: means, scale: scale, into: out)
  }

  private func resizedExtent<S>(_ raster: Raster<S>, _ place: ImagePlace) throws(DiagnosticError) -> Extent {
    let source = Extent(height: raster.height, width: raster.width)
    guard source.height > 0, source.width > 0 else { throw place.error("the image is empty (\(source))") }
    return resize?.applied(to: source) ?? source
  }

  /// For each output channel the source channels it is made of, with their weights.
  private func channelMixes<S>(
    _ raster: Raster<S>, count: Int, _ place: ImagePlace
  ) throws(DiagnosticError) -> [[ChannelMix]] {
    let stored = raster.channels
    let wanted = channelOrder ?? raster.orderWhenUnsaid
    let luma = raster.order.lumaWeights.enumerated().map { ChannelMix(channel: $0.offset, weight: $0.element) }
    switch (stored, count) {
    case (1, 1), (1, 3): return Array(repeating: [ChannelMix(channel: 0, weight: 1)], count: count)
    case (3, 1) where channelOrder == .gray || channelOrder == nil, (3, 3) where wanted == .gray:
      return Array(repeating: luma, count: count)
    case (3, 3) where wanted != nil && wanted != raster.order:
      return [2, 1, 0].map { [ChannelMix(channel: $0, weight: 1)] }
    case _ where stored == count: return (0..<count).map { [ChannelMix(channel: $0, weight: 1)] }
    default:
      throw place.error(
        "the image has \(stored) channels, the net's input \(count)",
        help: count == 1 && stored == 3 ? ["say the channel order GRAY to make it grey"] : [])
    }
  }

  private func checkedMean(_ shape: Shape) throws(DiagnosticError) -> MeanPlanes {
    switch mean {
    case .none: return .constant(Array(repeating: 0, count: shape[0]))
    case .values(let values):
      if values.count == 1 { return .constant(Array(repeating: values[0], count: shape[0])) }
      guard values.count == shape[0] else {
        throw DiagnosticError(
          "the mean has \(values.count) values, the net's input \(shape[0]) channels", at: meanLocation)
      }
      return .constant(values)
    case .image(let image):
      guard image.shape.rank == 3, image.shape[0] == shape[0], image.shape[1] >= shape[1], image.shape[2] >= shape[2]
      else {
        throw DiagnosticError(
          "the mean image has shape \(image.shape), which does not cover the net's input \(shape)", at: meanLocation)
      }
      return .image(image)
    }
  }
}

/// One source channel's share of an output channel.
struct ChannelMix: Equatable {
  var channel: Int
  var weight: Float
}

/// What is subtracted: a number per output channel, or an image at least as large as the output.
enum MeanPlanes {
  case constant([Float])
  case image(Tensor)
}
