import LayerGraph
import Tensors

/// An RNN of a calibration model: it computes what the layer does, `rnn_calibration_param` says how its input and state
/// (`ifmr_param`) and its static input (`static_ifmr_param`) are searched.
///
/// With one top more than RNN has, that top shows all that the state's matrices are fed; see `RecurrentCalibration`.
/// - Source: Ours, after AMCT's Caffe layer LSTMCalibration.
struct RNNCalibrationLayer: LayerType, RecurrentCalibration {
  static let caffeTypes = ["RNNCalibration"]
  static let arity = Arity(bottoms: 2...4, tops: 1...3)
  static let agreement = Agreement.relativeToLargest(1e-5)

  let cell: RNNLayer
  let showsState: Bool

  init(_ source: LayerSource) throws(LayerError) { (cell, showsState) = try Self.read(source, states: 1) }
}
