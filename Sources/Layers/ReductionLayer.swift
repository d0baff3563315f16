import Kernels
import LayerGraph
import Tensors

/// Reduces all axes from `axis` on to one number: `coeff * sum f(x)` with f = x, |x| or x^2; MEAN divides by the count.
///
/// Sums in Double, rounded once.
/// - Source: Caffe `reduction_layer.cpp`.
struct ReductionLayer: LayerType {
  static let caffeTypes = ["Reduction"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.ulps(1)

  private enum Operation: String { case sum = "SUM", asum = "ASUM", sumsq = "SUMSQ", mean = "MEAN" }
  private let operation: Operation
  private let axis: Int
  private let coeff: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("reduction_param")
    let name = p.enumName("operation") ?? "SUM"
    guard let operation = Operation(rawValue: name) else {
      throw source.error("unknown operation \(name)", p, field: "operation")
    }
    self.operation = operation
    axis = p.int("axis") ?? 0
    coeff = try source.finite(p, "coeff", default: 1)
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    [Shape(Array(bottoms[0].dims[..<(try canonical(axis, of: bottoms[0]))]))]
  }

  func reference(_ run: LayerRun) {
    let count = run.bottoms[0].count / run.tops[0].count
    for row in 0..<run.tops[0].count {
      var sum = 0.0
      for i in row * count..<(row + 1) * count {
        let x = Double(run.bottoms[0][i])
        switch operation {
        case .sum, .mean: sum += x
        case .asum: sum += abs(x)
        case .sumsq: sum += x * x
        }
      }
      run.tops[0][row] = Float(sum * factor(count))
    }
  }

  private func factor(_ count: Int) -> Double { Double(operation == .mean ? coeff / Float(count) : coeff) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let rows = context.shapes.tops[0].count
    let count = context.shapes.bottoms[0].count / rows
    return LoopKernel.rows(context, rows, cost: count) { run, range in
      for row in range {
        let x = run.bottoms[0].slice(row * count, count)
        let sum =
          switch operation {
          case .sum, .mean: Self.sum(x) { $0 }
          case .asum: Self.sum(x) { abs($0) }
          case .sumsq: Self.sum(x) { $0 * $0 }
          }
        run.tops[0][row] = Float(sum * factor(count))
      }
    }
  }

  /// Eight partial sums, which the compiler keeps in vector registers.
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
}
