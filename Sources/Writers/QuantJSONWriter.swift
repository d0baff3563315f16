import Foundation
import LayerGraph
import Quantization

/// `*_quant.json`: which original layers stand behind each layer of the quantized model.
///
/// - Source: amct-facts 4.5 (keys, values, `val_type` 1 = list of strings; 64-bit integers as numbers).
package enum QuantJSONWriter {
  package static func text(_ model: QuantizedModel) -> String {
    let quantized = Set(model.record.layers.map(\.layer))
    var ops: [String] = []
    for node in model.graph.nodes {
      var fields = ["\"name\": \(quote(node.name))", "\"type\": \(quote(node.type))"]
      let object = insertedObject(node)
      if let object {
        fields.append("\"attr\": [\(names(originals(object, model)))]")
        if node.type == "DeQuant" {
          fields.append("\"output_desc\": [\(output(of: originals(object, model).last ?? object))]")
        }
      } else if quantized.contains(node.name) || model.absorbed[node.name] != nil {
        fields.append("\"attr\": [\(names(originals(node.name, model)))]")
        // It dequantizes inside: its own output is the original's.
        if Self.recurrentTypes.contains(node.type) {
          fields.append("\"output_desc\": [\(output(of: originals(node.name, model).last ?? node.name))]")
        }
      }
      ops.append("      {\(fields.joined(separator: ", "))}")
    }
    return """
      {
        "name": \(quote(model.name)),
        "graph": [
          {
            "op": [
      \(ops.joined(separator: ",\n"))
            ]
          }
        ]
      }

      """
  }

  private static let recurrentTypes: Set<String> = ["LSTMQuant", "RNNQuant", "GRUQuant"]

  private static func originals(_ layer: String, _ model: QuantizedModel) -> [String] {
    model.accelerated[layer] ?? [layer] + (model.absorbed[layer] ?? [])
  }

  /// The layer that an inserted layer belongs to.
  private static func insertedObject(_ node: Node) -> String? {
    switch node.type {
    case "Quant": return node.parameter.message.message("quant_param")?.string("object_layer")
    case "DeQuant": return node.parameter.message.message("dequant_param")?.string("object_layer")
    case "AntiQuant":
      return node.name.range(of: "_anti_quant_layer", options: .backwards).map { String(node.name[..<$0.lowerBound]) }
    default: return nil
    }
  }

  private static func names(_ list: [String]) -> String {
    "{\"key\": \"_datadump_original_op_names\", \"value\": {\"list\": {\"val_type\": 1, \"s\": ["
      + list.map(quote).joined(separator: ", ") + "]}}}"
  }

  private static func output(of name: String) -> String {
    func attr(_ key: String, _ value: String) -> String { "{\"key\": \"\(key)\", \"value\": {\(value)}}" }
    return "{\"attr\": ["
      + [
        attr("_datadump_origin_format", "\"s\": \"NCHW\""), attr("_datadump_data_type", "\"s\": \"DT_FLOAT\""),
        attr("_datadump_origin_output_index", "\"i\": 0"), attr("_datadump_origin_name", "\"s\": \(quote(name))"),
      ].joined(separator: ", ") + "]}"
  }

  /// A JSON string.
  static func quote(_ s: String) -> String {
    var out = "\""
    for scalar in s.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
