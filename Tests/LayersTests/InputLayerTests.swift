import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

/// What the layers that are fed from outside say about their tops.
@Suite("Input layers") struct InputLayerTests {
  func shapes(_ type: any InputLayerType.Type, _ settings: String, tops: Int) throws -> [Shape?] {
    let layer = try LayerSuite(type).makeLayer(LayerCase("c", settings, bottoms: [], topCount: tops))
    let input = try #require(layer as? any InputLayerType)
    #expect(input.quantization == .none)
    return input.declaredShapes(topCount: tops)
  }

  func refusal(_ type: any InputLayerType.Type, _ settings: String, tops: Int = 1) throws -> String {
    try LayerSuite(type).refusal(settings, bottoms: [], topCount: tops)
  }

  @Test func `Input has one shape for all tops, one each, or none`() throws {
    let one = "shape { dim: 1 dim: 3 dim: 5 dim: 5 }"
    #expect(try shapes(InputLayer.self, "input_param { \(one) }", tops: 2) == [[1, 3, 5, 5], [1, 3, 5, 5]])
    #expect(try shapes(InputLayer.self, "input_param { \(one) shape { dim: 2 } }", tops: 2) == [[1, 3, 5, 5], [2]])
    #expect(try shapes(InputLayer.self, "", tops: 1) == [nil])
  }

  @Test func `Input refuses shapes that no blob has`() throws {
    #expect(
      try refusal(InputLayer.self, "input_param { shape { dim: 1 dim: 0 } }").contains(
        "layer 'l' (Input): an extent of shape must be positive, is 0"))
    #expect(
      try refusal(InputLayer.self, "input_param { shape { dim: 2147483647 dim: 2 } }").contains("is too large"))
    #expect(
      try refusal(InputLayer.self, "input_param { shape { dim: 1 } shape { dim: 1 } }", tops: 3).contains(
        "has 3 tops but 2 shape; give none, one, or one for each top"))
  }

  @Test func `Data knows its batch but not its images`() throws {
    #expect(try shapes(DataLayer.self, "data_param { batch_size: 7 }", tops: 2) == [nil, [7]])
    #expect(try shapes(DataLayer.self, "", tops: 1) == [nil])
    #expect(
      try refusal(DataLayer.self, "data_param { batch_size: 0 }").hasPrefix(
        "case.prototxt:2:14: error: layer 'l' (Data): batch_size must be positive, is 0"))
  }

  @Test func `ImageData knows its images when they are resized or cropped`() throws {
    func images(_ settings: String) throws -> [Shape?] { try shapes(ImageDataLayer.self, settings, tops: 2) }
    #expect(try images("image_data_param { batch_size: 4 }") == [nil, [4]])
    #expect(try images("image_data_param { batch_size: 4 new_height: 6 new_width: 8 }") == [[4, 3, 6, 8], [4]])
    #expect(
      try images("image_data_param { new_height: 6 new_width: 8 is_color: false } transform_param { crop_size: 5 }")
        == [[1, 1, 5, 5], [1]])
    #expect(
      try refusal(ImageDataLayer.self, "image_data_param { new_height: 6 }").contains(
        "new_height and new_width must be set at the same time"))
  }

  @Test func `MemoryData knows everything`() throws {
    let settings = "memory_data_param { batch_size: 2 channels: 3 height: 4 width: 5 }"
    #expect(try shapes(MemoryDataLayer.self, settings, tops: 2) == [[2, 3, 4, 5], [2]])
    #expect(
      try refusal(MemoryDataLayer.self, "memory_data_param { batch_size: 2 channels: 3 height: 4 }").contains(
        "layer 'l' (MemoryData): needs width"))
  }

  @Test func `DummyData has shapes in either spelling`() throws {
    #expect(
      try shapes(DummyDataLayer.self, "dummy_data_param { shape { dim: 2 dim: 9 } }", tops: 2)
        == [[2, 9], [2, 9]])
    let legacy = "dummy_data_param { num: 2 num: 3 channels: 4 height: 5 width: 6 width: 7 }"
    #expect(try shapes(DummyDataLayer.self, legacy, tops: 2) == [[2, 4, 5, 6], [3, 4, 5, 7]])
    #expect(
      try refusal(DummyDataLayer.self, legacy, tops: 3).contains("has 3 tops but 2 values of num"))
    #expect(
      try refusal(DummyDataLayer.self, "dummy_data_param { num: 1 shape { dim: 2 } }").contains(
        "num and shape are both set"))
    #expect(try refusal(DummyDataLayer.self, "").contains("needs shape"))
    #expect(
      try refusal(DummyDataLayer.self, "dummy_data_param { num: 0 channels: 4 height: 5 width: 6 }").contains(
        "num must be positive, is 0"))
  }

  @Test func `only the files of the others know their shapes`() throws {
    #expect(
      try shapes(HDF5DataLayer.self, "hdf5_data_param { source: \"a\" batch_size: 3 }", tops: 3)
        == [nil, nil, nil])
    #expect(try shapes(AnnotatedDataLayer.self, "data_param { batch_size: 3 }", tops: 2) == [nil, nil])
    #expect(try shapes(WindowDataLayer.self, "window_data_param { batch_size: 3 }", tops: 2) == [nil, [3]])
  }
}
