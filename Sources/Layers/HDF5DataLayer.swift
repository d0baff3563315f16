import LayerGraph
import Tensors

/// Data sets of HDF5 files, one for each top; only the files know their shapes.
/// - Source: Caffe `hdf5_data_layer.cpp`.
struct HDF5DataLayer: InputLayerType {
  static let caffeTypes = ["HDF5Data"]
  static let arity = Arity(bottoms: 0...0, tops: 1...Int.max)

  init(_ source: LayerSource) throws(LayerError) {}

  func declaredShapes(topCount: Int) -> [Shape?] { [Shape?](repeating: nil, count: topCount) }
}
