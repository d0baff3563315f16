import LayerGraph
import Quantization
import Tensors
import TestSupport

/// A small quantized model: conv (bn and scale absorbed) - prelu - pool, conv and pool quantized.
enum WrittenModel {
  static func make(
    dataBits: Int = 8, dataScale: Float = 0.5, dataOffset: Int = -3, weightScales: [Float] = [0.25, 0.125],
    codes: [Int8] = [4, -8, 24, -32], codebook: [Int8]? = nil, name: String = "net",
    accelerated: [String: [String]] = [:]
  ) throws -> QuantizedModel {
    let graph = try NetText.graph(
      NetText.input("data", [1, 2, 4, 4])
        + NetText.layer("conv", "Convolution", ["data"], ["conv"], "convolution_param { num_output: 2 kernel_size: 1 }")
        + NetText.layer("prelu", "PReLU", ["conv"], ["prelu"])
        + NetText.layer("pool", "Pooling", ["prelu"], ["pool"], "pooling_param { kernel_size: 2 }"),
      params: [
        "conv": [Tensor(shape: [2, 2, 1, 1], [1, -2, 3, -4]), Tensor(shape: [2], [0.25, -1])],
        "prelu": [Tensor(shape: [2], [0.5, 0.75])],
      ])
    let record = FactorRecord(layers: [
      LayerRecord(
        layer: "conv", weightScales: weightScales,
        data: [
          .init(index: 0, scale: dataScale, offset: dataOffset, numBits: dataBits, channels: 2, height: 4, width: 4)
        ]),
      LayerRecord(
        layer: "pool", data: [.init(index: 0, scale: 4, offset: 0, numBits: 8, channels: 2, height: 4, width: 4)]),
    ])
    return try QuantizedModel(
      graph, record: record, weightCodes: ["conv": codes], codebooks: codebook.map { ["conv": $0] } ?? [:],
      absorbed: ["conv": ["bn", "scale"]], accelerated: accelerated, name: name, withOffset: { _, _ in true })
  }
}
