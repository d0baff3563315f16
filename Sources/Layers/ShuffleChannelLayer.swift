import Kernels
import LayerGraph
import Tensors

/// Deals the channels of `group` groups out in turn: channel `j * group + i` of the top is channel `i * C / group + j`.
/// - Source: farmingyard/ShuffleNet `shuffle_channel_layer.cpp`; Zhang et al. 2017, arXiv:1707.01083.
struct ShuffleChannelLayer: LayerType {
  static let caffeTypes = ["ShuffleChannel"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let group: Int

  init(_ source: LayerSource) throws(LayerError) {
    group = try source.positive(source.settings("shuffle_channel_param"), "group", default: 1)
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let x = bottoms[0]
    guard x.rank >= 2 else { throw .shape("needs a bottom of [N, C, ..], got \(x)") }
    guard x[1] % group == 0 else {
      throw .shape("has \(group) groups, which do not divide the \(x[1]) channels of \(x)")
    }
    return [x]
  }

  func reference(_ run: LayerRun) {
    let shape = run.shapes.bottoms[0]
    let (channels, inner) = (shape[1], shape.count(from: 2))
    for n in 0..<shape[0] {
      for i in 0..<group {
        for j in 0..<channels / group {
          run.tops[0].slice((n * channels + j * group + i) * inner, inner)
            .copy(run.bottoms[0].slice((n * channels + i * (channels / group) + j) * inner, inner))
        }
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let shape = context.shapes.bottoms[0]
    let (channels, inner) = (shape[1], shape.count(from: 2))
    let size = channels / group
    let copy = StridedCopy(
      extents: [shape[0], size, group, inner], strides: [channels * inner, inner, size * inner, 1])
    return LoopKernel.rows(context, copy.rows, cost: shape.count / copy.rows) { run, rows in
      copy.run(run.bottoms[0], run.tops[0], rows)
    }
  }
}
