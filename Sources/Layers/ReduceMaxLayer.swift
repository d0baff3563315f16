import Kernels
import LayerGraph
import Tensors

/// The largest value along `axis` (several axes, or all when none is named), which goes away unless `keepdims`.
/// - Source: `reduce_max_layer.cpp` of Synopsys' Caffe.
struct ReduceMaxLayer: LayerType {
  static let caffeTypes = ["ReduceMax"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let reduction: AxisReduction

  init(_ source: LayerSource) throws(LayerError) { reduction = AxisReduction(.largest, source, "reduce_max_param") }

  var quantization: QuantizationRole { .data(on: false) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { [try reduction.topShape(bottoms[0])] }

  func reference(_ run: LayerRun) { reduction.reference(run) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? { reduction.makeKernel(context) }
}
