import CaffeFormat
import Foundation
import Tensors
import Testing

/// Data of 9 to 16 bits, with and without offset, layer by layer and input by input, in every file that tells of them.
@Suite struct `Data of more than eight bits` {
  private let folder = TemporaryFolder()

  private func net(_ kind: String) throws -> ProtoMessage {
    try ProtoSchema.builtIn().parseText(
      "NetParameter", [UInt8](folder.bytes("out/net_\(kind)_model.prototxt")), file: kind)
  }

  private func quantParam(_ net: ProtoMessage, _ layer: String) throws -> ProtoMessage {
    try #require(net.messages("layer").first { $0.string("name") == layer }?.message("quant_param"), "\(layer)")
  }

  private func record() throws -> [ProtoMessage] {
    try ProtoSchema.builtIn().parseText(
      "CalibrationParam", [UInt8](folder.bytes("out/net_quant_param_record.txt")), file: "record"
    ).messages("layer")
  }

  /// What one layer of the binary record says, read by the wire format alone: fields 1 name, 2 calc_data_type, 3
  /// quant_param { 1 input { 1 data_type, 2 scale, 3 offset }, 2 weight }.
  private struct BinaryLayer: Equatable {
    var name = ""
    var type = -1
    var inputs: [[Float]] = []
    var weight: [Float] = []
  }

