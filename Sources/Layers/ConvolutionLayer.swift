import Kernels
import LayerGraph
import Tensors

/// Convolution with groups and dilation over `[N, C, spatial..]`, 1 to 3 spatial axes.
///
/// Several bottoms share the weights.
/// Weights `[num_output, C / group, kernel..]`, bias `[num_output]`.
/// - Source: Caffe `conv_layer.cpp`, `base_conv_layer.cpp`.
struct ConvolutionLayer: PostOpHost, FusionHost {
  static let caffeTypes = ["Convolution"]
  static let arity = Arity(bottoms: 1...Int.max, tops: 1...Int.max, paired: true)
  static let agreement = Agreement.relativeToLargest(1e-5)

  private let settings: ConvolutionSettings
  private var groups: Int { settings.group ?? 1 }

  static let settingsField = (name: "convolution_param", type: "ConvolutionParameter")
  var canAbsorb: Bool { true }

  init(_ source: LayerSource) throws(LayerError) { settings = try ConvolutionSettings(source) }

  var quantization: QuantizationRole { .weightsAndData(channelWise: true) }

  private func weightShape(_ bottom: Shape) throws(LayerError) -> Shape {
    let window = try settings.window(bottom)
    guard bottom[1] % groups == 0 else {
      throw .shape("needs channels that are a multiple of group \(groups), got \(bottom)")
    }
    return Shape([settings.outputs, bottom[1] / groups] + window.kernel)
  }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    try settings.blobs(weightShape(bottoms[0]))
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try settings.requireEqual(bottoms)
    _ = try paramBlobs(bottoms)
    let spatial = try settings.window(bottoms[0]).convolved(bottoms[0])
    return bottoms.map { Shape([$0[0], settings.outputs] + spatial) }
  }

  func macs(_ shapes: LayerShapes) -> Int {
    guard let weights = try? weightShape(shapes.bottoms[0]) else { return 0 }
    return shapes.tops.reduce(0) { $0 &+ $1.count * weights.count(from: 1) }
  }

  func reference(_ run: LayerRun) {
    guard let window = try? settings.window(run.shapes.bottoms[0]) else { return }
    for i in run.tops.indices {
      ConvolutionReference(
        bottom: run.shapes.bottoms[i], top: run.shapes.tops[i], window: window, groups: groups
      ).convolve(
        run.bottoms[i], weights: run.params[0], bias: settings.hasBias ? run.params[1] : nil, into: run.tops[i])
    }
  }

  func accepts(_ ops: [PostOp], _ shapes: LayerShapes) -> Bool {
    shapes.tops.count == 1 && PostOpChain(ops, outputs: settings.outputs) != nil
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (bottom, top) = (context.shapes.bottoms[0], context.shapes.tops[0])
    guard let window = try? settings.window(bottom) else { return nil }
    let perOutput = context.params[0].count / settings.outputs
    return try ConvolutionKernel(
      context, window.geometry(bottom, top, groups: groups, hasBias: settings.hasBias, transposed: false)
    ) { $0 / perOutput }
  }
}
