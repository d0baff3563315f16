import Diagnostics
import Kernels
import Tensors

/// Non-uniform weight quantization: 16 levels for all weights of a layer, found by clustering, and a 4-bit code for
/// each weight.
///
/// `scale[c]` is the int8 step that `ARQ` finds, one per output channel or one for the tensor. The quotients
/// `x = w / scale[c]`, in float32 and from about -128 to 127, of all channels are clustered together (`Clusters`); the
/// centres, rounded half away from zero, are the layer's 16 int8 levels. A weight's code is the index of the level
/// nearest to `Double(w) / Double(scale[c])`, of two equally near ones the lower; `w' = level[code] * scale[c]`.
///
/// A channel whose step would be below FLT_EPSILON (dead filters are common behind folded BatchNorm) has step 1 as in
/// `ARQ`, so any level but 0 would make weights of whole steps out of nothing. Where there is such a channel and no
/// level is 0, the one nearest to 0 becomes 0.
/// - Source: amct-facts 2.3.
package enum SNQ {
  package static let numBits = 4
  /// The bits of the levels, and of the step they count in.
  package static let levelBits = 8

  package struct Parameters: Hashable, Sendable {
    package var maxIteration = 1000
    /// Sum of the squared moves of an iteration that ends the clustering, in squared steps.
    package var minDistance = 1e-10
    package var start = ClusterStart.uniform

    package init() {}

    package init(maxIteration: Int, minDistance: Double, start: ClusterStart) {
      (self.maxIteration, self.minDistance, self.start) = (maxIteration, minDistance, start)
    }
  }

  package struct Failure: DiagnosticConvertible, Hashable {
    /// What hinders the search for the steps.
    package let cause: ARQ.Failure

    package var diagnostics: [Diagnostic] {
      switch cause {
      case .notANumber: [.error("Exist NaN in input data, cannot do SNQ quantize.")]
      case .illegalScale(let error, let channel):
        error.diagnostics + [
          .error("SnqQuant scale is illegal.", notes: [.init("it is the step of output channel \(channel)")])
        ]
      }
    }
  }

  package struct Result: Sendable {
    /// One per channel.
    package let scales: [Float]
    /// 16, ascending; a level may stand twice.
    package let centres: [Int8]
    package let iterations: Int
    /// 0...15, in the layout of the weights.
    package let codes: [Int8]
    /// `centres[code] * scale`.
    package let fakeQuantized: Tensor
    /// Of `fakeQuantized` against the weights; 0 without weights.
    package let meanSquaredError: Double
  }

  /// - Parameter axis: the axis of output channels: 0, or 1 for Deconvolution; `nil` makes one step for all weights.
  /// - Throws: for NaN, and where a step is infinite or above 1 / FLT_EPSILON.
  package static func quantize(
    _ weights: Tensor, axis: Int?, _ parameters: Parameters = Parameters()
  ) throws(Failure) -> Result {
    let scales: [Float]
    do throws(ARQ.Failure) {
      scales = try ARQ.scales(weights, axis: axis, numBits: levelBits)
    } catch {
      throw Failure(cause: error)
    }
    let layout = ChannelLayout(weights.shape, axis: axis)
    let kernels = CodebookKernels(layout, scales: scales)
    let clusters = Clusters(
      SortedValues(weights.withView { kernels.sortedQuotients($0) }), start: parameters.start,
      maxIteration: parameters.maxIteration, minDistance: parameters.minDistance)
    var centres = clusters.centres.map { Int8(max(-128, min(127, $0.rounded(.toNearestOrAwayFromZero)))) }
    let ranges = weights.withView { WeightKernels.ranges($0, layout) }
    // With a step of its own, a channel's largest weight is 127 or 128 steps.
    if zip(ranges, scales).contains(where: { max($0.max, -$0.min) < $1 }), !centres.contains(0) {
      let nearest = centres.indices.min { centres[$0].magnitude < centres[$1].magnitude }
      if let nearest { centres[nearest] = 0 }
    }
    let codes = weights.withView { kernels.codes($0, centres: centres) }
    var fake = Tensor(shape: weights.shape)
    let error = fake.withMutable { sink in
      weights.withView { kernels.decode(codes, centres: centres, original: $0, into: sink) }
    }
    return Result(
      scales: scales, centres: centres, iterations: clusters.iterations, codes: codes, fakeQuantized: fake,
      meanSquaredError: codes.isEmpty ? 0 : error / Double(codes.count))
  }

  /// `sign[c] * w`: weights whose BatchNorm and Scale are folded in later are clustered like this, with the signs of
  /// the factors `gamma[c] / deviation[c]` to come, so that folding makes `scale[c] * |factor[c]|` of a step and leaves
  /// codes and levels. Twice the same is the weights again.
  ///
  /// - Parameter factors: one per channel of `axis`; a negative one turns its channel over.
  /// - Source: amct-facts 2.3 step 4, 3.2.
  package static func folded(_ weights: Tensor, axis: Int, signsOf factors: [Float]) -> Tensor {
    let layout = ChannelLayout(weights.shape, axis: axis)
    precondition(factors.count == layout.channels, "\(factors.count) factors for \(layout.channels) channels")
    var values = weights.array
    layout.forEachRun(in: 0..<values.count) { channel, start, length in
      guard factors[channel] < 0 else { return }
      for i in start..<start + length { values[i] = -values[i] }
    }
    return Tensor(shape: weights.shape, values)
  }
}
