import Diagnostics
import Tensors
import Testing

@testable import CaffeFormat

@Suite("Nets")
struct NetParameterTests {
  let schema: ProtoSchema
  init() throws { schema = try ProtoSchema.builtIn() }

  func net(
    _ text: String, phase: Phase = .test, level: Int = 0, stages: [String] = []
  ) throws -> NetParameter {
    var log = DiagnosticLog()
    return try NetParameter.parse(
      Array(text.utf8), file: "n.prototxt", schema: schema, phase: phase, level: level, stages: stages, log: &log)
  }

  func complaint(_ text: String) -> String {
    do {
      _ = try net(text)
      return ""
    } catch { return "\(error)" }
  }

  static let rules = """
    layer { name: "always" type: "ReLU" }
    layer { name: "train" type: "ReLU" include { phase: TRAIN } }
    layer { name: "test" type: "ReLU" include { phase: TEST } }
    layer { name: "not test" type: "ReLU" exclude { phase: TEST } }
    layer { name: "deep" type: "ReLU" include { min_level: 1 max_level: 2 } }
    layer { name: "staged" type: "ReLU" include { stage: "a" not_stage: "b" } }
    layer { name: "either" type: "ReLU" include { phase: TRAIN } include { stage: "a" } }
    """

  @Test func `include and exclude rules are held against phase, level and stages`() throws {
    #expect(try net(Self.rules).layers.map(\.name) == ["always", "test"])
    #expect(try net(Self.rules, phase: .train).layers.map(\.name) == ["always", "train", "not test", "either"])
    #expect(try net(Self.rules, level: 2).layers.map(\.name) == ["always", "test", "deep"])
    #expect(try net(Self.rules, level: 3).layers.map(\.name) == ["always", "test"])
    #expect(try net(Self.rules, stages: ["a"]).layers.map(\.name) == ["always", "test", "staged", "either"])
    #expect(try net(Self.rules, stages: ["a", "b"]).layers.map(\.name) == ["always", "test", "either"])
    #expect(try net("state { stage: 'a' }" + Self.rules).layers.map(\.name) == ["always", "test", "staged", "either"])
  }

  @Test func `both kinds of rules on one layer are an error`() {
    let text = "layer { name: 'x' type: 'ReLU' include { phase: TEST } exclude { phase: TRAIN } }"
    #expect(complaint(text).hasPrefix("n.prototxt:1:56: error: layer 'x' has include and exclude rules"))
  }

  @Test func `net-level inputs take their shape from input_shape, input_dim or nothing`() throws {
    let layer = "layer { name: 'r' type: 'ReLU' bottom: 'a' top: 'a' }"
    let dims = try net("input: 'a' input: 'b' input_dim: [1, 3, 8, 9, 1, 1, 2, 5] " + layer)
    #expect(dims.inputs.map(\.name) == ["a", "b"])
    #expect(dims.inputs.map(\.shape) == [[1, 3, 8, 9], [1, 1, 2, 5]])
    let shapes = try net("input: 'a' input_shape { dim: 1 dim: 10 } " + layer)
    #expect(shapes.inputs[0].shape == [1, 10])
    #expect(try net("input: 'a' " + layer).inputs[0].shape == nil)
    #expect(complaint("input: 'a' input_dim: [1, 3] " + layer).contains("4 input_dim, but 2 are given"))
    #expect(complaint("input: 'a' input_shape {} input_shape {} " + layer).contains("1 inputs but 2 input_shape"))
    #expect(complaint("input: 'a' input_shape { dim: -2 } " + layer).contains("[-2]"))
  }

  @Test func `writing keeps the net-level fields and takes names from the layers`() throws {
    var parsed = try net(
      "name: 'n' input: 'a' input_dim: [1, 3, 8, 9] force_backward: true "
        + "layer { name: 'r' type: 'ReLU' bottom: 'a' top: 'a' }")
    parsed.layers[0].tops = ["b"]
    #expect(
      try schema.printText(parsed.encoded()) == """
        name: "n"
        input: "a"
        input_dim: 1
        input_dim: 3
        input_dim: 8
        input_dim: 9
        force_backward: true
        layer {
          name: "r"
          type: "ReLU"
          bottom: "a"
          top: "b"
        }

        """)
  }

  @Test func `params are read with Caffe's defaults`() throws {
    let layer = try net(
      "layer { name: 'c' type: 'Convolution' param { name: 'w' lr_mult: 2 share_mode: PERMISSIVE } "
        + "param { decay_mult: 0 } }"
    ).layers[0]
    #expect(layer.params.map(\.name) == ["w", ""])
    #expect(layer.params.map(\.lrMult) == [2, 1])
    #expect(layer.params.map(\.decayMult) == [1, 0])
    #expect(layer.params.map(\.permissive) == [true, false])
  }

  @Test func `a net without layers is refused`() {
    #expect(complaint("name: 'n'").contains("the net has no layers"))
    #expect(complaint("").contains("the net has no layers"))
    #expect(
      complaint("layer { name: 'a' type: 'ReLU' include { phase: TRAIN } }").contains("no layer of the net is"))
  }

  @Test func `a binary net reads as its text`() throws {
    let text = try net(Self.rules, stages: ["a"])
    let bytes = try schema.serialize(text.encoded())
    var log = DiagnosticLog()
    let binary = try NetParameter.parse(bytes, file: "n", schema: schema, stages: ["a"], log: &log)
    let isSame = binary.encoded() == text.encoded()
    #expect(isSame)
  }

  @Test func `old BatchNorm params are dropped`() throws {
    let layers = try net(
      """
      layer { name: 'b' type: 'BatchNorm' param { lr_mult: 0 } param { lr_mult: 0 } param { lr_mult: 0 } }
      layer { name: 'c' type: 'Convolution' param { lr_mult: 0 } param { lr_mult: 0 } param { lr_mult: 0 } }
      """
    ).layers
    #expect(layers.map(\.params.count) == [0, 3])
    #expect(!layers[0].message.has("param"))
  }
}
