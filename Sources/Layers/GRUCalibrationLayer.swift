import LayerGraph
import Tensors

/// A GRU of a calibration model: it computes what the layer does, `gru_calibration_param` says how its input and state
/// (`ifmr_param`) and its static input (`static_ifmr_param`) are searched.
///
/// With one top more than GRU has, that top shows all that the state's matrices are fed; see `RecurrentCalibration`.
/// - Source: Ours, after AMCT's Caffe layer LSTMCalibration.
struct GRUCalibrationLayer: LayerType, RecurrentCalibration {
  static let caffeTypes = ["GRUCalibration"]
  static let arity = Arity(bottoms: 2...4, tops: 1...3)
  static let agreement = Agreement.relativeToLargest(1e-5)

  let cell: GRULayer
  let showsState: Bool

  init(_ source: LayerSource) throws(LayerError) { (cell, showsState) = try Self.read(source, states: 1) }
}
