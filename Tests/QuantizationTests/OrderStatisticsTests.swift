import Kernels
import Tensors
import Testing

@Suite("Order statistics") struct OrderStatisticsTests {
  @Test(arguments: [1, 2, 26, 1024, 1025, 5000, 70_000])
  func `ranks agree with a sort, however the data are cut`(_ rank: Int) {
    for kind in [DataKind.signed, .ties, .runs, .huge] {
      let x = Tensor(shape: [140_001], kind.values(140_001, seed: UInt64(rank)))
      defer { withExtendedLifetime(x) {} }
      let sorted = x.array.sorted()
      for threads in [1, 2, 5] {
        let views = [x.view.slice(0, 3), x.view.slice(3, 100_000), x.view.slice(100_003, 39_998)]
        let got = OrderStatistics(views, largest: rank, smallest: rank, Parallel(threads: threads))
        #expect(got.largest == sorted[sorted.count - rank] && got.smallest == sorted[rank - 1], "\(kind) \(threads)")
        #expect(got.min == sorted[0] && got.max == sorted[sorted.count - 1])
        #expect(!got.hasNaN && !got.hasInfinity)
      }
    }
  }

  @Test(arguments: [0, 15, 16, 1000, 1023, 1024, 2047, 2048])
  func `a value that is not finite is found wherever it is`(_ place: Int) {
    for (bad, isNaN) in [(Float.infinity, false), (-.infinity, false), (.nan, true)] {
      var values = [Float](repeating: 0.25, count: 2049)
      values[place] = bad
      let x = Tensor(shape: [2049], values)
      let got = x.withView { OrderStatistics([$0], largest: 3, smallest: 3, Parallel(threads: 1)) }
      #expect(got.hasNaN == isNaN && got.hasInfinity == !isNaN)
    }
  }

  @Test func `ascending and descending data keep the few largest`() {
    let up = Tensor(shape: [4000], (0..<4000).map(Float.init))
    let down = Tensor(shape: [4000], (0..<4000).map { Float(3999 - $0) })
    for x in [up, down] {
      let got = x.withView { OrderStatistics([$0], largest: 10, smallest: 7, Parallel(threads: 1)) }
      #expect(got.largest == 3990 && got.smallest == 6)
    }
  }
}
