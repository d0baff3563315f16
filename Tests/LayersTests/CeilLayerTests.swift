import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Ceil layer") struct CeilLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -20...20),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]], range: -20...20),
    LayerCase("vector", "", bottoms: [[5, 3]], range: -20...20),
  ]
  let suite = LayerSuite(CeilLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let y = try suite.top("", [Tensor(shape: [2, 4], [-1.5, -1, -0.25, 0, 0.25, 1, 1.5, 3e9])])
    #expect(y.array == [-1, -1, 0, 0, 1, 1, 2, 3e9])
    #expect(try suite.top("", [Tensor(shape: [1], [.nan])])[0].isNaN)
  }

  @Test func `the kernel knows edges and far values`() throws {
    let values: [Float] = [
      -0.5, -0.0, 0.5, Float.leastNonzeroMagnitude, -Float.leastNonzeroMagnitude, 0.99999994, 8_388_607.5, 8_388_608,
      8_388_609, -8_388_607.5, 1e30, -1e30,
      .infinity,
      -.infinity, 4_194_304.5, -4_194_304.5, 2.5, 3.5,
    ]
    let x = Tensor(shape: [values.count], values)
    let backend = Backend(threads: 1)
    backend.enter()
    let shapes = LayerShapes(bottoms: [x.shape], tops: [x.shape])
    let layer = try suite.makeLayer(LayerCase("c", "", bottoms: [x.shape]))
    let kernel = try #require(
      try layer.makeKernel(
        KernelContext(shapes: shapes, params: [], bottomLayouts: [.plain(x.shape)], backend: backend)))
    // The C library's ceil.
    #expect(try LayerSuite.run(kernel, [x], shapes, backend)[0].array == values.map { $0.rounded(.up) })
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data())
  }
}
