import LayerGraph
import Tensors

/// An RNN of a quantized model: Quant layers before it quantize x and x_static, `rnn_quant_param` says how it quantizes
/// its state (`w_h_quant_param`) and how sums become floats again (`w_*_dequant_param`, here the identity).
///
/// The state h is quantized before W_hh, with cont, and before W_ho.
/// - Source: Ours, after AMCT's Caffe layer LSTMQuant.
struct RNNQuantLayer: LayerType, RecurrentQuantized {
  static let caffeTypes = ["RNNQuant"]
  static let arity = RNNLayer.arity
  static let agreement = Agreement.relativeToLargest(1e-5)

  let cell: RNNLayer
  let state: QuantSettings

  init(_ source: LayerSource) throws(LayerError) {
    cell = try RNNLayer(source)
    state = try Self.read(source)
  }
}
