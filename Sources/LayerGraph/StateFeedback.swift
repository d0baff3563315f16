import Tensors

/// A layer that multiplies its own state with learned matrices again at every step: LSTM, RNN, GRU.
///
/// Quantization sees all that such a matrix is fed as part of the layer's first input, so that one factor serves both,
/// and gives every matrix one step. A quantized layer of this kind becomes another type, which quantizes its state inside
/// at every step.
/// - Source: AMCT's Caffe layers LSTMCalibration and LSTMQuant.
package protocol StateFeedback: LayerType {
  /// The matrices, each with a step of its own, in the order of the record's `scale_w`.
  var matrices: [LearnedMatrix] { get }
}

extension StateFeedback {
  /// The type of the layer in a calibration model.
  package static var calibrationType: String { caffeType + "Calibration" }
  /// The type of the layer in a quantized model.
  package static var quantizedType: String { caffeType + "Quant" }
  /// The fields of `LayerParameter` with the settings of the two.
  package static var calibrationField: String { caffeType.lowercased() + "_calibration_param" }
  package static var quantizedField: String { caffeType.lowercased() + "_quant_param" }
}

/// A matrix of a layer's learned blobs as quantization sees it: one step for all of it.
package struct LearnedMatrix: Sendable, Hashable {
  /// What it is multiplied with.
  package enum Operand: Sendable { case input, state, statics, output }

  package let operand: Operand
  /// Indices of the learned blobs that it consists of.
  package let blobs: [Int]
  /// Indices of the learned blobs that are added to its product.
  package let biases: [Int]

  package init(_ operand: Operand, blobs: [Int], biases: [Int] = []) {
    self.operand = operand
    self.blobs = blobs
    self.biases = biases
  }

  /// Index of the factors of what it is multiplied with.
  package var input: Int { operand == .statics ? 1 : 0 }

  /// The setting of the quantized layer that says how its products become floats again.
  package var dequantField: String {
    switch operand {
    case .input: "w_x_dequant_param"
    case .state: "w_h_dequant_param"
    case .statics: "w_x_static_dequant_param"
    case .output: "w_o_dequant_param"
    }
  }

  /// `LSTM_X`, `LSTM_H`, `LSTM_S` for the matrices of an LSTM.
  package func layerType(in type: String) -> String {
    switch operand {
    case .input: type + "_X"
    case .state: type + "_H"
    case .statics: type + "_S"
    case .output: type + "_O"
    }
  }
}
