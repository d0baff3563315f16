import CaffeFormat
import Diagnostics
import Engine
import Foundation
import LayerGraph
import Layers
import Quantization
import Tensors
import TestSupport

/// Good files of the sample nets.
enum Samples {
  static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "Samples/\(path)")))
  }

  static func graph(_ net: String) throws -> Graph {
    let schema = try ProtoSchema.builtIn()
    var log = DiagnosticLog()
    let net = try NetParameter.load(path: "Samples/\(net)/\(net).prototxt", schema: schema, log: &log)
    return try Graph.build(
      name: net.name, header: net.message, inputs: net.inputs, layers: net.layers, catalog: .builtIn, log: &log)
  }

  /// One small net for every layer type that can stand behind plain inputs.
  static func netsOfTypes(_ schema: ProtoSchema) -> [[UInt8]] {
    LayerCatalog.builtIn.types.compactMap { type in
      guard let example = LayerCatalog.exampleParameter(of: type, schema) else { return nil }
      let text =
        example.bottoms.map { NetText.input($0, [2, 4, 6, 6]) }.joined()
        + NetText.layer(
          "example", type.caffeType, example.bottoms, example.tops, LayerNote.all[type.caffeType]?.example ?? "")
      return Array(text.utf8)
    }
  }

  /// All field names of a message and of those it holds.
  static func words(_ schema: ProtoSchema, _ type: String) -> [String] {
    var seen: Set<String> = []
    var words: [String] = []
    func add(_ type: String) {
      guard seen.insert(type).inserted else { return }
      for field in schema.fields(of: type) {
        words.append(field.name)
        if field.isMessage { add(field.type) }
      }
    }
    add(type)
    return words
  }
}

extension FuzzFormat {
  /// The net's text: read, built with shapes, given a config; now and then planned and run when it stayed small.
  static let prototxt = FuzzFormat(
    name: "prototxt", ending: "prototxt",
    seeds: {
      try [Samples.bytes("shapes/shapes.prototxt"), Samples.bytes("digits/digits.prototxt")]
        + Samples.netsOfTypes(.builtIn())
    },
    dictionary: {
      try Samples.words(.builtIn(), "NetParameter") + LayerCatalog.builtIn.types.map { $0.caffeType } + [
        "true", "false", "MAX", "AVE", "TRAIN", "TEST", "{", "}", "layers", "b0", "t0", "\"\"",
      ]
    },
    reader: {
      let schema = try ProtoSchema.builtIn()
      return { (bytes: [UInt8], index: Int) throws(DiagnosticError) -> Bool in
        var log = DiagnosticLog()
        let net = try NetParameter.parse(bytes, file: "net.prototxt", schema: schema, log: &log)
        let graph = try Graph.build(
          name: net.name, header: net.message, inputs: net.inputs, layers: net.layers, catalog: .builtIn, log: &log)
        _ = try? QuantConfig.initial(graph: graph, log: &log)
        if index % 8 == 0 { try run(graph, &log) }
        return true
      }
    })

  private static func run(_ graph: Graph, _ log: inout DiagnosticLog) throws(DiagnosticError) {
    guard graph.netInputs.count + graph.nodes.count < 40 else { return }
    var values = 0
    for node in graph.nodes {
      let bottoms = node.bottoms.compactMap(graph.shape)
      guard let layer = node.layer, bottoms.count == node.bottoms.count, let specs = try? layer.paramBlobs(bottoms)
      else { return }
      for shape in bottoms + node.tops.compactMap(graph.shape) + specs.map(\.shape) {
        values = values.addingReportingOverflow(shape.count).partialValue
      }
      if values > 1 << 17 || values < 0 { return }
    }
    let bound = try graph.binding([:], source: "no file", missing: .random(seed: 3), log: &log)
    let plan = try Plan(bound, PlanOptions(threads: 1))
    let run = try Run(plan)
    for (blob, tensor) in GraphRun.inputs(bound) { try run.setInput(blob, tensor) }
    try run.execute()
  }

  /// Weights bound to the net they belong to.
  static let caffemodel = FuzzFormat(
    name: "caffemodel", ending: "caffemodel",
    seeds: {
      let text = """
        layer { name: "conv1" type: "Convolution" blobs { shape { dim: 2 dim: 1 dim: 1 dim: 1 } data: 1 data: 2 } }
        layer { name: "fc" blobs { num: 1 channels: 1 height: 1 width: 2 double_data: 3 double_data: 4 } }
        """
      return try [
        Samples.bytes("shapes/shapes.caffemodel"), Array(Samples.bytes("shapes/shapes.caffemodel").prefix(4096)),
        Array(text.utf8), Samples.small,
      ]
    }, dictionary: { ["conv1", "blobs", "shape", "dim", "data", "int8_data", "uint64_data", "layers"] },
    reader: {
      let schema = try ProtoSchema.builtIn()
      let graph = try Samples.graph("shapes")
      return { (bytes: [UInt8], _: Int) throws(DiagnosticError) -> Bool in
        var log = DiagnosticLog()
        let file = try WeightsFile(bytes: bytes, path: "net.caffemodel", schema: schema)
        let values = Dictionary(file.layers.map { ($0.name, $0.blobs.map(\.values)) }) { $1 }
        _ = try graph.binding(values, source: "net.caffemodel", missing: .fillers, log: &log)
        return true
      }
    })

  /// A user's schema laid over the built-in one.
  static let customProto = FuzzFormat(
    name: "custom.proto", ending: "proto",
    seeds: {
      let text = """
        syntax = "proto2";
        package caffe;
        message LayerParameter { optional MineParameter mine_param = 1000; optional ROIPoolingParameter roi_param = 1001; }
        message MineParameter { optional uint32 size = 1 [default = 3]; repeated float scale = 2; optional Kind kind = 3;
          enum Kind { A = 0; B = 1; } }
        """
      return try [Array(text.utf8), Samples.bytes("plugin/example_layers.proto")]
    },
    dictionary: {
      [
        "optional", "required", "repeated", "message", "enum", "oneof", "map<string, int32>", "extend", "extensions",
        "reserved", "import \"caffe.proto\";", "package", "syntax", "proto3", "LayerParameter", "NetParameter",
        "quant_param", "ifmr_param", "convolution_param", "default", "packed", "group", "service", "536870912",
      ]
    },
    reader: {
      let path = Samples.scratch("custom.proto")
      return { (bytes: [UInt8], _: Int) throws(DiagnosticError) -> Bool in
        Samples.write(bytes, path)
        _ = try ProtoSchema(merging: [path])
        return true
      }
    })
}
