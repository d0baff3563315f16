import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// A row of a learned table for each number of its bottom: `y[.., o] = table[x[..], o] (+ bias[o])`.
///
/// Bottom of any shape with integers of `0 ..< input_dim`, top that shape and `num_output`. Learned: the table
/// `[input_dim, num_output]`, with `bias_term` the bias `[num_output]`.
/// - Source: Caffe `embed_layer.cpp`.
struct EmbedLayer: LayerType {
  static let caffeTypes = ["Embed"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let outputs: Int
  private let words: Int
  private let hasBias: Bool
  private let weightFiller: ProtoMessage?
  private let biasFiller: ProtoMessage?

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("embed_param")
    outputs = try source.positive(p, "num_output")
    words = try source.positive(p, "input_dim")
    hasBias = p.bool("bias_term") ?? true
    weightFiller = p.message("weight_filler")
    biasFiller = p.message("bias_filler")
    try source.check([words, outputs], p)
  }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    [ParamBlobSpec("weights", [words, outputs], .weight, filler: weightFiller)]
      + (hasBias ? [ParamBlobSpec("bias", [outputs], .bias, filler: biasFiller)] : [])
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { [Shape(bottoms[0].dims + [outputs])] }

  func reference(_ run: LayerRun) { look(run, 0..<run.bottoms[0].count) }

  private func look(_ run: LayerRun, _ places: Range<Int>) {
    for place in places {
      let row = Int(index: run.bottoms[0][place], below: words)
      for o in 0..<outputs {
        let value = row.map { run.params[0][$0 * outputs + o] } ?? .nan
        run.tops[0][place * outputs + o] = hasBias ? value + run.params[1][o] : value
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (words, count) = (words, context.shapes.bottoms[0].count)
    let loops = LoopKernel.rows(context, count, cost: outputs) { look($0, $1) }
    return CheckedKernel(loops) { io throws(KernelError) in
      for i in 0..<count where Int(index: io.bottoms[0][i], below: words) == nil {
        throw KernelError("value \(i) is \(io.bottoms[0][i]), no row of the table of \(words)")
      }
    }
  }
}
