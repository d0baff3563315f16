import CaffeFormat
import LayerGraph
import Quantization

/// `*_quant_param_record.txt` and `.bin`: the factors in the form the NPU compiler reads, as reciprocals.
///
/// - Source: amct-facts 4.6: version 65536; data type S8 for 8 bits, S16 for 9 to 16; scale = 1 / step; weight offset
///   left out (0); non-uniform weights are U4 with their 16 levels, one signed byte each, as `params`; layers in graph
///   order, inputs in bottom order.
package enum QuantParamRecordWriter {
  package static func message(_ model: QuantizedModel) -> ProtoMessage {
    var root = ProtoMessage("CalibrationParam")
    root.set("version", .uint(65536))
    for node in model.graph.nodes {
      guard let record = model.record[node.name] else { continue }
      let wide = record.data.contains { $0.numBits > 8 }
      var quant = ProtoMessage("QuantParam")
      for data in record.data.sorted(by: { $0.index < $1.index }) {
        var input = factor(data.numBits > 8 ? S16 : S8, [data.scale])
        input.setAll("offset", [.real(Double(data.offset))])
        quant.append("input", .message(input))
      }
      if record.isWeighted {
        let codebook = model.codes[node.name]?.codebook
        var weight = factor(codebook == nil ? S8 : U4, record.weightScales)
        if let codebook { weight.set("params", .bytes(codebook.map(UInt8.init(bitPattern:)))) }
        quant.set("weight", .message(weight))
      }
      var layer = ProtoMessage("LayerParam")
      layer.set("name", .string(node.name))
      layer.set("calc_data_type", wide ? S16 : S8)
      layer.set("quant_param", .message(quant))
      root.append("layer", .message(layer))
    }
    return root
  }

  private static let U4 = ProtoValue.enumeration(name: "U4", number: 1)
  private static let S8 = ProtoValue.enumeration(name: "S8", number: 2)
  private static let S16 = ProtoValue.enumeration(name: "S16", number: 4)

  private static func factor(_ type: ProtoValue, _ steps: [Float]) -> ProtoMessage {
    var m = ProtoMessage("FactorParam")
    m.set("data_type", type)
    m.setAll("scale", steps.map { .real(Double(Float(1 / Double($0)))) })
    return m
  }
}
