import Quantization
import Tensors
import Testing

@Suite("ULQ") struct ULQTests {
  @Test func `the grid of -1...1 in 2 bits is the one worked out by hand`() throws {
    // s = 2/3, o = round(-1.5) = -2 (away from zero), grid -4/3 ... 2/3; record offset 2 - 2 = 0.
    let g = try ULQ.Grid(clipMin: -1, clipMax: 1, numBits: 2)
    #expect(g.scale == 2 / Float(3) && g.lowInt == -2 && g.offset == 0)
    #expect(g.clipLow == -2 * g.scale && g.clipHigh == g.scale)
    // 1 is clipped to 2/3; 1/3 is half a step: to even, 0.
    #expect(g.fakeQuantized(1) == g.scale && g.fakeQuantized(g.scale / 2) == 0 && g.fakeQuantized(-9) == g.clipLow)
  }

  @Test func `after a ReLU the lower end is fixed at 0`() throws {
    let g = try ULQ.Grid(clipMin: -1, clipMax: 6, fixedMin: true, numBits: 8)
    #expect(g.scale == 6 / Float(255) && g.lowInt == 0 && g.offset == -128)
  }

  @Test(
    arguments: [(0, 0), (1, -1), (0, .nan), (-.infinity, 1), (-1, .infinity), (-1e30, -0.99999e30)] as [(Float, Float)])
  func `a range without a grid is refused`(_ low: Float, _ high: Float) {
    #expect(throws: ScaleError.self) { try ULQ.Grid(clipMin: low, clipMax: high, numBits: 8) }
  }

  @Test func `an empty range goes back to the last good one`() {
    var r = ULQ.ClipRange(max: -1, min: 1, lastMax: 3, lastMin: -2)
    let wasEmpty = r.check()
    #expect(wasEmpty)
    #expect(r.max == 3 && r.min == -2)
  }

  @Test func `a negative upper end is put back, the lower one kept and remembered`() {
    var r = ULQ.ClipRange(max: -0.5, min: -1, lastMax: 3, lastMin: -3)
    let wasEmpty = r.check()
    #expect(!wasEmpty)
    #expect(r.max == 3 && r.min == -1 && r.lastMax == 3 && r.lastMin == -1)
  }
}

@Suite("SearchN") struct SearchNTests {
  @Test func `the shift loses least`() {
    // 65536: shift 1 saturates to 65534 (error 4), shift 2 is exact.
    #expect(SearchN.best(SearchN.errors([65536])) == 2)
    // -65539: shift 1 saturates to -65536 (error 9); shift 2 floors to -65540 (error 1).
    #expect(SearchN.best(SearchN.errors([-65539])) == 2)
    #expect(SearchN.best(SearchN.errors([0, 2, 4])) == 1)
    #expect(SearchN.best(SearchN.errors([])) == 1)
  }

  @Test func `rows have their own scale and the tensor a common shift`() {
    let y = Tensor(shape: [2, 2], [65536, 0, 65536, 0])
    let found = y.withView { SearchN.search($0, rows: 2, deq: [1, 4]) }
    // Row 1: 16384, exact with shift 1.
    #expect(found.perRow == [2, 1] && found.tensor == 2)
  }

  @Test func `accumulators round half away from zero and saturate`() {
    let y = Tensor(shape: [6], [0.5, -1.5, 1e30, -1e30, .nan, 0.4])
    #expect(y.withView { SearchN.accumulators($0, deq: 1) } == [1, -2, .max, .min, 0, 0])
  }
}
