import Kernels
import LayerGraph
import Tensors

/// Convolution whose every output channel reads one input channel: `group` equals C, said or not.
///
/// Weights `[num_output, 1, kernel..]` with `num_output` a multiple of C, bias `[num_output]`.
struct DepthwiseConvLayer: PostOpHost, FusionHost {
  static let caffeTypes = ["DepthwiseConv", "ConvolutionDepthwise", "DepthwiseConvolution"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-5)

  private let settings: ConvolutionSettings

  static let settingsField = (name: "convolution_param", type: "ConvolutionParameter")
  var canAbsorb: Bool { true }

  init(_ source: LayerSource) throws(LayerError) { settings = try ConvolutionSettings(source) }

  var quantization: QuantizationRole { .weightsAndData(channelWise: true) }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    try settings.blobs(Shape([settings.outputs, 1] + settings.window(bottoms[0]).kernel))
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let bottom = bottoms[0]
    let window = try settings.window(bottom)
    if let group = settings.group, group != bottom[1] {
      throw .shape("has group \(group), which must equal the channels of its bottom \(bottom)")
    }
    guard bottom[1] > 0, settings.outputs % bottom[1] == 0 else {
      throw .shape("has num_output \(settings.outputs), not a multiple of the channels of its bottom \(bottom)")
    }
    _ = try paramBlobs(bottoms)
    return [Shape([bottom[0], settings.outputs] + (try window.convolved(bottom)))]
  }

  func macs(_ shapes: LayerShapes) -> Int {
    guard let window = try? settings.window(shapes.bottoms[0]) else { return 0 }
    return shapes.tops[0].count * window.taps
  }

  func reference(_ run: LayerRun) {
    guard let window = try? settings.window(run.shapes.bottoms[0]) else { return }
    ConvolutionReference(
      bottom: run.shapes.bottoms[0], top: run.shapes.tops[0], window: window, groups: run.shapes.bottoms[0][1]
    ).convolve(
      run.bottoms[0], weights: run.params[0], bias: settings.hasBias ? run.params[1] : nil, into: run.tops[0])
  }

  func accepts(_ ops: [PostOp], _ shapes: LayerShapes) -> Bool { PostOpChain(ops, outputs: settings.outputs) != nil }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (bottom, top) = (context.shapes.bottoms[0], context.shapes.tops[0])
    guard let window = try? settings.window(bottom) else { return nil }
    let perOutput = context.params[0].count / settings.outputs
    return try ConvolutionKernel(
      context, window.geometry(bottom, top, groups: bottom[1], hasBias: settings.hasBias, transposed: false)
    ) { $0 / perOutput }
  }
}
