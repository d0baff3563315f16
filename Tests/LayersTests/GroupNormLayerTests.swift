import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("GroupNorm layer") struct GroupNormLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("groups", "group_norm_param { group_num: 4 }", bottoms: [[3, 16, 5, 7]]),
    LayerCase("default", "", bottoms: [[2, 32, 9, 3]]),
    LayerCase("affine", "group_norm_param { group: 3 eps: 0.01 }", bottoms: [[3, 9, 11, 13]]),
    LayerCase("one group", "group_norm_param { group_num: 1 affine: true }", bottoms: [[2, 5]]),
  ]
  let suite = LayerSuite(GroupNormLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  /// `((7 i) mod 11) - 5` for i = 0 ..< 24.
  static let values: [Float] = [-5, 2, -2, 5, 1, -3, 4, 0, -4, 3, -1, -5, 2, -2, 5, 1, -3, 4, 0, -4, 3, -1, -5, 2]

  static let normalized: [Float] = [
    -1.3930515, 0.69652575, -0.49751836, 1.5920588, 0.3980147, -0.7960294, 1.3619692, 0.15132992, -1.0593094, 1.0593094,
    -0.15132992, -1.3619692, 0.286299, -1.0879362, 1.3169754, -0.0572598, -1.431495, 0.97341657, 0.286299, -1.0879362,
    1.3169754, -0.0572598, -1.431495, 0.97341657,
  ]

  @Test func `values that numpy computed`() throws {
    let x = Tensor(shape: [2, 4, 1, 3], Self.values)
    let y = try suite.top("group_norm_param { group_num: 2 }", [x])
    #expect(Agreement.relativeToLargest(3e-7).firstDisagreement(y, Tensor(shape: x.shape, Self.normalized)) == nil)
  }

  @Test func `scale and bias of each channel`() throws {
    let x = Tensor(shape: [2, 4, 1, 3], Self.values)
    let (scale, bias): ([Float], [Float]) = ([1, 2, -1, 0.5], [0, 1, 2, -3])
    let y = try suite.top(
      "group_norm_param { group: 2 }", [x],
      params: [Tensor(shape: [1, 4, 1, 1], scale), Tensor(shape: [1, 4, 1, 1], bias)])
    let want = Self.normalized.enumerated().map { $1 * scale[$0 / 3 % 4] + bias[$0 / 3 % 4] }
    #expect(Agreement.relativeToLargest(3e-7).firstDisagreement(y, Tensor(shape: x.shape, want)) == nil)
  }

  @Test func `two values by hand`() throws {
    // Mean 2, variance 1, and eps 3: -1 / 2 and 1 / 2.
    let y = try suite.top("group_norm_param { group_num: 1 eps: 3 }", [Tensor(shape: [1, 2], [1, 3])])
    #expect(y.array == [-0.5, 0.5])
  }

  @Test(
    arguments: [
      ("group_num: 2", 0), ("group: 2", 2), ("group_num: 2 scale_filler { value: 3 }", 2),
      ("group_num: 2 affine: true", 2), ("group: 2 affine: false", 0),
    ])
  func `the spelling says whether there are blobs`(_ settings: String, _ count: Int) throws {
    let layer = try suite.makeLayer(LayerCase("c", "group_norm_param { \(settings) }", bottoms: [[1, 4]]))
    let blobs = try layer.paramBlobs([[1, 4]])
    #expect(blobs.count == count)
    #expect(blobs.allSatisfy { $0.shape == [1, 4, 1, 1] })
  }

  @Test func `it refuses groups and bottoms that do not fit`() throws {
    #expect(
      try suite.refusal("group_norm_param { group_num: 3 }", bottoms: [[2, 4, 5]]).contains(
        "cannot cut the 4 channels of its bottom [2, 4, 5] into 3 groups"))
    #expect(try suite.refusal("", bottoms: [[32]]).contains("needs a bottom [N, C, ..], got [32]"))
    #expect(
      try suite.refusal("group_norm_param { group_num: 0 }", bottoms: [[2, 4]]).hasPrefix(
        "case.prototxt:2:20: error: layer 'l' (GroupNorm): group_num must be positive, is 0"))
    #expect(
      try suite.refusal("group_norm_param { eps: -1 }", bottoms: [[2, 32]]).hasPrefix(
        "case.prototxt:2:20: error: layer 'l' (GroupNorm): eps must not be negative, is -1.0"))
    #expect(
      try suite.refusal("group_norm_param { group: 2 group_num: 2 }", bottoms: [[2, 4]]).contains(
        "group and group_num are both set"))
    #expect(try suite.refusal("", bottoms: [[2, 32, 0]]).contains("has nothing to normalize"))
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data())
  }
}
