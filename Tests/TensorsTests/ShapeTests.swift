import Testing

@testable import Tensors

@Suite struct ShapeTests {
  @Test(arguments: [[1, 3, 224, 224], [], [0], [0, 4, 6, 6], [2_147_483_647], [0, 2_147_483_647]])
  func `shapes of blobs are legal up to 2^31 - 1 values`(_ dims: [Int]) {
    #expect(Shape(dims).isLegal)
  }

  /// The last two have no values at all, but what lies behind the 0 would overflow whoever multiplies it.
  @Test(arguments: [[-1, 2], [2_147_483_648], [65536, 32768], [0, .max, 6], [0, 65536, 32768]])
  func `larger and negative ones are not`(_ dims: [Int]) {
    #expect(!Shape(dims).isLegal)
  }
}
