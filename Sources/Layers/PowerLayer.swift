import Glibc
import Kernels
import LayerGraph
import Tensors

/// `y = (scale * x + shift) ^ power`; with `scale * power = 0` the constant `shift ^ power`, and 1 for power 0.
/// - Source: Caffe `power_layer.cpp`.
struct PowerLayer: LayerType {
  static let caffeTypes = ["Power"]
  static let arity = Arity.oneToOne
  /// A square, a root and a quotient take the place of `powf`.
  static let agreement = Agreement.ulps(1)

  private let power: Float
  private let scale: Float
  private let shift: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("power_param")
    power = try source.finite(p, "power", default: 1)
    scale = try source.finite(p, "scale", default: 1)
    shift = try source.finite(p, "shift", default: 0)
  }

  var quantization: QuantizationRole { .data() }

  /// The value of every element where the bottom has no influence.
  private var constant: Float? {
    power * scale == 0 ? (power == 0 ? 1 : pow(shift, power)) : nil
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    if let constant { return run.tops[0].fill(constant) }
    for i in 0..<run.tops[0].count {
      let v = scale * run.bottoms[0][i] + shift
      run.tops[0][i] = power == 1 ? v : pow(v, power)
    }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? {
    power == 1 && scale != 0 ? .function(.linear(a: scale, b: shift)) : nil
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let keepsZero = constant.map { $0 == 0 } ?? (pow(shift, power) == 0)
    return ElementFunctionKernel(context, keepsZero: keepsZero, loop)
  }

  private var loop: @Sendable (FloatView, MutableFloatView) -> Void {
    let (power, scale, shift) = (power, scale, shift)
    if let constant { return { _, y in y.fill(constant) } }
    switch power {
    case 1: return { x, y in for i in 0..<y.count { y[i] = scale * x[i] + shift } }
    case 2:
      return { x, y in
        for i in 0..<y.count {
          let v = scale * x[i] + shift
          y[i] = v * v
        }
      }
    case 0.5:
      // powf knows an infinite root of minus infinity.
      return { x, y in
        for i in 0..<y.count {
          let v = scale * x[i] + shift
          y[i] = v == -.infinity ? .infinity : v.squareRoot()
        }
      }
    case -1: return { x, y in for i in 0..<y.count { y[i] = 1 / (scale * x[i] + shift) } }
    default: return { x, y in for i in 0..<y.count { y[i] = pow(scale * x[i] + shift, power) } }
    }
  }
}
