import Diagnostics
import Foundation
import Testing

@testable import CaffeFormat

@Suite("Custom .proto files")
struct CustomSchemaTests {
  func schema(_ text: String) throws -> ProtoSchema {
    let path = NSTemporaryDirectory() + "custom-\(UUID().uuidString).proto"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try AtomicFile.write(path: path, text: text)
    return try ProtoSchema(merging: [path])
  }

  /// What a user is told, without the name of the file.
  func complaint(_ text: String) -> [String] {
    do {
      return try schema(text).notes.flatMap(\.lines).map(Self.withoutFile)
    } catch let error as DiagnosticError {
      return error.diagnostics.flatMap(\.lines).map(Self.withoutFile)
    } catch {
      return ["\(error)"]
    }
  }

  /// Of a built-in file the name stays, its lines are those of its source.
  static func withoutFile(_ line: String) -> String {
    guard let end = line.range(of: ".proto:") else { return line }
    let rest = String(line[end.upperBound...])
    guard line.hasPrefix("built-in ") else { return rest }
    let parts = rest.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    return String(line[..<end.upperBound]) + (parts.last ?? "")
  }

  /// The sample of AMCT's manual.
  static let sample = """
    message LayerParameter {
      optional ReLU6Parameter relu6_param = 2060;
      optional ROIPoolingParameter roi_pooling_param = 8266711;
    }
    message ReLU6Parameter {
      optional float negative_slope = 1 [default = 0];
    }
    message ROIPoolingParameter {
      optional uint32 pooled_h = 1 [default = 0];
      optional uint32 pooled_w = 2 [default = 0];
      optional float spatial_scale = 3 [default = 1];
    }
    """

  @Test func `fields of a custom layer can be read`() throws {
    let schema = try schema(
      """
      syntax = "proto2";
      package domi.caffe;
      message LayerParameter { optional .domi.caffe.MineParameter mine_param = 3000; }
      message MineParameter {
        enum Kind { A = 0; B = 1; }
        optional float x = 1 [default = 2.5];
        repeated Kind kind = 2;
      }
      """)
    let net = try schema.parseText(
      "NetParameter", Array("layer { mine_param { x: 3 kind: B } }".utf8), file: "n")
    #expect(net.message("layer")?.message("mine_param")?.enumName("kind") == "B")
    #expect(schema.defaultValue("MineParameter", "x") == .real(2.5))
    #expect(schema.notes.isEmpty)
    #expect(schema.protoText.contains("mine_param = 3000"))
  }

