import Tensors
import Testing

@testable import Layers

@Suite("Strided copy") struct StridedCopyTests {
  /// The definition, without merging or squares.
  func plain(_ extents: [Int], _ strides: [Int], _ offset: Int, _ source: [Float]) -> [Float] {
    (0..<extents.reduce(1, *)).map { i in
      var (rest, from) = (i, offset)
      for axis in extents.indices.reversed() {
        from += rest % extents[axis] * strides[axis]
        rest /= extents[axis]
      }
      return source[from]
    }
  }

  @Test(arguments: [
    ([2, 3, 4], [12, 4, 1], 0), ([17, 33], [1, 17], 0), ([2, 17, 33], [561, 1, 17], 0), ([3, 20, 2], [1, 6, 3], 0),
    ([4, 3], [1, 0], 0), ([5], [0], 3), ([5], [2], 1), ([1, 1], [7, 9], 4), ([2, 2, 2], [0, 2, 1], 1),
    ([2, 3, 16, 16], [768, 1, 48, 3], 0), ([], [], 2),
  ])
  func `it copies what its strides say, in any parts`(_ extents: [Int], _ strides: [Int], _ offset: Int) {
    let source = Tensor.random([2000], seed: 4)
    let copy = StridedCopy(extents: extents, strides: strides, offset: offset)
    var whole = Tensor(shape: Shape(extents), repeating: .nan)
    whole.withMutable { copy.run(source.view, $0, 0..<copy.rows) }
    #expect(whole.array == plain(extents, strides, offset, source.array))
    var parts = Tensor(shape: Shape(extents), repeating: .nan)
    parts.withMutable { sink in for row in (0..<copy.rows).reversed() { copy.run(source.view, sink, row..<row + 1) } }
    #expect(parts == whole)
  }

  @Test func `axes that lie together are one`() {
    // [N, C, H, W] as [N, HW, C]: two axes are left for one item, cut into ceil(35 / 16) pieces.
    #expect(StridedCopy(extents: [1, 5, 7, 9], strides: [315, 7, 1, 35]).rows == 3)
    #expect(StridedCopy(extents: [2, 3, 4], strides: [12, 4, 1]).rows == 1)
  }
}
