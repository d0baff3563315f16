import Kernels
import LayerGraph
import Tensors

/// `y = x > 0 ? x : slope * x` with a fixed slope for the random ones of training: one over the mean of
/// `negative_slope_lower` and `negative_slope_upper` (3 and 8), or the mean of `lower` and `upper`, which are ours.
///
/// In the published layer the bounds are divisors, not slopes.
/// - Source: Xu et al. 2015, arXiv:1505.00853, and the authors' `rrelu_layer.cpp`.
struct RReLULayer: LayerType {
  static let caffeTypes = ["RReLU"]
  static let arity = Arity.oneToOne

  private let slope: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("rrelu_param")
    func bounds(_ names: (String, String), default values: (Float, Float)) throws(LayerError) -> (Float, Float) {
      let low = try source.finite(p, names.0, default: values.0)
      let high = try source.finite(p, names.1, default: values.1)
      guard low <= high else { throw source.error("\(names.0) \(low) is above \(names.1) \(high)", p, field: names.0) }
      return (low, high)
    }
    if p.has("lower") || p.has("upper") {
      for field in ["negative_slope_lower", "negative_slope_upper"] where p.has(field) {
        throw source.error("lower and upper stand for \(field); both are set", p, field: field)
      }
      for (one, other) in [("lower", "upper"), ("upper", "lower")] where !p.has(one) {
        throw source.error("\(other) needs \(one) beside it", p, field: other)
      }
      let (low, high) = try bounds(("lower", "upper"), default: (0, 0))
      slope = low / 2 + high / 2
      return
    }
    let (low, high) = try bounds(("negative_slope_lower", "negative_slope_upper"), default: (3, 8))
    guard low > 0 else {
      throw source.error(
        "negative_slope_lower divides and must be positive, is \(low)", p, field: "negative_slope_lower")
    }
    slope = 1 / (low / 2 + high / 2)
  }

  var quantization: QuantizationRole { .data(on: false) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count {
      let x = run.bottoms[0][i]
      run.tops[0][i] = x < 0 ? slope * x : x
    }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? { .function(.relu(slope: slope)) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let slope = slope
    return FlatKernel(context.bottomLayouts[0], parallel: context.backend.parallel) { x, y in
      ElementLoops.relu(x, y, slope: slope)
    }
  }
}
