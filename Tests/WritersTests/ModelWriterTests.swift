import CaffeFormat
import LayerGraph
import Quantization
import Tensors
import Testing

@testable import Writers

@Suite struct ModelWriterTests {
  @Test func `the deploy model has codes, integer biases and packed factors`() throws {
    let blobs = DeployModelWriter.blobs(try WrittenModel.make())
    #expect(blobs.keys.sorted() == ["conv", "conv_dequant_layer", "prelu"])
    // deq = 0.5 * 0.25 and 0.5 * 0.125: 0.25 / 0.125 = 2, -1 / 0.0625 = -16.
    #expect(blobs["conv"] == [.int8([2, 2, 1, 1], [4, -8, 24, -32]), .int32([2], [2, -16])])
    // 0.125 = 2^-3: exponent 127 - 3 = 0x7c, bits 0x3e000000; 0.0625 is one exponent less.
    #expect(blobs["conv_dequant_layer"] == [.uint64([2], [0x3e00_0000, 0x3d80_0000])])
    #expect(blobs["prelu"] == [.float(Tensor(shape: [2], [0.5, 0.75]))])
  }

  @Test func `shift and weight offset stand above the scale's bits`() throws {
    let model = try WrittenModel.make()
    let node = try #require(model.graph.node(named: "conv_dequant_layer"))
    let graph = model.graph.replacingParams(
      of: node.id, [Tensor(shape: [2], [0.125, 1]), Tensor(shape: [2], [5, 16]), Tensor(shape: [2], [-2, 127])])
    let changed = try #require(graph.node(named: "conv_dequant_layer"))
    // Offset -2 is the byte 0xfe; 1.0 is 0x3f800000.
    #expect(DeployModelWriter.packed(changed) == [0xfe05_3e00_0000, 0x7f10_3f80_0000])
  }

  @Test func `the fake-quant model is all float`() throws {
    let blobs = FakeQuantModelWriter.blobs(try WrittenModel.make())
    #expect(blobs["conv"] == [.float(Tensor(shape: [2, 2, 1, 1], [1, -2, 3, -4])), .float(Tensor(shape: [2], [0.25, -1]))])
    let zeros = Tensor(shape: [2])
    #expect(blobs["conv_dequant_layer"] == [.float(Tensor(shape: [2], [0.125, 0.0625])), .float(zeros), .float(zeros)])
    #expect(blobs["prelu"] == [.float(Tensor(shape: [2], [0.5, 0.75]))])
  }
}
