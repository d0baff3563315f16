import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// `y = x * scale (+ bias)`, the coefficients spread over the axes that they don't have.
///
/// The scale is learned, with the extents of bottom 0 on `axis ..< axis + num_axes`, or is the second bottom. With
/// `bias_term`, a learned bias of the scale's shape follows.
/// - Source: Caffe `scale_layer.cpp`.
struct ScaleLayer: ChannelAffine {
  static let caffeTypes = ["Scale"]
  static let arity = Arity(bottoms: 1...2, tops: 1...1)

  private let axes: AffineAxes
  private let hasBias: Bool
  private let isLearned: Bool
  private let filler: ProtoMessage?
  private let biasFiller: ProtoMessage?

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("scale_param")
    axes = try AffineAxes(source, p)
    hasBias = p.bool("bias_term") ?? false
    isLearned = source.bottomCount < 2
    // Caffe: without a filler the scale starts at 1.
    filler =
      p.message("filler")
      ?? ProtoMessage("FillerParameter", fields: [ProtoField("value", .real(1))], location: p.location)
    biasFiller = p.message("bias_filler")
  }

  var quantization: QuantizationRole { .data(on: false) }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    let shape = Shape(Array(bottoms[0].dims[try axes.range(bottoms)]))
    let scale = isLearned ? [ParamBlobSpec("scale", shape, .scale, filler: filler)] : []
    return scale + (hasBias ? [ParamBlobSpec("bias", shape, .bias, filler: biasFiller)] : [])
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    _ = try axes.range(bottoms)
    return [bottoms[0]]
  }

  func reference(_ run: LayerRun) {
    let shape = run.shapes.bottoms[0]
    guard let range = try? axes.range(run.shapes.bottoms) else { return }
    let (count, inner) = (shape.count(range), shape.count(from: range.upperBound))
    let scale = isLearned ? run.params[0] : run.bottoms[1]
    for i in 0..<run.tops[0].count {
      let k = i / inner % count
      run.tops[0][i] = run.bottoms[0][i] * scale[k] + (hasBias ? run.params[isLearned ? 1 : 0][k] : 0)
    }
  }

  static let fusionStage = FusionStage.scale
  func isChannelAffine(_ bottom: Shape) -> Bool { isLearned && axes.isChannelAxis(of: bottom) }

  func channelAffine(_ params: [Tensor], channels: Int) -> (scale: [Double], shift: [Double]) {
    let scale = params[0].array.map(Double.init)
    return (scale, hasBias ? params[1].array.map(Double.init) : [Double](repeating: 0, count: scale.count))
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? {
    guard isLearned, params.count == (hasBias ? 2 : 1), (try? axes.range(shapes.bottoms)) == 1..<2 else { return nil }
    let scale = params[0].array
    return .affine(scale: scale, shift: hasBias ? params[1].array : [Float](repeating: 0, count: scale.count))
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    guard let range = try? axes.range(context.shapes.bottoms) else { return nil }
    let learned = context.params.map(AffineKernel.Operand.learned)
    return AffineKernel.make(
      context, range, scale: isLearned ? learned[0] : .bottom(1),
      shift: hasBias ? learned[isLearned ? 1 : 0] : .constant(0))
  }
}
