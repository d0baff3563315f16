import CaffeFormat
import LayerGraph
import Tensors

/// A learned blob as a top, of the shape in `parameter_param`.
/// - Source: Caffe `parameter_layer.hpp`.
struct ParameterLayer: LayerType {
  static let caffeTypes = ["Parameter"]
  static let arity = Arity(bottoms: 0...0, tops: 1...1)
  static let agreement = Agreement.exact

  private let shape: Shape

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("parameter_param")
    guard let shape = try source.shapes(p, "shape").last else { throw source.error("needs shape", p) }
    self.shape = shape
  }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    [ParamBlobSpec("values", shape, .weight)]
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { [shape] }

  func reference(_ run: LayerRun) { run.tops[0].copy(run.params[0]) }
}
