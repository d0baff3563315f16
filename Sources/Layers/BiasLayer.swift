import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// `y = x + bias`, the bias spread over the axes that it doesn't have: learned, or the second bottom.
/// - Source: Caffe `bias_layer.cpp`.
struct BiasLayer: ChannelAffine {
  static let caffeTypes = ["Bias"]
  static let arity = Arity(bottoms: 1...2, tops: 1...1)

  private let axes: AffineAxes
  private let isLearned: Bool
  private let filler: ProtoMessage?

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("bias_param")
    axes = try AffineAxes(source, p)
    isLearned = source.bottomCount < 2
    filler = p.message("filler")
  }

  var quantization: QuantizationRole { .data(on: false) }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    let range = try axes.range(bottoms)
    return isLearned ? [ParamBlobSpec("bias", Shape(Array(bottoms[0].dims[range])), .bias, filler: filler)] : []
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    _ = try axes.range(bottoms)
    return [bottoms[0]]
  }

  func reference(_ run: LayerRun) {
    let shape = run.shapes.bottoms[0]
    guard let range = try? axes.range(run.shapes.bottoms) else { return }
    let (count, inner) = (shape.count(range), shape.count(from: range.upperBound))
    let bias = isLearned ? run.params[0] : run.bottoms[1]
    for i in 0..<run.tops[0].count { run.tops[0][i] = run.bottoms[0][i] + bias[i / inner % count] }
  }

  static let fusionStage = FusionStage.bias
  func isChannelAffine(_ bottom: Shape) -> Bool { isLearned && axes.isChannelAxis(of: bottom) }

  func channelAffine(_ params: [Tensor], channels: Int) -> (scale: [Double], shift: [Double]) {
    ([Double](repeating: 1, count: params[0].count), params[0].array.map(Double.init))
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? {
    guard isLearned, params.count == 1, (try? axes.range(shapes.bottoms)) == 1..<2 else { return nil }
    return .affine(scale: [Float](repeating: 1, count: params[0].count), shift: params[0].array)
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    guard let range = try? axes.range(context.shapes.bottoms) else { return nil }
    return AffineKernel.make(
      context, range, scale: .constant(1), shift: isLearned ? .learned(context.params[0]) : .bottom(1))
  }
}
