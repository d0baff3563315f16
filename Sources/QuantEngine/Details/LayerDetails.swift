import Foundation
import Kernels

/// What comparison keeps of one layer beside its metrics: how values lie, channel by channel, image by image.
///
/// Values are those of the images that were compared. "Original" is the float net, "quantized" the fake-quant net with all
/// layers quantized (`chain`); what is called `local` is this layer alone, fed the original's values.
package struct LayerDetails: Codable, Sendable, Hashable {
  package typealias Bins = BinCounts

  /// Values of the layer's output in one net.
  package struct Numbers: Codable, Sendable, Hashable {
    package var count: Int
    package var mean: Double
    /// Standard deviation over all values, divisor n.
    package var deviation: Double
    /// Of the finite values.
    package var min: Double
    package var max: Double
    package var notFinite: Int
  }

  /// A quantized input: the original's values, and what quantizing does to them.
  package struct Input: Codable, Sendable, Hashable {
    /// Index of the bottom.
    package var bottom: Int
    package var blob: String
    package var numBits: Int
    package var scale: Float
    package var offset: Int
    /// Range of the codes, `(qmin - offset) scale` to `(qmax - offset) scale`.
    package var clipMin: Float
    package var clipMax: Float
    /// Range of the finite values.
    package var rangeMin: Float
    package var rangeMax: Float
    package var histogram: BinCounts
    package var tail: Tail?
    /// Share of the values whose code is clipped: beyond the clip range by half a step or more.
    package var saturated: Double
    /// Share of the values that are not 0 but get the code of 0.
    package var zeroed: Double
    /// Largest range of a channel over the median one; `nil` for fewer than three channels or a median of 0.
    package var channelRatio: Double?
  }

  /// How far the last values lie from the rest.
  package struct Tail: Codable, Sendable, Hashable {
    /// 99.9999, 99.99 or 99.9: the largest beyond which there are values at all.
    package var percent: Double
    /// So many per cent of the values are no larger (no smaller, below 0): to within a bin.
    package var at: Float
    /// The largest (smallest) value.
    package var end: Float
  }

  /// One output channel.
  package struct Channel: Sendable, Hashable {
    package var index: Int
    /// Range in the original.
    package var min: Float
    package var max: Float
    package var cosine: Double
  }

  package struct Scatter: Codable, Sendable, Hashable {
    /// Number of the image, see `imageNames`.
    package var image: Int
    @PackedFloats package var original: [Float]
    @PackedFloats package var quantized: [Float]
  }

  package var layer: String
  package var type: String
  /// "quantized" or "float".
  package var state: String
  package var inputs: [Input]
  package var original: Numbers
  package var quantized: Numbers
  /// Both have the same bins.
  package var originalHistogram: BinCounts
  package var quantizedHistogram: BinCounts
  @PackedFloats package var channelMin: [Float]
  @PackedFloats package var channelMax: [Float]
  @PackedFloats package var channelCosine: [Float]
  /// Chain cosine of each image; a single one when the output has no axis for images.
  @PackedFloats package var cosines: [Float]
  /// Local cosine of each image; empty for float layers.
  @PackedFloats package var localCosines: [Float]
  package var scatter: Scatter?
  /// Largest weight range of an output channel over the median one; `nil` without weights.
  package var weightRatio: Double?
  /// Names of the images, by number; the file keeps them once for all layers.
  package var imageNames: [String] = []

  private enum CodingKeys: String, CodingKey {
    case layer, type, state, inputs, original, quantized, originalHistogram, quantizedHistogram, channelMin, channelMax
    case channelCosine, cosines, localCosines, scatter, weightRatio
  }
}

extension LayerDetails {
  /// Output channels, the lowest cosine first (NaN before all), ties by number.
  package var channelsWorstFirst: [Channel] {
    let all = channelCosine.indices.map { i in
      Channel(
        index: i, min: i < channelMin.count ? channelMin[i] : .nan, max: i < channelMax.count ? channelMax[i] : .nan,
        cosine: Double(channelCosine[i]))
    }
    return all.sorted {
      Spread.isWorse($0.cosine, $1.cosine) || (!Spread.isWorse($1.cosine, $0.cosine) && $0.index < $1.index)
    }
  }

  /// Number of output channels whose cosine is lower, or not a number.
  package func channels(under limit: Double = 0.9) -> Int { channelCosine.count { !(Double($0) >= limit) } }

  /// Image numbers, the lowest chain cosine first (NaN before all), ties by number.
  package var imagesWorstFirst: [Int] {
    cosines.indices.sorted {
      let (a, b) = (Double(cosines[$0]), Double(cosines[$1]))
      return Spread.isWorse(a, b) || (!Spread.isWorse(b, a) && $0 < $1)
    }
  }

  /// The name of an image, or its number from 1 where there is no name.
  package func name(ofImage i: Int) -> String { imageNames.indices.contains(i) ? imageNames[i] : "image \(i + 1)" }

  /// How the chain cosine spreads over the images; `nil` without any.
  package var spread: Spread? { Spread(cosines.map(Double.init)) }
  /// The same of the local cosine.
  package var localSpread: Spread? { Spread(localCosines.map(Double.init)) }
}

/// How a figure of which more is better spreads over images.
package struct Spread: Sendable, Hashable {
  package var min: Double
  /// The smallest value that at least 5 % of all don't pass.
  package var p5: Double
  /// The middle value, the mean of the two middle ones for an even number.
  package var median: Double
  package var max: Double
  /// Number of the worst, the first of several.
  package var worst: Int

  package init?(_ values: [Double]) {
    let sorted = values.sorted(by: Self.isWorse)
    guard let first = sorted.first, let last = sorted.last else { return nil }
    (min, max) = (first, last)
    p5 = sorted[(sorted.count * 5 + 99) / 100 - 1]
    median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    worst = values.firstIndex { $0 == first || ($0.isNaN && first.isNaN) } ?? 0
  }

  /// NaN is worst.
  static func isWorse(_ a: Double, _ b: Double) -> Bool { a.isNaN ? !b.isNaN : a < b }
}

/// Floats that a file keeps as base64 of their little-endian bytes.
@propertyWrapper
package struct PackedFloats: Codable, Sendable, Hashable {
  package var wrappedValue: [Float]

  package init(wrappedValue: [Float]) { self.wrappedValue = wrappedValue }

  package init(from decoder: any Decoder) throws {
    let data = try decoder.singleValueContainer().decode(Data.self)
    guard data.count % 4 == 0 else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no whole floats"))
    }
    let bytes = [UInt8](data)
    wrappedValue = (0..<bytes.count / 4).map { i in
      let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[4 * i + $1]) << UInt32(8 * $1) }
      return Float(bitPattern: word)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var data = Data(capacity: wrappedValue.count * 4)
    for value in wrappedValue {
      let word = value.bitPattern
      for k in 0..<4 { data.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * k))) }
    }
    var container = encoder.singleValueContainer()
    try container.encode(data)
  }
}
