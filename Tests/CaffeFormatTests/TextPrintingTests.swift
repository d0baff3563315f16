import Diagnostics
import Testing

@testable import CaffeFormat

@Suite("Printing and encoding")
struct TextPrintingTests {
  let schema: ProtoSchema
  init() throws { schema = try ProtoSchema.builtIn() }

  @Test func `fields are printed by number with two spaces of indent, repeated ones a line each`() throws {
    var layer = ProtoMessage("LayerParameter")
    layer.set("type", .string("Pooling"))
    layer.set("name", .string("p"))
    layer.setAll("bottom", [.string("a"), .string("b")])
    layer.update("pooling_param", typeName: "PoolingParameter") {
      $0.set("pool", .enumeration(name: "AVE", number: 1))
      $0.set("global_pooling", .bool(true))
    }
    #expect(
      try schema.printText(layer) == """
        name: "p"
        type: "Pooling"
        bottom: "a"
        bottom: "b"
        pooling_param {
          pool: AVE
          global_pooling: true
        }

        """)
  }

  /// Each is the shortest decimal that rounds to the same float32: 0.1 is 0x3dcccccd, 16777216 = 2^24,
  /// 3.4028235e+38 and 1e-45 the largest and the smallest positive float; 0.024132151 from a record of AMCT's.
  @Test(arguments: [
    (Float(1), "1"), (0.1, "0.1"), (0.024132151, "0.024132151"), (0.00001, "1e-05"), (0.0001, "0.0001"),
    (100000, "100000"), (1_000_000, "1e+06"), (16_777_216, "16777216"), (123456.7, "123456.7"), (-2.5, "-2.5"),
    (3.4028235e38, "3.4028235e+38"), (Float(bitPattern: 1), "1e-45"), (0, "0"), (-0.0, "-0"),
    (.infinity, "inf"), (0.051592775, "0.051592775"), (1.554879, "1.554879"), (1.0 / 3, "0.33333334"),
  ])
  func `floats are printed as the shortest decimal that reads back`(_ value: Float, _ text: String) throws {
    var m = ProtoMessage("ActivationQuantParam")
    m.set("scale_d", .real(Double(value)))
    #expect(try schema.printText(m) == "scale_d: \(text)\n")
    let again = try schema.parseText("ReLUParameter", Array("negative_slope: \(text)".utf8), file: "f")
    #expect(again.float("negative_slope")?.bitPattern == value.bitPattern)
  }

  @Test func `text keeps UTF-8 and escapes the rest`() throws {
    var m = ProtoMessage("NetParameter")
    m.set("name", .string("卷积\"\\\n\u{1}"))
    #expect(try schema.printText(m) == "name: \"卷积\\\"\\\\\\n\\001\"\n")
    let again = try schema.parseText("NetParameter", Array(try schema.printText(m).utf8), file: "f")
    #expect(again == m)
  }

  /// name is field 1, type 2, both length-delimited: tags 0x0a and 0x12; loss_weight field 5 fixed32, not packed: 0x2d,
  /// with 1.0f = 0x3f800000; phase field 10 varint: 0x50.
  @Test func `wire bytes are those of the protobuf encoding`() throws {
    var layer = ProtoMessage("LayerParameter")
    layer.set("phase", .enumeration(name: "TEST", number: 1))
    layer.set("loss_weight", .int(1))
    layer.set("name", .string("c"))
    layer.set("type", .string("ab"))
    let bytes = try schema.serialize(layer)
    #expect(bytes == [0x0a, 1, 0x63, 0x12, 2, 0x61, 0x62, 0x2d, 0, 0, 0x80, 0x3f, 0x50, 1])
    #expect(
      try schema.parseBinary("LayerParameter", bytes, file: "f").fields.map(\.name) == [
        "name", "type", "loss_weight", "phase",
      ])
  }

  /// Fields 4000 (varint 7; tag 4000 << 3 = 32000 = 0x80 0xfa 0x01) are unknown at both levels.
  @Test func `unknown bytes survive reading and writing at every level`() throws {
    let unknown: [UInt8] = [0x80, 0xfa, 0x01, 7]
    let relu = [0x0d, 0, 0, 0, 0x3f] + unknown  // negative_slope 0.5
    let layer = [0x0a, 1, 0x63] + [0xda, 0x07, UInt8(relu.count)] + relu + unknown  // relu_param = 123
    let net = [0xa2, 0x06, UInt8(layer.count)] + layer
    let message = try schema.parseBinary("NetParameter", net, file: "f")
    #expect(message.message("layer")?.unknownBytes == unknown)
    #expect(message.message("layer")?.message("relu_param")?.unknownBytes == unknown)
    #expect(try schema.serialize(message) == net)
  }

  @Test func `fields that do not exist or do not fit are refused`() {
    for (name, value) in [
      ("nothing", ProtoValue.int(1)), ("name", .int(1)), ("phase", .string("TEST")), ("loss_weight", .bool(true)),
    ] {
      var m = ProtoMessage("LayerParameter")
      m.set(name, value)
      #expect(throws: DiagnosticError.self) { try schema.printText(m) }
    }
    var m = ProtoMessage("ConvolutionParameter")
    m.set("num_output", .int(-1))
    #expect(throws: DiagnosticError.self) { try schema.serialize(m) }
  }

  @Test func `defaults come from the schema`() {
    #expect(schema.defaultValue("ConvolutionParameter", "group") == .uint(1))
    #expect(schema.defaultValue("LRNParameter", "beta") == .real(0.75))
    #expect(schema.defaultValue("EltwiseParameter", "operation") == .enumeration(name: "SUM", number: 1))
    #expect(schema.defaultValue("FillerParameter", "type") == .string("constant"))
    #expect(schema.defaultValue("ConvolutionParameter", "kernel_h") == .uint(0))
    #expect(schema.defaultValue("LayerParameter", "relu_param") == nil)
    #expect(schema.defaultValue("NoSuch", "x") == nil)
  }

  @Test func `damaged binaries are refused`() throws {
    let schema = schema
    let good: [UInt8] = [0xa2, 0x06, 3, 0x0a, 1, 0x63]
    _ = try schema.parseBinary("NetParameter", good, file: "f")
    for n in 1..<good.count {
      #expect(throws: DiagnosticError.self) { try schema.parseBinary("NetParameter", Array(good[..<n]), file: "f") }
    }
    let nested = [UInt8](repeating: 0x0b, count: 100_000)  // start-group after start-group
    #expect(throws: DiagnosticError.self) { try schema.parseBinary("NetParameter", nested, file: "f") }
  }
}
