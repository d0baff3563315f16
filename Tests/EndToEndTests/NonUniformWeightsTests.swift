import CaffeFormat
import Foundation
import Tensors
import Testing

@Suite struct `snq_quantize` {
  private let folder = TemporaryFolder()

  /// The advice of the AMCT guide for non-uniform weights: they are the rule, the first layer and all InnerProduct
  /// layers keep uniform ones, and BatchNorm is updated.
  private static let recipe = """
    update_bn: true
    bn_update_config : {
        bn_update_iterations : 30
        bn_moving_average_fraction: 0.5
        bn_dump_dir: 'tmp/bn_data'
    }
    common_config : {
        ifmr_quantize : { search_range_start : 0.7  search_range_end : 1.3  search_step : 0.01
            max_percentile : 0.999999  min_percentile : 0.999999  num_bits:8 }
        snq_quantize : { channel_wise : true  max_iteration : 1000  min_distance : 1e-10  init_algo : 'gaussian' }
    }
    override_layer_types : {
        layer_type : "InnerProduct"
        calibration_config : {
            ifmr_quantize : { search_range_start : 0.7  search_range_end : 1.3  search_step : 0.01
                max_percentile : 0.999999  min_percentile : 0.999999  num_bits:8 }
            arq_quantize : { channel_wise : false  num_bits:8 }
        }
    }
    override_layer_configs : {
        layer_name : "conv1"
        calibration_config : {
            arq_quantize : { channel_wise : true  num_bits:8 }
            ifmr_quantize : { search_range_start : 0.8  search_range_end : 1.2  search_step : 0.02
                max_percentile : 0.999999  min_percentile : 0.999999  num_bits:8 }
        }
    }
    """

  private func quantize(
    _ weights: String, to name: String, _ more: [String], prototxt: String = Sample.shapes.prototxt,
    sample: Sample = .shapes
  ) throws -> Outcome {
    try cortado(
      ["quantize", prototxt, weights] + sample.calibration
        + ["--work", folder / "\(name)-run", "--out", folder / "\(name)/net", "--json"] + more)
  }

  private func randomWeights() throws -> String {
    let path = folder / "random.caffemodel"
    try cortado("bench", Sample.shapes.prototxt, "--repeat", "1", "--save-weights", path).expect(0)
    return path
  }

  @Test func `the guide's recipe runs on random weights`() throws {
    let weights = try randomWeights()
    let recipe = try folder.write("snq.cfg", Self.recipe)
    let outcome = try quantize(weights, to: "out", ["--recipe", recipe])
    outcome.expect(0)
    #expect(folder.names("out") == `cortado quantize`.saved.map { "net_" + $0 })
    let models = ["modified_model", "activation_modified_model"]
    for name in models.flatMap({ [$0 + ".prototxt", $0 + ".caffemodel"] })
      + ["config.json", "scale_offset_record.txt", "scale_offset_record_update.txt"]
    {
      #expect(folder.has("out-run/" + name), "\(name)")
    }
    #expect(folder.has("out-run/amct_log/amct_caffe.log"))
    let layers = try outcome.json["layers"].list.filter { !$0["scale_w"].list.isEmpty }
    #expect(layers.count == 11)
    for layer in layers {
      let name = layer["layer"].string ?? ""
      let isUniform = name == "conv1" || layer["type"].string == "InnerProduct"
      #expect(layer["num_bits_w"].int == (isUniform ? 8 : 4), "\(name)")
    }
    let config = try JSONNode(file: folder / "out-run/config.json")
    #expect(config["res2_a"]["weight_quant_params"]["init_algo"].string == "gaussian")
    #expect(config["conv1"]["weight_quant_params"]["wts_algo"].string == "arq_quantize")
    #expect(try folder.text("out-run/scale_offset_record.txt").contains("num_bits_w: 4"))
    try cortado(
      ["compare", Sample.shapes.prototxt, weights]
        + ["model.prototxt", "weights.caffemodel"].map { folder / "out/net_fake_quant_" + $0 }
        + Sample.shapes.calibration
    ).expect(0)
  }

