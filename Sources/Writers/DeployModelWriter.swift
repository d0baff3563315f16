import CaffeFormat
import LayerGraph
import Quantization

/// Learned blobs of the deploy model: int8 weights, int32 biases, packed uint64 dequantization; the rest float.
///
/// Non-uniform weights are codes 0...15, one a byte: readers demand as many bytes as the shape has elements.
///
/// - Source: amct-facts 2.6, 4.9.
package enum DeployModelWriter {
  package static func blobs(_ model: QuantizedModel) -> [String: [BlobPayload]] {
    var out: [String: [BlobPayload]] = [:]
    for node in model.graph.nodes where !node.params.isEmpty {
      if let codes = model.codes[node.name] {
        var payload: [BlobPayload] = [.int8(codes.weightShape, codes.weights)]
        if let bias = codes.bias { payload.append(.int32([bias.count], bias)) }
        out[node.name] = payload
      } else if let payload = model.recurrentBlobs[node.name] {
        out[node.name] = payload
      } else if node.type == "DeQuant" {
        out[node.name] = [.uint64(node.params[0].shape, packed(node))]
      } else {
        out[node.name] = node.params.map(BlobPayload.float)
      }
    }
    return out
  }

  /// The words of a DeQuant layer, whose blobs are scale, shift and weight offset.
  static func packed(_ node: Node) -> [UInt64] {
    node.params[0].array.enumerated().map { i, scale in
      Dequantization.word(
        scale: scale, shift: UInt8(clamping: Int(node.params[1][i])),
        weightOffset: Int8(clamping: Int(node.params[2][i])))
    }
  }
}

/// Learned blobs of the fake-quant model: all float, weights on the quantized grid.
package enum FakeQuantModelWriter {
  package static func blobs(_ model: QuantizedModel) -> [String: [BlobPayload]] {
    model.graph.paramsByLayer.mapValues { $0.map(BlobPayload.float) }
  }
}
