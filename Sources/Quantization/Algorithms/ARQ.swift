import Diagnostics
import Kernels
import Tensors

/// Uniform weight quantization: a step per output channel, or one for the whole tensor, from the largest magnitude.
///
/// `scale = t / qmax` with `t` the larger of maximum and minimum by magnitude (a tie takes the minimum), `t / qmin`
/// when t is not positive; the offset is 0. `w' = clip(round(w / scale)) * scale`, round = half away from zero.
/// A channel whose step is below FLT_EPSILON gets step 1, so its weights become 0.
/// - Source: amct-facts 2.2.
package enum ARQ {
  /// How the quotient `w / scale` is computed; the codes differ in a few near ties.
  package enum Quotient: Sendable {
    /// As post-training quantization hands weights over.
    case double
    /// As the layer of retraining computes it.
    case float
  }

  package enum Failure: DiagnosticConvertible, Hashable {
    case notANumber
    case illegalScale(ScaleError, channel: Int)

    /// The original's return value.
    package var code: Int {
      switch self {
      case .notANumber: -65530
      case .illegalScale: IFMRError.code
      }
    }

    package var diagnostics: [Diagnostic] {
      switch self {
      case .notANumber: [.error("Exist NaN in input data, cannot do ARQ quantize.")]
      case .illegalScale(let error, let channel):
        error.diagnostics + [
          .error("ArqQuantCPU scale is illegal.", notes: [.init("it is the step of output channel \(channel)")])
        ]
      }
    }
  }

  /// The step of each channel.
  ///
  /// - Parameter axis: the axis of output channels: 0, or 1 for Deconvolution; `nil` makes one step for all weights.
  /// - Throws: for NaN, and where a step is infinite or above 1 / FLT_EPSILON.
  package static func scales(_ weights: Tensor, axis: Int?, numBits: Int = 8) throws(Failure) -> [Float] {
    let scheme = Scheme(numBits: numBits)
    let ranges = weights.withView { WeightKernels.ranges($0, ChannelLayout(weights.shape, axis: axis)) }
    if ranges.contains(where: \.hasNaN) { throw .notANumber }
    var scales: [Float] = []
    for (channel, range) in ranges.enumerated() {
      // A channel without weights has no magnitude.
      let extreme = range.max < range.min ? 0 : abs(range.max) > abs(range.min) ? range.max : range.min
      do throws(ScaleError) {
        scales.append(try Scheme.sanitized(scheme.symmetricScale(extreme)))
      } catch {
        throw .illegalScale(error, channel: channel)
      }
    }
    return scales
  }

  /// The weights after quantization and back.
  ///
  /// - Precondition: one legal step per channel of `axis`.
  package static func fakeQuantized(
    _ weights: Tensor, scales: [Float], axis: Int?, numBits: Int = 8, quotient: Quotient = .double, threads: Int = 1
  ) -> Tensor {
    let kernels = kernels(weights, scales, axis, numBits, quotient)
    var out = Tensor(shape: weights.shape)
    out.withMutable { sink in
      weights.withView { kernels.fakeQuantize($0, into: sink, Parallel(threads: threads)) }
    }
    return out
  }

  /// The codes, in the layout of the weights.
  ///
  /// - Precondition: one legal step per channel of `axis`; at most 8 bits.
  package static func codes(
    _ weights: Tensor, scales: [Float], axis: Int?, numBits: Int = 8, quotient: Quotient = .double, threads: Int = 1
  ) -> [Int8] {
    weights.withView { kernels(weights, scales, axis, numBits, quotient).codes($0, Parallel(threads: threads)) }
  }

  private static func kernels(
    _ weights: Tensor, _ scales: [Float], _ axis: Int?, _ numBits: Int, _ quotient: Quotient
  ) -> WeightKernels {
    let scheme = Scheme(numBits: numBits)
    return WeightKernels(
      ChannelLayout(weights.shape, axis: axis),
      scales.map { Rounding(scale: $0, low: Int32(scheme.qmin), high: Int32(scheme.qmax)) }, wide: quotient == .double)
  }
}