  @Test func `the sample of the manual replaces built-in fields with a note`() throws {
    #expect(
      complaint(Self.sample) == [
        "2:27: note: field relu6_param = 2060 replaces the built-in relu6_param = 190010",
        "built-in caffe.proto: note: the built-in relu6_param = 190010 is here",
        "3:32: note: field roi_pooling_param = 8266711 replaces ATC's roi_pooling_param = 161",
        "built-in caffe.proto: note: ATC's roi_pooling_param = 161 is here",
        "3:32: warning: number 8266711 of roi_pooling_param is not below 5000 as recommended: AMCT's numbers begin at 200000",
        "5:9: note: message ReLU6Parameter replaces the built-in one",
        "built-in forks.proto: note: the built-in message ReLU6Parameter is here",
        "8:9: note: message ROIPoolingParameter replaces the built-in one",
        "built-in forks.proto: note: the built-in message ROIPoolingParameter is here",
      ])
    var relu = ProtoMessage("LayerParameter")
    relu.update("relu6_param", typeName: "ReLU6Parameter") { $0.set("negative_slope", .real(0)) }
    // Tag of field 2060, length-delimited: 2060 << 3 | 2 = 16482 = 0xe2 0x80 0x01.
    #expect(try schema(Self.sample).serialize(relu).prefix(3) == [0xe2, 0x80, 0x01])
  }

  @Test func `numbers not below 5000 are only warned about`() {
    #expect(
      complaint("message LayerParameter { optional M m_param = 8000; } message M {}") == [
        "1:37: warning: number 8000 of m_param is not below 5000 as recommended: 5000 to 199999 are ATC's"
      ])
  }

  @Test func `clashes with AMCT and with other fields are errors at their place`() {
    let amct = "message LayerParameter {\n  optional QuantParameter quant_param = 208;\n}"
    let quant = "built-in caffe.proto: note: AMCT's quant_param = 208 is here"
    #expect(
      complaint(amct) == ["2:27: error: field quant_param = 208 clashes with AMCT's own quant_param = 208", quant])
    #expect(
      complaint("message QuantParameter { optional bool x = 1; }") == [
        "1:9: error: message QuantParameter is AMCT's own; give yours another name",
        "built-in amct.proto: note: AMCT's message QuantParameter is here",
      ])
    let number = "message LayerParameter { optional M m_param = 206; optional M n_param = 1000; } message M {}"
    #expect(
      complaint(number) == [
        "1:37: error: number 206 of LayerParameter is taken by ATC's norm_param; give m_param a free number below 5000, "
          + "1001 for one",
        "built-in caffe.proto: note: ATC's norm_param = 206 is here",
      ])
    let ifmr = "built-in caffe.proto: note: AMCT's ifmr_param = 200001 is here"
    let high = "message LayerParameter { optional M m_param = 200001; } message M {}"
    #expect(
      complaint(high) == ["1:37: error: field m_param = 200001 clashes with AMCT's own ifmr_param = 200001", ifmr])
    let moved = "message LayerParameter { optional IFMRParameter ifmr_param = 70; }"
    #expect(
      complaint(moved) == ["1:49: error: field ifmr_param = 70 clashes with AMCT's own ifmr_param = 200001", ifmr])
    // Caffe's own numbers are as fixed as ATC's.
    let caffe = "message LayerParameter { optional M m_param = 106; } message M {}"
    #expect(
      complaint(caffe).first?.contains("number 106 of LayerParameter is taken by Caffe's convolution_param") == true)
    // Numbers of this project give way.
    #expect(
      complaint("message LayerParameter { optional M m_param = 290000; } message M {}") == [
        "1:37: warning: number 290000 of m_param is not below 5000 as recommended: AMCT's numbers begin at 200000"
      ])
  }

  @Test func `the same field under ATC's name and number is taken from the custom file`() {
    let text = "message LayerParameter { optional NormalizeParameter norm_param = 206; }"
    #expect(
      complaint(text) == [
        "1:54: note: field norm_param = 206 replaces ATC's norm_param = 206",
        "built-in caffe.proto: note: ATC's norm_param = 206 is here",
      ])
  }

  @Test func `bad .proto files are refused with line and column`() {
    #expect(
      complaint("message LayerParameter {\n  repeated M m_param = 3000;\n}\nmessage M {}") == [
        "2:14: error: fields of LayerParameter must be optional"
      ])
    #expect(
      complaint("message LayerParameter {\n  optional Missing m_param = 3000;\n}") == [
        "2:20: error: LayerParameter.m_param: \"Missing\" is not defined"
      ])
    #expect(complaint("message {").first?.hasPrefix("1:9: error: expected message name") == true)
    #expect(complaint("syntax = \"proto3\"; message A {}").first?.contains("proto2") == true)
    #expect(!complaint(String(repeating: "message A {", count: 10_000)).isEmpty)
    #expect(throws: DiagnosticError.self) { try ProtoSchema(merging: ["/no/such/file.proto"]) }
  }

  @Test func `a whole caffe.proto of a fork brings its own numbers`() throws {
    let schema = try schema(
      """
      syntax = "proto2";
      package caffe;
      message LayerParameter {
        optional string name = 1;
        optional string type = 2;
        optional DetectionOutputParameter detection_output_param = 204;
        optional QuantParameter quant_param = 208;
        optional ClipParameter clip_param = 148;
      }
      message ClipParameter { required float min = 1; required float max = 2; }
      message DetectionOutputParameter { optional uint32 num_classes = 1; }
      message QuantParameter { optional bytes offset = 3; }
      """)
    let text = "layer { name: 'd' detection_output_param { num_classes: 2 share_location: true } relu_param {} }"
    let net = try schema.parseText("NetParameter", Array(text.utf8), file: "n")
    let bytes = try schema.serialize(net)
    // a2 06 .. : name, relu_param (123: da 07), detection_output_param (204: e2 0c)
    #expect(bytes.dropFirst(6) == [0xda, 0x07, 0, 0xe2, 0x0c, 4, 0x08, 2, 0x10, 1])
    #expect(schema.fieldNumbers(of: "LayerParameter")["clip_param"] == 300000)
    #expect(schema.notes.map(\.text) == ["field clip_param keeps AMCT's number 300000"])
    let merged = try self.schema(schema.protoText)
    #expect(merged.fieldNumbers(of: "LayerParameter") == schema.fieldNumbers(of: "LayerParameter"))
  }
}
