import Kernels
import LayerGraph
import Tensors

/// Repeats every value of `[N, C, H, W]` in a square or rectangle: `y[n, c, i, j] = scale * x[n, c, i / sh, j / sw]`.
///
/// Two dialects share the field: with any `stride` field the strides enlarge and `scale` multiplies the values (ATC,
/// darknet); with `scale` alone it is the enlargement, a whole number (the YOLO forks).
/// - Source: eric612/Caffe-YOLOv3 `upsample_layer.cpp`; darknet `upsample_layer.c`.
struct UpsampleLayer: LayerType {
  static let caffeTypes = ["Upsample"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let (factorH, factorW): (Int, Int)
  private let multiplier: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("upsample_param")
    let scale = try source.finite(p, "scale", default: 1)
    if p.has("stride") || p.has("stride_h") || p.has("stride_w") {
      let stride = try source.positive(p, "stride", default: 2)
      factorH = try source.positive(p, "stride_h", default: stride)
      factorW = try source.positive(p, "stride_w", default: stride)
      multiplier = scale
    } else {
      guard scale >= 1, scale == scale.rounded(), scale <= 4096 else {
        throw source.error("scale must be a whole number from 1 to 4096, is \(scale)", p, field: "scale")
      }
      (factorH, factorW) = (p.has("scale") ? Int(scale) : 2, p.has("scale") ? Int(scale) : 2)
      multiplier = 1
    }
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let x = bottoms[0]
    guard x.rank == 4 else { throw .shape("needs a bottom of [N, C, H, W], got \(x)") }
    return [Shape([x[0], x[1], x[2] * factorH, x[3] * factorW])]
  }

  func reference(_ run: LayerRun) { enlarge(run, 0..<run.shapes.tops[0].count(upTo: 3)) }

  /// Rows `[n, c, i]` of the top.
  private func enlarge(_ run: LayerRun, _ rows: Range<Int>) {
    let (x, y) = (run.shapes.bottoms[0], run.shapes.tops[0])
    let (source, sink) = (run.bottoms[0], run.tops[0])
    for row in rows {
      let from = (row / y[2] * x[2] + row % y[2] / factorH) * x[3]
      for j in 0..<x[3] {
        let value = multiplier == 1 ? source[from + j] : multiplier * source[from + j]
        for k in 0..<factorW { sink[row * y[3] + j * factorW + k] = value }
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let top = context.shapes.tops[0]
    return LoopKernel.rows(context, top.count(upTo: 3), cost: top[3]) { enlarge($0, $1) }
  }
}
