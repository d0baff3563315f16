import Tensors

/// Mean and deviation of values, as the normalizing layers take them: `1 / sqrt(variance + eps)` over all of them.
struct RowStatistics {
  let mean: Float
  let inverseDeviation: Float

  /// Two passes, summed in Double in eight partial sums.
  init(_ x: FloatView, eps: Float) {
    let count = Double(max(1, x.count))
    mean = Float(Self.sum(x) { $0 } / count)
    let center = mean
    let variance = Self.sum(x) { ($0 - Double(center)) * ($0 - Double(center)) } / count
    inverseDeviation = Float(1 / (variance + Double(eps)).squareRoot())
  }

  @inline(__always)
  private static func sum(_ x: FloatView, _ f: (Double) -> Double) -> Double {
    var lanes = SIMD8<Double>(repeating: 0)
    let whole = x.count / 8 * 8
    for i in stride(from: 0, to: whole, by: 8) {
      for lane in 0..<8 { lanes[lane] += f(Double(x[i + lane])) }
    }
    var sum = lanes.sum()
    for i in whole..<x.count { sum += f(Double(x[i])) }
    return sum
  }

  /// `y = (x - mean) * inverseDeviation * scale + bias` with one scale and one bias.
  func apply(_ x: FloatView, _ y: MutableFloatView, scale: Float, bias: Float) {
    let factor = inverseDeviation * scale
    for i in 0..<y.count { y[i] = (x[i] - mean) * factor + bias }
  }

  /// The same with a scale and a bias for each value.
  func apply(_ x: FloatView, _ y: MutableFloatView, scale: FloatView, bias: FloatView) {
    for i in 0..<y.count { y[i] = (x[i] - mean) * inverseDeviation * scale[i] + bias[i] }
  }

  /// The definition: `y = (x - mean) / sqrt(variance + eps)` in Double.
  static func reference(_ x: FloatView, eps: Float) -> [Double] {
    var (mean, variance) = (0.0, 0.0)
    for i in 0..<x.count { mean += Double(x[i]) / Double(x.count) }
    for i in 0..<x.count { variance += (Double(x[i]) - mean) * (Double(x[i]) - mean) / Double(x.count) }
    return (0..<x.count).map { (Double(x[$0]) - mean) / (variance + Double(eps)).squareRoot() }
  }
}
