import CaffeFormat
import Foundation
import Testing

/// `cortado proto merge`, and the merged file in other verbs. The four custom files are those of the AMCT guide's FAQ on
/// errors while proto files are merged.
@Suite struct `cortado proto merge` {
  private let folder = TemporaryFolder()

  private static let relu6 = """
    message ReLU6Parameter {
      optional float negative_slope = 1 [default = 0];
    }

    """
  private static let roiPooling = """
    message ROIPoolingParameter {
      // Pad, kernel size, and stride are all given as a single value for equal
      // dimensions in height and width or as Y, X pairs.
      optional uint32 pooled_h = 1 [default = 0]; // The pooled output height
      optional uint32 pooled_w = 2 [default = 0]; // The pooled output width
      // Multiplicative spatial scale factor to translate ROI coords from their
      // input scale to the scale used when pooling
      optional float spatial_scale = 3 [default = 1];
    }

    """

  private func merge(_ fields: [String], _ messages: [String]) throws -> Outcome {
    let text =
      "message LayerParameter {\n" + fields.map { "  optional \($0);\n" }.joined() + "}\n" + messages.joined()
    let custom = try folder.write("custom.proto", text)
    return try cortado("proto", "merge", "--custom", custom, "-o", folder / "caffe.proto", "--json")
  }

  @Test func `scenario 1: a message of AMCT's name is an error that names both places`() throws {
    let quant = """
      message QuantParameter {
        optional bool with_offset = 1;
        optional float scale = 2;
      }

      """
    let outcome = try merge(
      [
        "QuantParameter quant_param = 208", "ReLU6Parameter relu6_param = 1000000",
        "ROIPoolingParameter roi_pooling_param = 8266711",
      ], [Self.relu6, Self.roiPooling, quant])
    outcome.expect(
      3, says: "custom.proto:2:27: error: field quant_param = 208 clashes with AMCT's own quant_param = 208",
      "built-in caffe.proto:",
      "custom.proto:18:9: error: message QuantParameter is AMCT's own; give yours another name",
      "built-in amct.proto:", "AMCT's message QuantParameter is here")
    #expect(!folder.has("caffe.proto"))
  }

  @Test func `scenario 2: a number of AMCT's is an error`() throws {
    let outcome = try merge(
      [
        "QuantParameter quant_param = 208", "ReLU6Parameter relu6_param = 1000000",
        "ROIPoolingParameter roi_pooling_param = 8266711",
      ], [Self.relu6, Self.roiPooling])
    outcome.expect(
      3, says: "custom.proto:2:27: error: field quant_param = 208 clashes with AMCT's own quant_param = 208")
    #expect(!outcome.err.contains("message QuantParameter is AMCT's own"))
    // The same field says the same wherever the file is given.
    try cortado("inspect", Sample.shapes.prototxt, "--proto", folder / "custom.proto").expect(
      3, says: "custom.proto:2:27: error: field quant_param = 208 clashes with AMCT's own quant_param = 208",
      "AMCT's quant_param = 208 is here")
  }

  @Test func `scenario 3: a number of ATC's under another name is an error with a number that is free`() throws {
    let outcome = try merge(
      ["ReLU6Parameter relu6_param = 206", "ROIPoolingParameter roi_pooling_param = 8266711"],
      [Self.relu6, Self.roiPooling])
    outcome.expect(
      3,
      says: "custom.proto:2:27: error: number 206 of LayerParameter is taken by ATC's norm_param; give relu6_param a "
        + "free number below 5000, 1000 for one", "ATC's norm_param = 206 is here")
  }

