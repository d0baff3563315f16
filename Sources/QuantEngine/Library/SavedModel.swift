/// Which of the final models are written.
public enum SavedModel: String, Sendable, CaseIterable {
  /// The model that runs in Caffe and computes what the chip will: weights quantized and dequantized, Quant and DeQuant layers.
  case fakeQuant = "Fakequant"
  /// The model for the chip: int8 weights, int32 biases.
  case deploy = "Deploy"
  case both = "Both"

  var saveType: SaveType {
    switch self {
    case .fakeQuant: .fakeQuant
    case .deploy: .deploy
    case .both: .both
    }
  }
}
