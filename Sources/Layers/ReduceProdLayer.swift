import Kernels
import LayerGraph
import Tensors

/// The product along `axis` (several axes, or all when none is named), which goes away unless `keepdims`.
/// - Source: `reduce_prod_layer.cpp` of Synopsys' Caffe.
struct ReduceProdLayer: LayerType {
  static let caffeTypes = ["ReduceProd"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.ulps(1)

  private let reduction: AxisReduction

  init(_ source: LayerSource) throws(LayerError) { reduction = AxisReduction(.product, source, "reduce_prod_param") }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { [try reduction.topShape(bottoms[0])] }

  func reference(_ run: LayerRun) { reduction.reference(run) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? { reduction.makeKernel(context) }
}
