import LayerGraph
import Quantization
import Tensors
import TestSupport
import Testing

@Suite("QuantizedModel") struct QuantizedModelTests {
  private func model(
    bias: [Float], codes: [String: [Int8]] = ["conv": [1, -2, 3, -4], "fc": Array(repeating: 5, count: 64)]
  ) throws -> QuantizedModel {
    let graph = try NetText.graph(
      NetText.input("data", [1, 2, 4, 4])
        + NetText.layer("conv", "Convolution", ["data"], ["conv"], StageNet.convolution)
        + NetText.layer(
          "fc", "InnerProduct", ["conv"], ["fc"], "inner_product_param { num_output: 2 bias_term: false }"),
      params: ["conv": [Tensor(shape: [2, 2, 1, 1], [1, -2, 3, -4]), Tensor(shape: [2], bias)]])
    func data(_ scale: Float) -> LayerRecord.Data {
      .init(index: 0, scale: scale, offset: 0, numBits: 8, channels: 2, height: 4, width: 4)
    }
    let record = FactorRecord(layers: [
      LayerRecord(layer: "conv", weightScales: [0.25, 0.5], data: [data(0.5)]),
      LayerRecord(layer: "fc", weightScales: [1], data: [data(1)]),
    ])
    return try QuantizedModel(
      graph, record: record, weightCodes: codes, absorbed: ["conv": ["bn"]], name: "net", withOffset: { _, _ in true })
  }

  @Test func `weights go along as codes, biases in units of the accumulator`() throws {
    let model = try model(bias: [0.3125, -0.875])
    let conv = try #require(model.codes["conv"])
    #expect(conv.weights == [1, -2, 3, -4] && conv.weightShape == [2, 2, 1, 1])
    // deq = 0.5 * 0.25 and 0.5 * 0.5: 0.3125 / 0.125 = 2.5 -> 2, -0.875 / 0.25 = -3.5 -> -4, half to even.
    #expect(conv.bias == [2, -4])
    #expect(model.codes["fc"]?.bias == nil)
    #expect(model.codes["fc"]?.weightShape == [2, 32])
    #expect(
      model.graph.nodes.map(\.name) == [
        "conv_quant_layer", "conv", "conv_dequant_layer", "fc_quant_layer", "fc", "fc_dequant_layer",
      ])
    #expect(model.graph.node(named: "conv")?.params[1].array == [0.3125, -0.875], "the fake-quantized net stays float")
  }

  @Test func `the biases of a grouped Deconvolution take the steps that its groups share`() throws {
    let graph = try NetText.graph(
      NetText.input("data", [1, 2, 4, 4])
        + NetText.layer(
          "up", "Deconvolution", ["data"], ["up"], "convolution_param { num_output: 4 group: 2 kernel_size: 1 }"),
      params: ["up": [Tensor(shape: [2, 2, 1, 1], [1, 2, 3, 4]), Tensor(shape: [4], [8, 8, -8, -8])]])
    let record = FactorRecord(layers: [
      LayerRecord(
        layer: "up", weightScales: [2, 4],
        data: [.init(index: 0, scale: 0.5, offset: 0, numBits: 8, channels: 2, height: 4, width: 4)])
    ])
    let model = try QuantizedModel(
      graph, record: record, weightCodes: ["up": [1, 1, 2, 1]], absorbed: [:], name: "net", withOffset: { _, _ in true }
    )
    // Units 0.5 * 2 = 1 and 0.5 * 4 = 2, for both groups.
    #expect(model.codes["up"]?.bias == [8, 4, -8, -4])
  }

  @Test func `a bias beyond int32 names the layer to skip`() {
    let found = NetText.problems { _ = try model(bias: [1e9, 0]) }
    // 1e9 / 0.125 = 8e9.
    #expect(
      found.first?.text
        == "Quantized bias 8000000000.0 of layer \"conv\" exceed int32 range:[-2147483648.0, 2147483647.0], "
        + "please add it to skip layer.")
  }
}