  /// Levels from quant_param_record, steps from the report, codes from the deploy model make the fake-quant weights.
  @Test(arguments: [true, false]) func `deploy codes, levels and steps are the fake-quant weights`(
    _ updatesBN: Bool
  ) throws {
    let rest = try folder.write(
      "rest.cfg", Self.recipe.replacing("update_bn: true", with: "update_bn: \(updatesBN)"))
    let outcome = try quantize(Sample.shapes.weights, to: "out", ["--recipe", rest])
    outcome.expect(0)
    let schema = try ProtoSchema.builtIn()
    let record = try schema.parseBinary(
      "CalibrationParam", [UInt8](folder.bytes("out/net_quant_param_record.bin")), file: "record")
    let deploy = try WeightsFile(path: folder / "out/net_deploy_weights.caffemodel", schema: schema)
    let fake = try WeightsFile(path: folder / "out/net_fake_quant_weights.caffemodel", schema: schema)
    var seen = 0
    for layer in try outcome.json["layers"].list where layer["num_bits_w"].int == 4 {
      let name = try #require(layer["layer"].string)
      let steps = layer["scale_w"].floats
      let message = try #require(record.messages("layer").first { $0.string("name") == name })
      let weight = try #require(message.message("quant_param")?.message("weight"))
      #expect(message.enumName("calc_data_type") == "S8" && weight.enumName("data_type") == "U4")
      #expect(weight.floats("scale") == steps.map { 1 / $0 })
      guard case .bytes(let bytes) = weight.field("params")?.value else {
        Issue.record("\(name) has no levels")
        continue
      }
      let levels = bytes.map { Int8(bitPattern: $0) }
      #expect(levels.count == 16 && levels == levels.sorted())
      guard case .int8(let shape, let codes) = try #require(deploy[name]).blobs[0].payload else {
        Issue.record("\(name) has no codes")
        continue
      }
      #expect(codes.count == shape.count && codes.allSatisfy { (0...15).contains($0) })
      let float = try #require(fake[name]).blobs[0].values.array
      let length = codes.count / steps.count
      #expect(codes.indices.allSatisfy { Float(levels[Int(codes[$0])]) * steps[$0 / length] == float[$0] }, "\(name)")
      #expect(Set(codes).count > 8, "\(name) uses its levels")
      seen += 1
    }
    #expect(seen == 9)
  }

  @Test func `one layer of four, an InnerProduct too, may have it`() throws {
    let config = folder / "config.json"
    try cortado(["config", "init"] + Sample.digits.model + ["-o", config]).expect(0)
    for (layer, start) in [("conv2", "d2sampling"), ("ip1", "uniform")] {
      try cortado("config", "set", layer, "weight.wts_algo=snq_quantize", "--config", config).expect(0)
      try cortado("config", "set", layer, "weight.init_algo=\(start)", "--config", config).expect(0)
    }
    let words = ["--config", config]
    let outcome = try quantize(
      Sample.digits.weights, to: "a", words + ["--threads", "1"], prototxt: Sample.digits.prototxt, sample: .digits)
    outcome.expect(0)
    let layers = try outcome.json["layers"]
    #expect(["conv1", "conv2", "ip1", "ip2"].map { layers.first("layer", $0)["num_bits_w"].int } == [8, 4, 4, 8])
    #expect(layers.first("layer", "ip1")["scale_w"].list.count == 1)
    try quantize(
      Sample.digits.weights, to: "b", words + ["--threads", "2"], prototxt: Sample.digits.prototxt, sample: .digits
    ).expect(0)
    for name in `cortado quantize`.saved {
      #expect(try folder.bytes("a/net_" + name) == folder.bytes("b/net_" + name), "\(name)")
    }
    try cortado("config", "set", "ip1", "weight.channel_wise=true", "--config", config).expect(0)
    try quantize(
      Sample.digits.weights, to: "c", words, prototxt: Sample.digits.prototxt, sample: .digits
    ).expect(3, says: "config.json:", "channel_wise must be False for layer type InnerProduct")
  }
}