  @Test func `scenario 4: a field of ATC's name is taken from the custom file`() throws {
    let normalize = """
      message NormalizeParameter {
          optional bool across_spatial = 1 [default = true];
          // Initial value of scale. Default is 1.0 for all
          optional FillerParameter scale_filler = 2;
          // Whether or not scale parameters are shared across channels.
          optional bool channel_shared = 3 [default = true];
          // Epsilon for not dividing by zero while normalizing variance
          optional float eps = 4 [default = 1e-10];
      }

      """
    let outcome = try merge(
      [
        "ReLU6Parameter relu6_param = 1000000", "ROIPoolingParameter roi_pooling_param = 8266711",
        "NormalizeParameter norm_param = 206",
      ], [Self.relu6, Self.roiPooling, normalize])
    outcome.expect(
      0, says: "custom.proto:4:31: note: field norm_param = 206 replaces ATC's norm_param = 206",
      "note: message NormalizeParameter replaces the built-in one",
      "custom.proto:2:27: warning: number 1000000 of relu6_param is not below 5000 as recommended")
    let json = try outcome.json
    #expect(json["file"].string == folder / "caffe.proto" && json["isChanged"].bool == true)
    #expect(Set(json["fields"].strings) == ["relu6_param", "roi_pooling_param", "norm_param"])
    let merged = try folder.text("caffe.proto")
    #expect(merged.contains("optional .caffe.NormalizeParameter norm_param = 206;"))
    #expect(merged.contains("optional .caffe.QuantParameter quant_param = 208;"))
    #expect(merged.contains("optional .caffe.ReLU6Parameter relu6_param = 1000000;"))
    // The merged file says for other verbs what the custom one does.
    let net = try folder.write(
      "net.prototxt",
      """
      input: "x" input_shape { dim: 1 dim: 2 dim: 3 dim: 3 }
      layer { name: "r" type: "ReLU6" bottom: "x" top: "r" relu6_param { negative_slope: 0 } }
      layer { name: "n" type: "Normalize" bottom: "r" top: "n" norm_param { eps: 1e-5 } }
      """)
    for proto in ["custom.proto", "caffe.proto"] {
      let inspected = try cortado("inspect", net, "--proto", folder / proto, "--json")
      inspected.expect(0)
      #expect(try inspected.json["layers"].list.map { $0["known"].bool } == [true, true], "\(proto)")
    }
  }

  @Test func `the file that was there is kept, an equal one is left alone`() throws {
    _ = try folder.write("caffe.proto", "// mine\n")
    let fields = ["MineParameter mine_param = 3000"]
    let messages = ["message MineParameter { optional float x = 1; }\n"]
    let first = try merge(fields, messages)
    first.expect(0)
    #expect(try first.json["backup"].string == folder / "caffe.proto.bak")
    #expect(try folder.text("caffe.proto.bak") == "// mine\n")
    #expect(try first.json["fields"].strings == ["mine_param"])
    let again = try merge(fields, messages)
    #expect(try again.json["isChanged"].bool == false && again.json["backup"].string == nil)
    let other = try merge(["MineParameter mine_param = 3001"], messages)
    #expect(try other.json["backup"].string == folder / "caffe.proto.bak2")
    #expect(try folder.text("caffe.proto.bak2").contains("mine_param = 3000"))
    #expect(folder.names() == ["caffe.proto", "caffe.proto.bak", "caffe.proto.bak2", "custom.proto"])
  }

  @Test func `what is no .proto file is refused at its place, and nothing is written`() throws {
    let broken = try folder.write("broken.proto", "message LayerParameter {\n  optional Mine mine = ;\n}\n")
    try cortado("proto", "merge", "--custom", broken, "-o", folder / "caffe.proto").expect(
      3, says: "broken.proto:2:24: error: ")
    try cortado("proto", "merge", "--custom", folder / "none.proto", "-o", folder / "caffe.proto").expect(
      3, says: "none.proto")
    try cortado("proto", "merge").expect(64, says: "--custom")
    #expect(folder.names() == ["broken.proto"])
    let good = try folder.write("good.proto", "message M { optional float x = 1; }")
    try cortado("proto", "merge", "--custom", good, "-o", folder.path).expect(4, says: "it is a folder")
  }
}
