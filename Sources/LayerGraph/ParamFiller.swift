import CaffeFormat
import Diagnostics
import Glibc
import Tensors

/// Values for learned blobs that no weights file gives.
///
/// - Source: Caffe `filler.hpp`: constant, uniform, gaussian (with `sparse` left out), positive_unitball, xavier, msra,
///   bilinear.
package struct ParamFiller: Sendable {
  private var random: SeededRandom

  package init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// What Caffe's SetUp would leave in the blob; zeros without a filler.
  package mutating func fill(_ spec: ParamBlobSpec) -> Tensor {
    let f = spec.filler
    let (n, fanIn, fanOut) = fans(spec.shape)
    let fan: Float =
      switch f?.enumName("variance_norm") {
      case "FAN_OUT": fanOut
      case "AVERAGE": (fanIn + fanOut) / 2
      default: fanIn
      }
    switch f?.string("type") ?? "constant" {
    case "uniform":
      let (low, high) = (f?.float("min") ?? 0, f?.float("max") ?? 1)
      return values(spec.shape, n) { $0.uniform(low, high) }
    case "gaussian":
      let (mean, std) = (f?.float("mean") ?? 0, f?.float("std") ?? 1)
      return values(spec.shape, n) { mean + std * $0.normal() }
    case "xavier":
      let s = sqrtf(3 / fan)
      return values(spec.shape, n) { $0.uniform(-s, s) }
    case "msra":
      let s = sqrtf(2 / fan)
      return values(spec.shape, n) { s * $0.normal() }
    case "positive_unitball": return unitBall(spec.shape)
    case "bilinear": return bilinear(spec.shape)
    default: return Tensor(shape: spec.shape, repeating: f?.float("value") ?? 0)
    }
  }

  /// Values with which an untrained net still computes ordinary numbers: for measuring speed.
  package mutating func plausible(_ spec: ParamBlobSpec) -> Tensor {
    switch spec.meaning {
    case .weight:
      let (n, fanIn, _) = fans(spec.shape)
      let s = sqrtf(2 / fanIn)
      return values(spec.shape, n) { s * $0.normal() }
    case .bias, .mean: return values(spec.shape, spec.shape.count) { 0.1 * $0.normal() }
    case .variance, .scale: return values(spec.shape, spec.shape.count) { $0.uniform(0.5, 1.5) }
    case .factor: return Tensor(shape: spec.shape, repeating: 1)
    case .zero: return Tensor(shape: spec.shape)
    case .slope: return Tensor(shape: spec.shape, repeating: 0.25)
    }
  }

  /// Caffe: fan_in = count / num, fan_out = count / channels (legacy axes).
  private func fans(_ shape: Shape) -> (count: Int, fanIn: Float, fanOut: Float) {
    let n = shape.count
    return (n, Float(n / max(1, shape.legacy(0))), Float(n / max(1, shape.legacy(1))))
  }

  private mutating func values(_ shape: Shape, _ n: Int, _ next: (inout SeededRandom) -> Float) -> Tensor {
    var out = Tensor(shape: shape)
    out.withMutable { for i in 0..<n { $0[i] = next(&random) } }
    return out
  }

  private mutating func unitBall(_ shape: Shape) -> Tensor {
    var out = values(shape, shape.count) { $0.uniform() }
    let rows = max(1, shape.legacy(0))
    let length = shape.count / rows
    out.withMutable { v in
      for r in 0..<rows {
        var sum: Float = 0
        for i in 0..<length { sum += v[r * length + i] }
        if sum > 0 { for i in 0..<length { v[r * length + i] /= sum } }
      }
    }
    return out
  }

  private func bilinear(_ shape: Shape) -> Tensor {
    let (h, w) = (shape.legacy(2), shape.legacy(3))
    let f = Float((w + 1) / 2)
    let c = Float(w - 1) / (2 * f)
    var out = Tensor(shape: shape)
    out.withMutable { v in
      for i in 0..<v.count {
        let (x, y) = (Float(i % w), Float((i / w) % h))
        v[i] = (1 - abs(x / f - c)) * (1 - abs(y / f - c))
      }
    }
    return out
  }
}
