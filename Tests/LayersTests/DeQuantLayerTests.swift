import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("DeQuant layer") struct DeQuantLayerTests {
  let suite = LayerSuite(DeQuantLayer.self)
  let channelWise = "dequant_param { channel_wise: true }"

  /// Learned blobs of one value per channel.
  func blobs(_ scales: [Float], _ shifts: [Float]) -> [Tensor] {
    [scales, shifts, scales.map { _ in 0 }].map { Tensor(shape: [$0.count], $0) }
  }

  func kernel(_ shape: Shape, _ params: [Tensor]) throws -> (any LayerKernel)? {
    let backend = Backend(threads: 1)
    backend.enter()
    return try suite.makeLayer(LayerCase("c", channelWise, bottoms: [shape])).makeKernel(
      KernelContext(
        shapes: LayerShapes(bottoms: [shape], tops: [shape]), params: params, bottomLayouts: [.plain(shape)],
        backend: backend))
  }

  @Test func `blobs are per channel only for a 4-D bottom`() throws {
    func shapes(_ settings: String, _ bottom: Shape) throws -> [Shape] {
      try suite.makeLayer(LayerCase("c", settings, bottoms: [bottom])).paramBlobs([bottom]).map(\.shape)
    }
    #expect(try shapes(channelWise, [2, 3, 4, 5]) == [[3], [3], [3]])
    #expect(try shapes(channelWise, [2, 3]) == [[1], [1], [1]])
    #expect(try shapes("", [2, 3, 4, 5]) == [[1], [1], [1]])
    #expect(try shapes("dequant_param { layer_type: \"LSTM_X\" }", [2, 3]) == [])
  }

  @Test func `without shifts it is the identity`() throws {
    let x = Tensor.random([2, 3, 5, 1], seed: 1)
    let params = blobs([0.5, 2, 3], [0, 0, 0])
    #expect(try suite.top(channelWise, [x], params: params) == x)
    let kernel = try #require(try kernel(x.shape, params))
    #expect(kernel.canRunInPlace)
    let shapes = LayerShapes(bottoms: [x.shape], tops: [x.shape])
    #expect(try LayerSuite.run(kernel, [x], shapes, Backend(threads: 1))[0] == x)
  }

  @Test func `shifts by hand`() throws {
    // Channel 0: scale 0.5, N = 1: 2.6 -> 5.2 -> 5 -> 2.5 -> 3 -> 3 * 0.5 * 2 = 3; -2.6 -> -3.
    // Channel 1: scale 1, N = 2: 5 -> 1.25 -> 1 -> 4; 200000 -> 50000 -> 32767 -> 131068.
    let x = Tensor(shape: [1, 2, 1, 2], [2.6, -2.6, 5, 200000])
    #expect(try suite.top(channelWise, [x], params: blobs([0.5, 1], [1, 2])).array == [3, -3, 4, 131068])
  }

  @Test func `shift_bit 0 in the settings leaves the shifts to the NPU`() throws {
    let x = Tensor(shape: [1, 2, 1, 2], [2.6, -2.6, 5, 200000])
    let settings = "dequant_param { channel_wise: true shift_bit: 0 }"
    #expect(try suite.top(settings, [x], params: blobs([0.5, 1], [1, 2])) == x)
    let layer = try suite.makeLayer(LayerCase("c", settings, bottoms: [x.shape]))
    let backend = Backend(threads: 1)
    backend.enter()
    let shapes = LayerShapes(bottoms: [x.shape], tops: [x.shape])
    let kernel = try layer.makeKernel(
      KernelContext(
        shapes: shapes, params: blobs([0.5, 1], [1, 2]), bottomLayouts: [.plain(x.shape)], backend: backend))
    #expect(try LayerSuite.run(try #require(kernel), [x], shapes, backend)[0] == x)
  }

  @Test func `it refuses shifts that no simulation fits`() throws {
    let layer = try suite.makeLayer(LayerCase("c", channelWise, bottoms: [[1, 2, 1, 1]]))
    let dequant = try #require(layer as? DeQuantLayer)
    func says(_ scales: [Float], _ shifts: [Float], _ text: String) throws {
      let params = blobs(scales, shifts)
      let error = #expect(throws: LayerError.self) { try dequant.validate(params) }
      #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
      #expect(throws: KernelError.self) { try kernel([1, 2, 1, 1], params) }
    }
    try says([1, 1], [0, 3], "has shift_bit 0 for some channels and not for others")
    try says([1, 1], [3, 0], "has shift_bit 0 for some channels and not for others")
    try says([1, 1], [17, 17], "has shift_bit 17.0; it must be an integer of 0 to 16")
    try says([1, 1], [1.5, 1.5], "has shift_bit 1.5")
    try says([1, 1], [.nan, 1], "has shift_bit nan")
    try says([1, 0], [1, 1], "has deq_scale 0.0; with a shift it must be a positive number")
    try dequant.validate(blobs([0, 0], [0, 0]))
    try dequant.validate(blobs([1, 2], [1, 16]))
  }

  @Test func `it refuses a shift in the prototxt`() throws {
    let said = try suite.refusal(
      "dequant_param { layer_type: \"LSTM_X\" shift_bit: 0 shift_bit: 2 }", bottoms: [[2, 3]])
    #expect(
      said.hasPrefix(
        "case.prototxt:2:51: error: layer 'l' (DeQuant): a shift_bit in the prototxt must be 0, is 2.0"), "\(said)")
  }
}
