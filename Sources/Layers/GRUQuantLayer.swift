import LayerGraph
import Tensors

/// A GRU of a quantized model: Quant layers before it quantize x and x_static, `gru_quant_param` says how it quantizes
/// its state (`w_h_quant_param`) and how sums become floats again (`w_*_dequant_param`, here the identity).
///
/// The state h is quantized before R_z and R_r, and behind the gate r before R_h.
/// - Source: Ours, after AMCT's Caffe layer LSTMQuant.
struct GRUQuantLayer: LayerType, RecurrentQuantized {
  static let caffeTypes = ["GRUQuant"]
  static let arity = GRULayer.arity
  static let agreement = Agreement.relativeToLargest(1e-5)

  let cell: GRULayer
  let state: QuantSettings

  init(_ source: LayerSource) throws(LayerError) {
    cell = try GRULayer(source)
    state = try Self.read(source)
  }
}
