import LayerGraph
import Tensors

/// An LSTM of a calibration model: it computes what the layer does, `lstm_calibration_param` says how its input and state
/// (`ifmr_param`) and its static input (`static_ifmr_param`) are searched.
///
/// With one top more than LSTM has, that top shows all that the state's matrices are fed; see `RecurrentCalibration`.
/// - Source: AMCT's Caffe layer LSTMCalibration.
struct LSTMCalibrationLayer: LayerType, RecurrentCalibration {
  static let caffeTypes = ["LSTMCalibration"]
  static let arity = Arity(bottoms: 2...5, tops: 1...4)
  static let agreement = Agreement.relativeToLargest(1e-5)

  let cell: LSTMLayer
  let showsState: Bool

  init(_ source: LayerSource) throws(LayerError) { (cell, showsState) = try Self.read(source, states: 2) }
}
