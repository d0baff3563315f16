import CaffeFormat
import LayerGraph
import Passes
import Tensors
import TestSupport
import Testing

@testable import Quantization

@Suite("FactorRecord") struct FactorRecordTests {
  private let record = FactorRecord(layers: [
    LayerRecord(
      layer: "conv", weightScales: [0.25, 0.125],
      data: [.init(index: 0, scale: 0.5, offset: -3, numBits: 8, channels: 2, height: 4, width: 5)]),
    LayerRecord(
      layer: "add",
      data: [
        .init(index: 1, scale: 2, offset: 0, numBits: 12, channels: 2, height: 1, width: 1),
        .init(index: 0, scale: 0.1, offset: 7, numBits: 8, channels: 2, height: 1, width: 1),
      ]),
  ])

  /// The order of fields is that of their numbers in amct-facts 4.4, the layout libprotobuf's.
  @Test func `the text has weights first, then one entry per input in order`() throws {
    #expect(
      try ProtoSchema.builtIn().printText(record.message) == """
        record {
          key: "conv"
          value {
            scale_w: 0.25
            scale_w: 0.125
            offset_w: 0
            offset_w: 0
            num_bits_w: 8
            record_d {
              scale_d: 0.5
              offset_d: -3
              index: 0
              channels: 2
              height: 4
              width: 5
              num_bits_d: 8
            }
          }
        }
        record {
          key: "add"
          value {
            scale_w: 1
            offset_w: 0
            record_d {
              scale_d: 0.1
              offset_d: 7
              index: 0
              channels: 2
              height: 1
              width: 1
              num_bits_d: 8
            }
            record_d {
              scale_d: 2
              offset_d: 0
              index: 1
              channels: 2
              height: 1
              width: 1
              num_bits_d: 12
            }
          }
        }

        """)
  }

  // MARK: from a run

  private func graph() throws -> Graph {
    try NetText.graph(
      NetText.input("data", [1, 2, 4, 4])
        + NetText.layer("conv", "Convolution", ["data"], ["conv"], StageNet.convolution)
        + NetText.layer("pool", "Pooling", ["conv"], ["pool"], "pooling_param { kernel_size: 2 }"))
  }

  private func weights(_ layer: String) -> WeightFactors {
    WeightFactors(layer: layer, scales: [0.25, 0.5], numBits: 8, axis: 0)
  }

  private func result(_ layer: String, scale: Float) -> CalibrationResult {
    CalibrationResult(
      layer: layer,
      search: InputSearch(
        bottoms: [0], batchNum: 1, numBits: 8, withOffset: true, rangeStart: 0.7, rangeEnd: 1.3, step: 0.01,
        maxPercentile: 1, minPercentile: 1),
      data: [.init(index: 0, scale: scale, offset: 1, numBits: 8, channels: 2, height: 4, width: 4)],
      found: IFMR.Result(
        scale: scale, offset: 1, candidates: 60, best: 3, clipMin: 0, clipMax: 1, rangeMin: 0, rangeMax: 1,
        percentileMin: 0, percentileMax: 1, numBits: 8), seconds: 0)
  }

  @Test func `layers stand in the graph's order, whatever was found first`() throws {
    let made = try FactorRecord(
      graph(), weights: ["conv": weights("conv")], results: [result("pool", scale: 2), result("conv", scale: 4)])
    #expect(made.layers.map(\.layer) == ["conv", "pool"])
    #expect(made["conv"]?.weightScales == [0.25, 0.5] && made["conv"]?.data.map(\.scale) == [4])
    #expect(made["pool"]?.isWeighted == false && made["pool"]?.data.map(\.scale) == [2])
  }

  @Test func `a weighted layer without data factors is refused unless the record may be incomplete`() throws {
    let found = NetText.problems {
      _ = try FactorRecord(graph(), weights: ["conv": weights("conv")], results: [result("pool", scale: 2)])
    }
    #expect(found.map(\.text) == ["Cannot find scale_d of layer 'conv' in record file"])
    #expect(found.first?.location?.line == 2)
    let partial = try FactorRecord(graph(), weights: ["conv": weights("conv")], results: [], complete: false)
    #expect(partial.layers.map(\.layer) == ["conv"])
    #expect(partial["conv"]?.data == [])
  }

  @Test func `the passes get factors by input`() throws {
    let factors = try #require(record["add"]).factors { $0 == 0 }
    #expect(
      factors.inputs == [
        .init(bottom: 0, scale: 0.1, offset: 7, numBits: 8, withOffset: true),
        .init(bottom: 1, scale: 2, offset: 0, numBits: 12, withOffset: false),
      ])
    #expect(!factors.isWeighted)
  }
}
