import CaffeFormat
import Foundation
import Testing

@testable import QuantEngine

@Suite("Fields of a weights file that the schema lacks") struct UnknownFieldsTests {
  /// Field 4000, varint 7: tag 4000 << 3 = 32000 = 0x80 0xfa 0x01.
  private let unknown: [UInt8] = [0x80, 0xfa, 0x01, 7]

  /// A length-delimited field below 128 bytes; the tag of `number` in one or two bytes.
  private func field(_ number: Int, _ payload: [UInt8]) -> [UInt8] {
    let tag = number << 3 | 2
    return (tag < 128 ? [UInt8(tag)] : [UInt8(tag & 127 | 128), UInt8(tag >> 7)]) + [UInt8(payload.count)] + payload
  }

  /// The net's message with what the weights file has besides.
  private func merged(_ layer: [UInt8]) throws -> ProtoMessage {
    let folder = NSTemporaryDirectory() + "cortado-unknown-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try """
    input: "data" input_shape { dim: 1 dim: 1 dim: 2 dim: 2 }
    layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
      convolution_param { num_output: 1 kernel_size: 1 bias_term: false } }
    """.write(toFile: folder + "/net.prototxt", atomically: true, encoding: .utf8)
    // One weight: shape { dim: [1, 1, 1, 1] }, data: [1.0].
    let blob = field(7, field(1, [1, 1, 1, 1])) + field(5, [0, 0, 0x80, 0x3f])
    let file = field(100, field(1, Array("conv".utf8)) + layer + field(7, blob)) + unknown
    try Data(file).write(to: URL(fileURLWithPath: folder + "/net.caffemodel"))
    let model = try LoadedModel(
      ModelFiles(prototxt: folder + "/net.prototxt", weights: folder + "/net.caffemodel"))
    var net = ProtoMessage("NetParameter")
    net.fields = model.graph.nodes.map { ProtoField("layer", .message($0.parameter.message)) }
    return model.addingUnknownBytes(to: net)
  }

  @Test func `are written again on every level`() throws {
    // num_output: 9 beside it.
    let net = try merged(unknown + field(106, [0x08, 9] + unknown))
    let layer = try #require(net.message("layer"))
    #expect(net.unknownBytes == unknown && layer.unknownBytes == unknown)
    #expect(layer.message("convolution_param")?.unknownBytes == unknown)
    #expect(layer.message("convolution_param")?.int("num_output") == 1, "known fields are the prototxt's")
  }

  @Test func `of parameters that the net's layer does not have are left out`() throws {
    let layer = try #require(try merged(field(121, unknown)).message("layer"))
    #expect(layer.unknownBytes.isEmpty && !layer.has("pooling_param"))
  }
}
