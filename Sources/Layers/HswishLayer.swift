import Kernels
import LayerGraph
import Tensors

/// `y = x * min(max(x + 3, 0), 6) / 6`; a `negative_slope` other than 0 is refused, as nobody has published what it does.
/// - Source: Howard et al. 2019, arXiv:1905.02244; `hard_swish_layer.cpp` of Synopsys' Caffe.
struct HswishLayer: LayerType {
  static let caffeTypes = ["Hswish", "HSwish", "HardSwish"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("hswish_param")
    if let slope = p.float("negative_slope"), slope != 0 {
      throw source.error(
        "negative_slope other than 0 has no published meaning, is \(slope)", p, field: "negative_slope")
    }
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count { run.tops[0][i] = Self.value(run.bottoms[0][i]) }
  }

  /// Divides before it multiplies, so that large values stay what they are; 0 at minus infinity.
  @inline(__always)
  private static func value(_ x: Float) -> Float {
    let shifted = x + 3
    let gate = shifted > 6 ? 6 : shifted
    return shifted < 0 ? 0 : x * (gate / 6)
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    FlatKernel(context.bottomLayouts[0], parallel: context.backend.parallel) { x, y in
      for i in 0..<y.count { y[i] = Self.value(x[i]) }
    }
  }
}
