import Kernels
import LayerGraph
import Tensors

/// `y = min(max(x, min), max)`; both bounds must be given, NaN stays NaN.
/// - Source: Caffe `clip_layer.cpp`.
struct ClipLayer: LayerType {
  static let caffeTypes = ["Clip"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let low: Float
  private let high: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("clip_param")
    guard let low = p.float("min"), let high = p.float("max") else {
      throw source.error("needs clip_param with min and max", p)
    }
    // An infinite bound is one that is not there.
    for (bound, field) in [(low, "min"), (high, "max")] where bound.isNaN {
      throw source.error("\(field) must be a number, is nan", p, field: field)
    }
    guard low <= high else { throw source.error("min \(low) is above max \(high)", p, field: "min") }
    (self.low, self.high) = (low, high)
  }

  var quantization: QuantizationRole { .data(on: false) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count {
      let x = run.bottoms[0][i]
      run.tops[0][i] = x < low ? low : x > high ? high : x
    }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? { .function(.clip(low: low, high: high)) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (low, high) = (low, high)
    return ElementFunctionKernel(context, keepsZero: low <= 0 && high >= 0) { x, y in
      for i in 0..<y.count { y[i] = x[i] < low ? low : x[i] > high ? high : x[i] }
    }
  }
}
