import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("LayerNormalization layer") struct LayerNormalizationLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("items", "", bottoms: [[3, 17, 5, 4]]),
    LayerCase("last axis", "layer_norm_param { axis: -1 eps: 0.01 }", bottoms: [[5, 33, 35]]),
    LayerCase("plain", "layer_norm_param { elementwise_affine: false }", bottoms: [[3, 70, 41]]),
    LayerCase("fork's name", "", bottoms: [[3, 9]], type: "LayerNorm"),
  ]
  let suite = LayerSuite(LayerNormalizationLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  /// `((7 i) mod 11) - 5` for i = 0 ..< 24.
  static let values: [Float] = [-5, 2, -2, 5, 1, -3, 4, 0, -4, 3, -1, -5, 2, -2, 5, 1, -3, 4, 0, -4, 3, -1, -5, 2]

  @Test func `values that numpy computed`() throws {
    let y = try suite.top(
      "layer_norm_param { eps: 0.001 elementwise_affine: false }", [Tensor(shape: [4, 6], Self.values)])
    let want: [Float] = [
      -1.39299, 0.696495, -0.49749643, 1.5919886, 0.39799714, -0.7959943, 1.3619075, 0.15132305, -1.0592613, 1.0592613,
      -0.15132305, -1.3619075, 0.28628227, -1.0878726, 1.3168985, -0.057256453, -1.4314114, 0.9733597, 0.28628227,
      -1.0878726, 1.3168985, -0.057256453, -1.4314114, 0.9733597,
    ]
    #expect(Agreement.relativeToLargest(3e-7).firstDisagreement(y, Tensor(shape: [4, 6], want)) == nil)
  }

  @Test func `values that numpy computed, along the last axis, with scale and bias`() throws {
    let y = try suite.top(
      "layer_norm_param { axis: -1 }", [Tensor(shape: [2, 3, 4], Self.values)],
      params: [Tensor(shape: [4], [1, 2, 3, 4]), Tensor(shape: [4], [0.5, 0, -1, 2])])
    let want: [Float] = [
      -0.81306386, 1.0504512, -2.5756767, 7.2522554, 0.69999987, -2.7999978, 3.1999967, 1.2000006, -0.22289702,
      3.0522318,
      -0.27710298, -2.1767383, 0.69999987, -2.7999978, 3.1999967, 1.2000006, -0.22289702, 3.0522318, -0.27710298,
      -2.1767383, 1.5441846, -0.48193136, -5.5783477, 4.891588,
    ]
    #expect(Agreement.relativeToLargest(3e-7).firstDisagreement(y, Tensor(shape: [2, 3, 4], want)) == nil)
  }

  @Test func `blobs have the extents that are normalized`() throws {
    func blobs(_ settings: String) throws -> [Shape] {
      let layer = try suite.makeLayer(LayerCase("c", "layer_norm_param { \(settings) }", bottoms: [[2, 3, 4]]))
      return try layer.paramBlobs([[2, 3, 4]]).map(\.shape)
    }
    #expect(try blobs("") == [[3, 4], [3, 4]])
    #expect(try blobs("axis: -1") == [[4], [4]])
    #expect(try blobs("elementwise_affine: false") == [])
  }

  @Test func `it refuses axes that are not there and a negative eps`() throws {
    #expect(try suite.refusal("", bottoms: [[2]]).contains("has axis 1, outside its bottom [2]"))
    #expect(
      try suite.refusal("layer_norm_param { eps: -1 }", bottoms: [[2, 3]]).hasPrefix(
        "case.prototxt:2:20: error: layer 'l' (LayerNormalization): eps must not be negative, is -1.0"))
    #expect(try suite.refusal("", bottoms: [[2, 0]]).contains("has nothing to normalize in its bottom [2, 0]"))
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data())
  }
}