  private static func fields(_ bytes: ArraySlice<UInt8>) -> [(number: Int, varint: Int, bytes: ArraySlice<UInt8>)] {
    var rest = bytes
    func varint() -> Int {
      var (value, shift) = (0, 0)
      while let byte = rest.popFirst() {
        value |= Int(byte & 127) << shift
        shift += 7
        if byte < 128 { break }
      }
      return value
    }
    var out: [(number: Int, varint: Int, bytes: ArraySlice<UInt8>)] = []
    while !rest.isEmpty {
      let tag = varint()
      if tag & 7 == 0 {
        out.append((tag >> 3, varint(), []))
        continue
      }
      let length = tag & 7 == 5 ? 4 : varint()
      out.append((tag >> 3, 0, rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return out
  }

  /// Type, then the values of the fields 2 and 3, each an element with a tag of its own.
  private static func factors(_ bytes: ArraySlice<UInt8>) -> [Float] {
    fields(bytes).map { field in
      if field.number == 1 { return Float(field.varint) }
      return Float(bitPattern: field.bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
  }

  private func binaryRecord() throws -> [BinaryLayer] {
    try Self.fields([UInt8](folder.bytes("out/net_quant_param_record.bin"))[...]).filter { $0.number == 2 }.map {
      entry in
      var layer = BinaryLayer()
      for field in Self.fields(entry.bytes) {
        switch field.number {
        case 1: layer.name = String(decoding: field.bytes, as: UTF8.self)
        case 2: layer.type = field.varint
        default:
          for factor in Self.fields(field.bytes) {
            if factor.number == 1 {
              layer.inputs.append(Self.factors(factor.bytes))
            } else {
              layer.weight = Self.factors(factor.bytes)
            }
          }
        }
      }
      return layer
    }
  }

  /// The same of the text, through the schema.
  private func textRecord() throws -> [BinaryLayer] {
    let types = ["U4": 1, "S8": 2, "S16": 4]
    func factors(_ m: ProtoMessage) -> [Float] {
      [Float(types[m.enumName("data_type") ?? ""] ?? -1)] + m.floats("scale") + m.floats("offset")
    }
    return try record().map { layer in
      let param = try #require(layer.message("quant_param"))
      return BinaryLayer(
        name: layer.string("name") ?? "", type: types[layer.enumName("calc_data_type") ?? ""] ?? -1,
        inputs: param.messages("input").map(factors), weight: param.message("weight").map(factors) ?? [])
    }
  }

  @Test func `a run's bits and offsets per layer and input reach every file`() throws {
    let config = folder / "config.json"
    try cortado(["config", "init"] + Sample.shapes.model + ["-o", config]).expect(0)
    for change in [
      "conv1.activation_quant_params.num_bits=12", "conv1.activation_quant_params.with_offset=false",
      "res2.activation_quant_params[0].num_bits=9", "res2.activation_quant_params[0].with_offset=false",
      "res2.activation_quant_params[1].num_bits=16", "fc6.activation_quant_params.num_bits=16",
    ] { try cortado("config", "set", change, "--config", config).expect(0) }
    let outcome = try cortado(
      ["quantize"] + Sample.shapes.model + Sample.shapes.calibration
        + ["--config", config, "--work", folder / "run", "--out", folder / "out/net", "--json"])
    outcome.expect(0)
    let layers = try outcome.json["layers"]
    #expect(layers.first("layer", "conv1")["num_bits_d"].ints == [12])
    #expect(layers.first("layer", "res2")["num_bits_d"].ints == [9, 16])
    // conv1 sees values of both signs, res2 and fc6 those behind ReLU and pooling: the least code is that of 0.
    #expect(layers.first("layer", "conv1")["offset_d"].ints == [0])
    #expect(layers.first("layer", "res2")["offset_d"].ints[0] == 0)
    #expect(layers.first("layer", "fc6")["offset_d"].ints == [-32768])

    let (fake, deploy) = (try net("fake_quant"), try net("deploy"))
    for (inserted, layer, index) in [
      ("conv1_quant_layer", "conv1", 0), ("res2_quant_layer", "res2", 0), ("res2_quant_layer_1", "res2", 1),
      ("fc6_quant_layer", "fc6", 0), ("conv5_quant_layer", "conv5", 0),
    ] {
      let want = layers.first("layer", layer)
      let bits = want["num_bits_d"].ints[index]
      for param in [try quantParam(fake, inserted), try quantParam(deploy, inserted)] {
        #expect(param.int("num_bits_d") == bits && param.int("offset") == want["offset_d"].ints[index], "\(inserted)")
        #expect(param.float("scale") == Float(1 / Double(want["scale_d"].floats[index])), "\(inserted)")
        #expect(
          param.bool("with_offset") == !["conv1_quant_layer", "res2_quant_layer"].contains(inserted), "\(inserted)")
        #expect(param.int("index") == index && param.string("object_layer") == layer)
      }
    }
    let saved = try folder.text("run/scale_offset_record.txt")
    for bits in [9, 12, 16] { #expect(saved.contains("num_bits_d: \(bits)\n")) }

    let record = try textRecord()
    #expect(record == (try binaryRecord()), "text and binary hold the same")
    func entry(_ name: String) throws -> BinaryLayer { try #require(record.first { $0.name == name }) }
    // 2 is S8, 4 is S16; the weights keep 8 bits.
    #expect(try entry("conv1").type == 4 && entry("conv1").inputs.map { $0[0] } == [4] && entry("conv1").weight[0] == 2)
    #expect(try entry("res2").type == 4 && entry("res2").inputs.map { $0[0] } == [4, 4] && entry("res2").weight == [])
    #expect(try entry("conv5").type == 2 && entry("conv5").inputs.map { $0[0] } == [2])
    #expect(try entry("fc6").inputs[0].last == -32768)
  }

  @Test func `the inputs of one layer may be of eight bits and of more`() throws {
    try convert(
      "record { key: \"res2\" value { record_d { scale_d: 0.5 offset_d: -128 index: 0 } "
        + "record_d { scale_d: 0.25 offset_d: 3 index: 1 num_bits_d: 9 } } }", of: .shapes)
    let layer = try #require(try binaryRecord().first)
    #expect(layer == BinaryLayer(name: "res2", type: 4, inputs: [[2, 2, -128], [4, 4, 3]], weight: []))
    #expect(try textRecord() == [layer])
  }

  private func convert(_ record: String, of sample: Sample) throws {
    try cortado(
      ["convert"] + sample.model + ["--record", try folder.write("r.txt", record), "--out", folder / "out/net"]
    ).expect(0)
  }

  /// Every width from 8 to 16, offsets at both ends of the codes: what the Quant layer makes of conv2's input, by the
  /// formula of amct-facts 1.1 written out here.
  @Test(arguments: 8...16) func `the fake-quant net computes with the bits and the offset`(_ bits: Int) throws {
    let top = 1 << (bits - 1)
    let (low, high) = (Float(-top), Float(top - 1))
    let images = Sample.digits.evaluation + ["--limit", "2", "--dump", "layers"]
    try cortado(["forward"] + Sample.digits.model + images + ["--out", folder / "float"]).expect(0)
    let x = try NumpyFile.readTensor(folder / "float/pool1.0.npy")
    for (offset, step) in [(-top, Float(0.001)), (top - 1, 0.003), (5, 0.0625)] {
      try convert(
        "record { key: \"conv2\" value { scale_w: 0.01 offset_w: 0 "
          + "record_d { scale_d: \(step) offset_d: \(offset) index: 0 num_bits_d: \(bits) } } }", of: .digits)
      let net = ["model.prototxt", "weights.caffemodel"].map { folder / "out/net_fake_quant_\($0)" }
      try cortado(["forward"] + net + images + ["--out", folder / "fake"]).expect(0)
      let y = try NumpyFile.readTensor(folder / "fake/conv2_quant_layer.0.npy")
      let stored = Float(1 / Double(Float(1 / Double(step))))
      let want = x.array.map { value in
        let code = min(high, max(low, (value / stored).rounded(.toNearestOrAwayFromZero) + Float(offset)))
        return (code - Float(offset)) * stored
      }
      #expect(y.array == want, "offset \(offset)")
      #expect(Set(want).count > 1 || offset == top - 1, "the range holds more than one value")
      let type = bits == 8 ? 2 : 4
      let layer = try #require(try binaryRecord().first)
      #expect(layer.type == type && layer.inputs == [[Float(type), Float(1 / Double(step)), Float(offset)]])
      #expect(try textRecord() == [layer])
    }
  }

  @Test func `float layers read quantized data-only layers through AntiQuant, whatever the bits`() throws {
    try convert(
      "record { key: \"pool1\" value { record_d { scale_d: 0.01 offset_d: 0 index: 0 num_bits_d: 12 } } }", of: .digits)
    for kind in ["fake_quant", "deploy"] {
      let names = try net(kind).messages("layer").compactMap { $0.string("name") }
      #expect(
        names.prefix(6) == ["data", "conv1", "pool1_quant_layer", "pool1", "pool1_anti_quant_layer", "conv2"], "\(kind)"
      )
    }
    let net = ["model.prototxt", "weights.caffemodel"].map { folder / "out/net_fake_quant_\($0)" }
    try cortado(
      ["forward"] + net + Sample.digits.evaluation + ["--limit", "1", "--dump", "layers", "--out", folder / "dump"]
    ).expect(0)
    let pair = try ["pool1", "pool1_anti_quant_layer"].map { try NumpyFile.readTensor(folder / "dump/\($0).0.npy") }
    #expect(pair[0] == pair[1], "it changes no value")
  }
}
