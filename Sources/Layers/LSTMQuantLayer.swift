import LayerGraph
import Tensors

/// An LSTM of a quantized model: Quant layers before it quantize x and x_static, `lstm_quant_param` says how it quantizes
/// its state (`w_h_quant_param`) and how sums become floats again (`w_*_dequant_param`, here the identity).
///
/// The state h times cont is quantized at each step.
/// - Source: AMCT's Caffe layer LSTMQuant.
struct LSTMQuantLayer: LayerType, RecurrentQuantized {
  static let caffeTypes = ["LSTMQuant"]
  static let arity = LSTMLayer.arity
  static let agreement = Agreement.relativeToLargest(1e-5)

  let cell: LSTMLayer
  let state: QuantSettings

  init(_ source: LayerSource) throws(LayerError) {
    cell = try LSTMLayer(source)
    state = try Self.read(source)
  }
}
