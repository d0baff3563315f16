import Kernels
import LayerGraph
import Tensors

/// A oneDNN convolution or deconvolution with packed weights, run on each bottom in turn.
struct ConvolutionKernel: LayerKernel {
  let bottomLayouts: [Layout]
  let topLayouts: [Layout]
  let accumulatesInto: Int?
  private let primitive: Primitive
  private let weights: PackedWeights
  private let bias: Tensor?

  /// - Parameter output: the output channel of each weight, by its flat index.
  init(_ context: KernelContext, _ geometry: ConvolutionGeometry, output: (Int) -> Int) throws(KernelError) {
    let count = context.shapes.tops.count
    guard let chain = PostOpChain(context.postOps, outputs: geometry.topShape[1]),
      context.postOps.isEmpty || count == 1
    else { throw KernelError("a convolution cannot take these post-ops: \(context.postOps)") }
    let learnedBias = context.params.count > 1 ? context.params[1] : nil
    let folded = chain.folding(context.params[0], learnedBias, output: output)
    var geometry = geometry
    geometry.hasBias = folded.bias != nil
    primitive = try context.backend.convolution(geometry, postOps: chain.primitiveOps)
    weights = try primitive.pack(folded.weights)
    bias = folded.bias
    topLayouts = [Layout](repeating: primitive.topLayout, count: count)
    let residual = chain.addsResidual ? [primitive.topLayout] : []
    bottomLayouts = [Layout](repeating: primitive.bottomLayouts[0], count: count) + residual
    accumulatesInto = chain.addsResidual ? count : nil
  }

  var scratchBytes: Int { primitive.scratchBytes }
  var packedBytes: Int { weights.bytes }
  var backend: String { "oneDNN:\(primitive.implementation)" }

  func run(_ io: KernelIO) throws(KernelError) {
    for i in topLayouts.indices {
      try unsafe primitive.run(
        [io.bottom(i)], weights: weights, bias: bias?.view, into: io.top(i), scratch: io.scratch)
    }
  }
}
