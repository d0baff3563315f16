import CaffeFormat
import Foundation
import Testing

/// LSTM, RNN and GRU through the whole program.
@Suite struct `recurrent layers` {
  private let folder = TemporaryFolder()
  /// The folder of Caffe's own LSTM: weights, inputs and output of the real layer.
  private static let published: String? = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return ["../shared/models/layers/lstm", "../../shared/models/layers/lstm"].map {
      package.appendingPathComponent($0).standardized.path
    }.first { FileManager.default.fileExists(atPath: $0) }
  }()

  private func cosines(_ outcome: Outcome) throws -> [Double] {
    try outcome.json["outputs"].list.map { try #require($0["cosine"].number) }
  }

  /// Quantizes, compares the written model with the original, and checks the written files.
  /// - Returns: the type of the quantized layer, and its learned blobs in the deploy model.
  private func quantize(
    _ prototxt: String, _ weights: String, _ inputs: [String], layer: String
  ) throws -> (type: String, deployed: [BlobPayload], report: JSONNode) {
    let outcome = try cortado(
      ["quantize", prototxt, weights] + inputs + ["--work", folder / "run", "--out", folder / "out/net", "--json"])
    outcome.expect(0)
    let compared = try cortado(
      ["compare", prototxt, weights, folder / "out/net_fake_quant_model.prototxt"]
        + [folder / "out/net_fake_quant_weights.caffemodel", "--quant-json", folder / "out/net_quant.json", "--json"]
        + inputs)
    compared.expect(0)
    for cosine in try cosines(compared) { #expect(cosine >= 0.99, "\(cosine)") }
    let metric = try compared.json["layers"].first("layer", layer)
    #expect(metric["state"].string == "quantized")
    #expect((metric["local"].number ?? 0) >= 0.99)
    let schema = try ProtoSchema.builtIn()
    let text = try folder.bytes("out/net_deploy_model.prototxt")
    let net = try schema.parseText("NetParameter", [UInt8](text), file: "deploy")
    let message = try #require(net.messages("layer").first { $0.string("name") == layer })
    let file = try WeightsFile(path: folder / "out/net_deploy_weights.caffemodel", schema: schema)
    return (
      message.string("type") ?? "", try #require(file[layer]).blobs.map(\.payload),
      try outcome.json["layers"].first("layer", layer)
    )
  }

  /// "int8 [8, 3]" and the like.
  private func kinds(_ blobs: [BlobPayload]) -> [String] {
    blobs.map { blob in
      switch blob {
      case .int8(let shape, _): "int8 \(shape.dims)"
      case .int32(let shape, _): "int32 \(shape.dims)"
      default: "other"
      }
    }
  }

  @Test(.enabled(if: published != nil, "no folder of published layers")) func `Caffe's LSTM keeps its output`() throws {
    let root = try #require(Self.published)
    let found = try quantize(
      root + "/lstm.prototxt", root + "/lstm.caffemodel",
      ["--input", "x=\(root)/input_x.npy", "--input", "cont=\(root)/input_cont.npy"], layer: "output")
    #expect(found.type == "LSTMQuant")
    #expect(kinds(found.deployed) == ["int8 [68, 1332]", "int32 [68]", "int8 [68, 17]"])
    #expect(found.report["scale_d"].list.count == 1 && found.report["scale_w"].list.count == 2)
    // The calibration model and the fake-quant model are nets that the program reads.
    for path in ["run/modified_model", "out/net_fake_quant_model"] {
      try cortado("inspect", folder / path + ".prototxt").expect(0)
    }
  }

  @Test(arguments: [
    (
      "LSTM", ["int8 [32, 6]", "int32 [32]", "int8 [32, 3]", "int8 [32, 8]"], 3
    ),
    (
      "RNN", ["int8 [8, 6]", "int32 [8]", "int8 [8, 3]", "int8 [8, 8]", "int8 [8, 8]", "int32 [8]"], 4
    ),
    (
      "GRU", ["int8 [24, 6]", "int32 [24]", "int8 [24, 3]", "int8 [8, 8]", "int8 [8, 8]", "int8 [8, 8]"], 3
    ),
  ])
  func `a small net with a static input keeps its output`(_ type: String, _ blobs: [String], _ matrices: Int) throws {
    let net = """
      input: "x" input_shape { dim: 10 dim: 4 dim: 6 }
      input: "cont" input_shape { dim: 10 dim: 4 }
      input: "s" input_shape { dim: 4 dim: 3 }
      layer { name: "rec" type: "\(type)" bottom: "x" bottom: "cont" bottom: "s" top: "h"
        recurrent_param { num_output: 8 } }
      layer { name: "fc" type: "InnerProduct" bottom: "h" top: "y" inner_product_param { num_output: 5 axis: 2 } }
      """
    let prototxt = try folder.write("net.prototxt", net)
    let weights = folder / "net.caffemodel"
    try cortado("bench", prototxt, "--repeat", "1", "--save-weights", weights).expect(0)
    func values(_ count: Int, _ value: (Int) -> Double) -> String {
      (0..<count).map { "\(value($0))" }.joined(separator: ",")
    }
    let inputs = [
      "--input", "x=" + values(240) { sin(Double($0) * 0.7) }, "--input",
      "cont=" + values(40) { $0 < 4 || $0 == 22 ? 0 : 1 }, "--input", "s=" + values(12) { cos(Double($0)) },
    ]
    let found = try quantize(prototxt, weights, inputs, layer: "rec")
    #expect(found.type == type + "Quant" && kinds(found.deployed) == blobs)
    #expect(found.report["scale_d"].list.count == 2 && found.report["scale_w"].list.count == matrices)
    let text = try folder.text("run/modified_model.prototxt")
    #expect(text.contains("type: \"\(type)Calibration\"") && text.contains("static_ifmr_param"))
    // The same job again takes the factors over.
    let again = try cortado(
      ["quantize", prototxt, weights] + inputs + ["--work", folder / "again", "--out", folder / "again-out/net"])
    again.expect(0)
    #expect(
      try folder.text("again/scale_offset_record.txt") == folder.text("run/scale_offset_record.txt"))
  }
}
