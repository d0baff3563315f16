import Kernels
import LayerGraph
import Tensors

/// Transposed convolution (upsampling) with groups and dilation over `[N, C, spatial..]`.
///
/// Weights `[C, num_output / group, kernel..]`, bias `[num_output]`; top extent `stride * (in - 1) + reach - 2 pad`.
/// - Source: Caffe `deconv_layer.cpp`.
struct DeconvolutionLayer: PostOpHost, FusionHost {
  static let caffeTypes = ["Deconvolution"]
  static let arity = Arity(bottoms: 1...Int.max, tops: 1...Int.max, paired: true)
  static let agreement = Agreement.relativeToLargest(1e-5)

  private let settings: ConvolutionSettings
  private var groups: Int { settings.group ?? 1 }

  static let settingsField = (name: "convolution_param", type: "ConvolutionParameter")
  var canAbsorb: Bool { true }

  init(_ source: LayerSource) throws(LayerError) { settings = try ConvolutionSettings(source) }

  var quantization: QuantizationRole { .weightsAndData(channelWise: true, outputAxis: 1) }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    let window = try settings.window(bottoms[0])
    guard bottoms[0][1] % groups == 0 else {
      throw .shape("needs channels that are a multiple of group \(groups), got \(bottoms[0])")
    }
    return try settings.blobs(Shape([bottoms[0][1], settings.outputs / groups] + window.kernel))
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try settings.requireEqual(bottoms)
    _ = try paramBlobs(bottoms)
    let spatial = try settings.window(bottoms[0]).deconvolved(bottoms[0])
    return bottoms.map { Shape([$0[0], settings.outputs] + spatial) }
  }

  func macs(_ shapes: LayerShapes) -> Int {
    guard let window = try? settings.window(shapes.bottoms[0]) else { return 0 }
    return shapes.bottoms.reduce(0) { $0 &+ $1.count * (settings.outputs / groups) * window.taps }
  }

  func reference(_ run: LayerRun) {
    guard let window = try? settings.window(run.shapes.bottoms[0]) else { return }
    for i in run.tops.indices {
      ConvolutionReference(
        bottom: run.shapes.bottoms[i], top: run.shapes.tops[i], window: window, groups: groups
      ).deconvolve(
        run.bottoms[i], weights: run.params[0], bias: settings.hasBias ? run.params[1] : nil, into: run.tops[i])
    }
  }

  func accepts(_ ops: [PostOp], _ shapes: LayerShapes) -> Bool {
    // Only what folds into the weights: anything else makes oneDNN's deconvolution ten times slower.
    shapes.tops.count == 1 && ops.allSatisfy(\.isAffine) && PostOpChain(ops, outputs: settings.outputs) != nil
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (bottom, top) = (context.shapes.bottoms[0], context.shapes.tops[0])
    guard let window = try? settings.window(bottom) else { return nil }
    let (taps, outputsPerGroup) = (window.taps, settings.outputs / groups)
    let inputsPerGroup = bottom[1] / groups
    return try ConvolutionKernel(
      context, window.geometry(bottom, top, groups: groups, hasBias: settings.hasBias, transposed: true)
    ) { i in
      let (input, column) = (i / (outputsPerGroup * taps), i / taps % outputsPerGroup)
      return input / inputsPerGroup * outputsPerGroup + column
    }
  }
}
