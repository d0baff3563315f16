import CaffeFormat
import LayerGraph
import Tensors

/// The outcome of a quantization run: everything the writers need.
package struct QuantizedModel: Sendable {
  /// The fused net with Quant, DeQuant and AntiQuant; weights quantized and dequantized, biases float.
  package var graph: Graph
  package var record: FactorRecord
  /// The layers absorbed by each layer, in order.
  package var absorbed: [String: [String]]
  /// The layers that an inserted DepthwiseConv stands for, in order.
  package var accelerated: [String: [String]] = [:]
  /// The codes of quantized weights, in the blob's layout.
  package var codes: [String: WeightCodes]
  /// All learned blobs of recurrent layers, as the deploy model stores them.
  package var recurrentBlobs: [String: [BlobPayload]] = [:]
  /// Prefix of the saved files.
  package var name: String

  package init(
    graph: Graph, record: FactorRecord, absorbed: [String: [String]], codes: [String: WeightCodes], name: String
  ) {
    self.graph = graph
    self.record = record
    self.absorbed = absorbed
    self.codes = codes
    self.name = name
  }
}

/// Integer weights and bias of one layer, for the deploy model.
package struct WeightCodes: Sendable {
  package var weights: [Int8]
  /// The levels that `weights` are indices of, in steps; `nil` when they are the steps themselves.
  package var codebook: [Int8]?
  package var weightShape: Shape
  /// `round(bias / (scale_d * scale_w[c]))`, half to even; `nil` without bias.
  package var bias: [Int32]?

  package init(weights: [Int8], codebook: [Int8]? = nil, weightShape: Shape, bias: [Int32]?) {
    self.weights = weights
    self.codebook = codebook
    self.weightShape = weightShape
    self.bias = bias
  }
}
