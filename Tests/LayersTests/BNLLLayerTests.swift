import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("BNLL layer") struct BNLLLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -10...10),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]]),
    LayerCase("far", "", bottoms: [[7, 3]], range: -200...200),
  ]
  let suite = LayerSuite(BNLLLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    // log(1 + 1) = 0.6931472; log(1 + 3) = 1.3862944 at ln 3; x itself far to the right.
    let y = try suite.top("", [Tensor(shape: [4], [0, 1.0986123, 100, -200])])
    #expect(abs(y[0] - 0.6931472) < 1e-7)
    #expect(abs(y[1] - 1.3862944) < 2e-7)
    #expect(y[2] == 100)
    #expect(y[3] == 0)
  }

  @Test func `it is quantized by default`() throws {
    #expect(try suite.makeLayer(LayerCase("c", "", bottoms: [[3]])).quantization == .data())
  }
}
