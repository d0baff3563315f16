import Kernels
import LayerGraph
import Tensors

/// `y = a > b ? 1 : 0`, element by element; extents of 1 are spread over those of the other bottom.
struct GreaterLayer: LayerType {
  static let caffeTypes = ["Greater"]
  static let arity = Arity(bottoms: 2...2, tops: 1...1)
  static let agreement = Agreement.exact

  private let comparison = ElementComparison(relation: .greater)

  init(_ source: LayerSource) throws(LayerError) {}

  var quantization: QuantizationRole { .data(on: false, inputs: .all) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { [try ElementComparison.topShape(bottoms)] }

  func reference(_ run: LayerRun) { comparison.reference(run) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? { comparison.makeKernel(context) }
}
