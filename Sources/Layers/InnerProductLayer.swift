import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// Fully connected layer: `y[m, o] = bias[o] + sum w[o, k] x[m, k]`, with the axes from `axis` on flattened into `k`.
///
/// Weights `[num_output, K]`, with `transpose` `[K, num_output]`; bias `[num_output]`.
/// - Source: Caffe `inner_product_layer.cpp`.
struct InnerProductLayer: PostOpHost, FusionHost {
  static let caffeTypes = ["InnerProduct"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-5)

  private let outputs: Int
  private let axis: Int
  private let transposed: Bool
  private let hasBias: Bool
  private let weightFiller: ProtoMessage?
  private let biasFiller: ProtoMessage?

  static let settingsField = (name: "inner_product_param", type: "InnerProductParameter")
  var canAbsorb: Bool { axis == 1 }

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("inner_product_param")
    outputs = try source.positive(p, "num_output")
    axis = p.int("axis") ?? 1
    transposed = p.bool("transpose") ?? false
    hasBias = p.bool("bias_term") ?? true
    weightFiller = p.message("weight_filler")
    biasFiller = p.message("bias_filler")
  }

  var quantization: QuantizationRole { .weightsAndData(channelWise: false, outputAxis: transposed ? 1 : 0) }

  private func firstAxis(_ bottom: Shape) throws(LayerError) -> Int {
    guard let first = bottom.canonicalAxis(axis) else {
      throw .shape("has axis \(axis), outside its bottom \(bottom)")
    }
    return first
  }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    let inputs = bottoms[0].count(from: try firstAxis(bottoms[0]))
    let shape: Shape = transposed ? [inputs, outputs] : [outputs, inputs]
    guard shape.isLegal else { throw .shape("would need weights of \(shape), more than \(Shape.countLimit) values") }
    let weights = ParamBlobSpec("weights", shape, .weight, filler: weightFiller)
    return hasBias ? [weights, ParamBlobSpec("bias", [outputs], .bias, filler: biasFiller)] : [weights]
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    _ = try paramBlobs(bottoms)
    return [Shape(bottoms[0].dims[..<(try firstAxis(bottoms[0]))] + [outputs])]
  }

  private func extents(_ bottom: Shape) -> (rows: Int, inputs: Int) {
    let first = bottom.canonicalAxis(axis) ?? 0
    return (bottom.count(upTo: first), bottom.count(from: first))
  }

  func macs(_ shapes: LayerShapes) -> Int { shapes.tops[0].count * extents(shapes.bottoms[0]).inputs }

  /// Sums in Double.
  func reference(_ run: LayerRun) {
    let (rows, inputs) = extents(run.shapes.bottoms[0])
    let (x, w, y) = (run.bottoms[0], run.params[0], run.tops[0])
    for m in 0..<rows {
      for o in 0..<outputs {
        var sum = Double(hasBias ? run.params[1][o] : 0)
        for k in 0..<inputs {
          sum += Double(x[m * inputs + k]) * Double(transposed ? w[k * outputs + o] : w[o * inputs + k])
        }
        y[m * outputs + o] = Float(sum)
      }
    }
  }

  func accepts(_ ops: [PostOp], _ shapes: LayerShapes) -> Bool {
    // Affine maps go by axis 1 of the top, which must be the outputs.
    guard shapes.tops[0].rank == 2 || !ops.contains(where: \.isAffine) else { return false }
    return PostOpChain(ops, outputs: outputs) != nil
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (rows, inputs) = extents(context.shapes.bottoms[0])
    return try InnerProductKernel(context, rows: rows, inputs: inputs, outputs: outputs, transposed: transposed)
  }
}

extension PostOp {
  var isAffine: Bool { if case .affine = self { true } else { false } }
}
