import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// `y = max(x, 0) + slope[c] * min(x, 0)` with a learned slope per channel, or one for all (`channel_shared`).
/// - Source: Caffe `prelu_layer.cpp`.
struct PReLULayer: LayerType {
  static let caffeTypes = ["PReLU"]
  static let arity = Arity.oneToOne

  private let isShared: Bool
  private let filler: ProtoMessage?

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("prelu_param")
    isShared = p.bool("channel_shared") ?? false
    filler = p.message("filler")
  }

  var quantization: QuantizationRole { .data(on: false) }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    guard bottoms[0].rank >= 2 else { throw .shape("needs a bottom of [N, C, ..], got \(bottoms[0])") }
    return [ParamBlobSpec("slope", isShared ? [] : [bottoms[0][1]], .slope, filler: filler)]
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    _ = try paramBlobs(bottoms)
    return bottoms
  }

  func reference(_ run: LayerRun) {
    let (channels, inner) = (run.shapes.bottoms[0][1], run.shapes.bottoms[0].count(from: 2))
    for i in 0..<run.tops[0].count {
      let (x, slope) = (run.bottoms[0][i], run.params[0][isShared ? 0 : i / inner % channels])
      run.tops[0][i] = x < 0 ? slope * x : x
    }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? {
    isShared && params.count == 1 ? .function(.relu(slope: params[0][0])) : nil
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (layout, slopes, parallel) = (context.bottomLayouts[0], context.params[0], context.backend.parallel)
    if isShared {
      let slope = slopes[0]
      return FlatKernel(layout, parallel: parallel) { ElementLoops.relu($0, $1, slope: slope) }
    }
    guard let loops = ChannelLoops(layout, parallel: parallel) else { return nil }
    return LoopKernel(bottoms: [layout], tops: [layout], canRunInPlace: true) { io in
      loops.prelu(io.bottom(0), io.top(0), slope: .init(slopes.view, otherwise: 0))
    }
  }
}
