import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("IFMR layer") struct IFMRLayerTests {
  let suite = LayerSuite(IFMRLayer.self)
  let ranges = "search_range_start: 0.7 search_range_end: 1.3 search_step: 0.01"
  let percentiles = "max_percentile: 0.999999 min_percentile: 1"

  @Test func `its parameters can be read`() throws {
    let settings =
      "ifmr_param { batch_num: 2 with_offset: true \(ranges) \(percentiles) object_layer: \"a\" object_layer: \"b\""
      + " record_file_path: \"r.txt\" num_bits: 12 index: 1 }"
    let layer = try suite.makeLayer(LayerCase("c", settings, bottoms: [[2], [3]], topCount: 0))
    let ifmr = try #require(layer as? IFMRLayer)
    #expect(ifmr.batchCount == 2)
    #expect(ifmr.hasOffset)
    #expect(ifmr.bits == 12)
    #expect(ifmr.index == 1)
    #expect(ifmr.searchRange == 0.7...1.3)
    #expect(ifmr.searchStep == 0.01)
    #expect(ifmr.maxPercentile == 0.999999)
    #expect(ifmr.minPercentile == 1)
    #expect(ifmr.objectLayers == ["a", "b"])
    #expect(ifmr.recordFile == "r.txt")
    #expect(try ifmr.topShapes([[2], [3]]) == [])
    #expect(ifmr.quantization == .none)
  }

  @Test func `what the file leaves out has AMCT's defaults`() throws {
    let layer = try suite.makeLayer(
      LayerCase("c", "ifmr_param { batch_num: 1 \(ranges) \(percentiles) }", bottoms: [[2]], topCount: 0))
    let ifmr = try #require(layer as? IFMRLayer)
    #expect(!ifmr.hasOffset)
    #expect(ifmr.bits == 8)
    #expect(ifmr.index == 0)
    #expect(ifmr.objectLayers == [])
    #expect(ifmr.recordFile == "")
  }

  @Test func `it refuses what no search can use`() throws {
    func says(_ settings: String, _ text: String) throws {
      let said = try suite.refusal("ifmr_param {\n \(settings) }", bottoms: [[2]], topCount: 0)
      #expect(said.contains(text), "\(said)")
    }
    let step = "search_step: 0.01"
    let layer = "error: layer 'l' (IFMR): "
    try says("\(ranges) \(percentiles)", "\(layer)needs batch_num")
    try says("batch_num: 0 \(ranges) \(percentiles)", "case.prototxt:3:2: \(layer)batch_num must be positive, is 0")
    try says(
      "search_range_start: 0 search_range_end: 1 batch_num: 1 \(step) \(percentiles)",
      "case.prototxt:3:2: \(layer)search_range[0] must be greater than zero")
    try says(
      "search_range_start: 2 search_range_end: 2 batch_num: 1 \(step) \(percentiles)",
      "search_range[0] must be less than search_range[1]")
    try says(
      "search_range_start: 1 search_range_end: 2 batch_num: 1 search_step: 0 \(percentiles)",
      "The search_step must be greater than zero")
    try says(
      "search_range_start: 1 search_range_end: 2 batch_num: 1 search_step: 1.5 \(percentiles)",
      "The search_step must be less than or equal to (search_range[1] - search_range[0])")
    try says(
      "batch_num: 1 \(ranges) max_percentile: 0.5 min_percentile: 1",
      "The max_percentile must be greater than 0.5 and less than or equal to 1.0")
    try says(
      "batch_num: 1 \(ranges) max_percentile: 1 min_percentile: nan", "min_percentile must be a finite number")
    try says("batch_num: 1 \(ranges) \(percentiles) num_bits: 17", "num_bits must be in 8 ... 16, is 17")
  }
}
