import CaffeFormat
import Diagnostics
import Foundation
import LayerGraph
import Quantization

extension FuzzFormat {
  /// `config.json` for the net it is of.
  static let configJSON = FuzzFormat(
    name: "config.json", ending: "json",
    seeds: {
      var log = DiagnosticLog()
      return try ["shapes", "digits"].map { net in
        Array(try QuantConfig.initial(graph: Samples.graph(net), log: &log).text.utf8)
      }
    },
    dictionary: {
      ["true", "false", "null", "{}", "[]", "\"\"", "\"version\":1", "batch_num", "quant_enable", "\\u0000", "\\ud800"]
        + ConfigField.allCases.map(\.key)
    },
    reader: {
      let graph = try Samples.graph("shapes")
      return { (bytes: [UInt8], _: Int) throws(DiagnosticError) -> Bool in
        var log = DiagnosticLog()
        let config = try QuantConfig.read(bytes, file: "config.json", for: graph, log: &log)
        _ = config.text
        return true
      }
    })

  /// A recipe and the config it makes of a net.
  static let recipe = FuzzFormat(
    name: "cfg", ending: "cfg",
    seeds: {
      let text = """
        # a comment
        batch_num : 2
        activation_offset : true
        skip_layers : "conv1"
        skip_layer_types : "Pooling"
        do_fusion : true
        skip_fusion_layers : "conv1"
        update_bn : true
        bn_update_config : { bn_update_iterations : 3 bn_moving_average_fraction : 0.5 bn_dump_dir : 'x' }
        common_config : {
          arq_quantize : { channel_wise : true }
          ifmr_quantize : { search_range_start : 0.7 search_range_end : 1.3 search_step : 0.01 num_bits : 8 }
        }
        override_layer_types : { layer_type : "InnerProduct" calibration_config : { arq_quantize : { channel_wise : false } } }
        override_layer_configs : { layer_name : "conv2" calibration_config : {
          snq_quantize : { channel_wise : true max_iteration : 500 min_distance : 1e-5 init_algo : "gaussian" } } }
        """
      return [Array(text.utf8), Array("batch_num: 1\n".utf8)]
    },
    dictionary: {
      try Samples.words(.builtIn(), "AMCTConfig") + ["conv1", "conv2", "fc6", "Convolution", "true", "'"]
    },
    reader: {
      let graph = try Samples.graph("shapes")
      return { (bytes: [UInt8], _: Int) throws(DiagnosticError) -> Bool in
        var log = DiagnosticLog()
        // For repair, as the workbench opens it, then for use.
        _ = try RecipeDocument(repairing: bytes, file: "recipe.cfg")
        _ = try Recipe.read(bytes, file: "recipe.cfg").apply(to: graph, log: &log)
        return true
      }
    })

  /// A user's quantization factors.
  static let record = FuzzFormat(
    name: "record", ending: "txt",
    seeds: {
      let text = """
        record { key: "conv1" value { scale_w: 0.01 offset_w: 0 num_bits_w: 8 shift_bit: 1
          skip_fusion: true record_d { scale_d: 0.05 offset_d: -128 index: 0 channels: 1 height: 2 width: 3 num_bits_d: 8 } } }
        record { key: "fc6" value { scale_d: 0.5 offset_d: 3 scale_w: 1 offset_w: 0 } }
        record { key: "pool1" value { record_d { scale_d: 0.5 offset_d: 0 index: 0 } } }
        """
      return [Array(text.utf8)]
    }, dictionary: { try Samples.words(.builtIn(), "ScaleOffsetRecord") + ["conv1", "fc6", "pool1", "true"] },
    reader: {
      let graph = try Samples.graph("shapes")
      return { (bytes: [UInt8], _: Int) throws(DiagnosticError) -> Bool in
        var log = DiagnosticLog()
        let record = try RecordFile.read(bytes, file: "record.txt")
        try record.check(against: graph, model: "net.prototxt", log: &log)
        _ = try record.matched(to: graph, absorbed: [:])
        return true
      }
    })
}
