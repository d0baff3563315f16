import Foundation
import Testing

@testable import Writers

/// Keys and values follow amct-facts 4.5; the layout, one layer a line, is ours.
@Suite struct QuantJSONWriterTests {
  private func attr(_ names: String) -> String {
    "\"attr\": [{\"key\": \"_datadump_original_op_names\", "
      + "\"value\": {\"list\": {\"val_type\": 1, \"s\": [\(names)]}}}]"
  }

  @Test func `a layer that stands for a chain has the chain alone behind it`() throws {
    let text = QuantJSONWriter.text(try WrittenModel.make(accelerated: ["conv": ["first", "last"]]))
    let names = attr("\"first\", \"last\"")
    #expect(text.contains("{\"name\": \"conv\", \"type\": \"Convolution\", \(names)}"))
    #expect(text.contains("{\"name\": \"conv_quant_layer\", \"type\": \"Quant\", \(names)}"))
    #expect(text.contains("\"_datadump_origin_name\", \"value\": {\"s\": \"last\"}") && !text.contains("\"bn\""))
  }

  @Test func `every layer is listed with the layers behind it`() throws {
    let conv = attr("\"conv\", \"bn\", \"scale\"")
    let output =
      "\"output_desc\": [{\"attr\": [{\"key\": \"_datadump_origin_format\", \"value\": {\"s\": \"NCHW\"}}, "
      + "{\"key\": \"_datadump_data_type\", \"value\": {\"s\": \"DT_FLOAT\"}}, "
      + "{\"key\": \"_datadump_origin_output_index\", \"value\": {\"i\": 0}}, "
      + "{\"key\": \"_datadump_origin_name\", \"value\": {\"s\": \"scale\"}}]}]"
    #expect(
      QuantJSONWriter.text(try WrittenModel.make()) == """
        {
          "name": "net",
          "graph": [
            {
              "op": [
              {"name": "conv_quant_layer", "type": "Quant", \(conv)},
              {"name": "conv", "type": "Convolution", \(conv)},
              {"name": "conv_dequant_layer", "type": "DeQuant", \(conv), \(output)},
              {"name": "prelu", "type": "PReLU"},
              {"name": "pool_quant_layer", "type": "Quant", \(attr("\"pool\""))},
              {"name": "pool", "type": "Pooling", \(attr("\"pool\""))},
              {"name": "pool_anti_quant_layer", "type": "AntiQuant", \(attr("\"pool\""))}
              ]
            }
          ]
        }

        """)
  }

  @Test func `the text is JSON whatever the names hold`() throws {
    let name = "a\"b\\c\nd\u{1}é/模"
    let text = QuantJSONWriter.text(try WrittenModel.make(name: name))
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    #expect(object?["name"] as? String == name)
    #expect(QuantJSONWriter.quote("\u{1}\t") == "\"\\u0001\\t\"")
  }
}
