import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Reorg layer") struct ReorgLayerTests {
  let suite = LayerSuite(ReorgLayer.self)

  @Test(arguments: [
    LayerCase("yolo", "", bottoms: [[2, 64, 6, 10]]),
    LayerCase("three", "reorg_param { stride: 3 }", bottoms: [[1, 18, 9, 3]]),
    LayerCase("back", "reorg_param { reverse: true }", bottoms: [[3, 20, 5, 7]]),
  ]) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  /// darknet's index arithmetic, element by element.
  private func darknet(_ x: Tensor, stride: Int, reverse: Bool) -> [Float] {
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let small = c / (stride * stride)
    var out = [Float](repeating: .nan, count: x.count)
    for b in 0..<n {
      for k in 0..<c {
        for j in 0..<h {
          for i in 0..<w {
            let deep = i + w * (j + h * (k + c * b))
            let (x2, y2) = (i * stride + k / small % stride, j * stride + k / small / stride)
            let wide = x2 + w * stride * (y2 + h * stride * (k % small + small * b))
            if reverse { out[wide] = x[deep] } else { out[deep] = x[wide] }
          }
        }
      }
    }
    return out
  }

  @Test(arguments: [false, true]) func `the order is darknet's`(_ reverse: Bool) throws {
    let x = Tensor.random([2, 12, 4, 6], seed: 4)
    let y = try suite.top("reorg_param { stride: 2 reverse: \(reverse) }", [x])
    #expect(y.shape == (reverse ? [2, 3, 8, 12] : [2, 48, 2, 3]))
    #expect(y.array == darknet(x, stride: 2, reverse: reverse))
  }

  @Test func `channels become squares, by hand`() throws {
    let y = try suite.top("reorg_param { reverse: true }", [Tensor(shape: [1, 4, 1, 2], [0, 1, 2, 3, 4, 5, 6, 7])])
    #expect(y.shape == [1, 1, 2, 4])
    #expect(y.array == [0, 2, 1, 3, 4, 6, 5, 7])
  }

  @Test func `forward reads its bottom as one large map, by hand`() throws {
    // [4, 2, 2] read as [1, 4, 4]: its upper left places 0 2 8 10, then the right ones, ...
    let y = try suite.top("", [Tensor(shape: [1, 4, 2, 2], (0..<16).map(Float.init))])
    #expect(y.shape == [1, 16, 1, 1])
    #expect(y.array == [0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15])
  }

  @Test(
    arguments: [
      ("stride: 0", [1, 4, 2, 2], "stride must be positive, is 0"), ("stride: 1025", [1, 4, 2, 2], "at most 1024"),
      ("", [1, 6, 2, 2], "needs channels that are a multiple of stride x stride = 4"),
      ("", [1, 4, 3, 2], "needs a height and a width that are multiples of stride 2"),
      ("", [4, 2, 2], "needs a bottom"),
    ] as [(String, [Int], String)])
  func `it refuses`(_ settings: String, _ bottom: [Int], _ text: String) throws {
    let said = try suite.refusal("reorg_param {\n\(settings)\n}", bottoms: [Shape(bottom)])
    #expect(said.contains(text), "\(said)")
    #expect(said.hasPrefix("case.prototxt:3:") == !settings.isEmpty, "\(said)")
  }
}
