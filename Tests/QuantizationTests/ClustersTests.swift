import Quantization
import Testing

@Suite("Clusters") struct ClustersTests {
  @Test func `sums over ranges are those of the values`() {
    // 0, 1, ... 199: the sum of i..<j is (j (j - 1) - i (i - 1)) / 2.
    let values = SortedValues((0..<200).map(Float.init))
    for range in [0..<0, 0..<200, 3..<4, 63..<65, 64..<128, 10..<199, 200..<200] {
      let (i, j) = (range.lowerBound, range.upperBound)
      #expect(values.sum(range) == Double((j * (j - 1) - i * (i - 1)) / 2), "\(range)")
    }
    #expect(values.countUpTo(-1) == 0 && values.countUpTo(10) == 11 && values.countUpTo(10.5) == 11)
    #expect(values.countUpTo(199) == 200)
    #expect(SortedValues([1, 1, 2]).countUpTo(1) == 2)
  }

  /// 0...1 in sixteenths: the uniform start stands in the middle of each sixteenth. 0.0625 is a midpoint and belongs to
  /// the lower cluster: mean 0.03125, where the first centre stands already.
  @Test func `a value at a midpoint belongs to the lower cluster`() {
    let clusters = Clusters(
      SortedValues([0, 0.0625, 1]), start: .uniform, maxIteration: 500, minDistance: 1e-10)
    #expect(clusters.centres[0] == 0.03125)
    #expect(clusters.centres[1] == 0.09375, "without values it stays")
    #expect(clusters.centres[15] == 1)
    #expect(clusters.iterations == 2)
  }

  /// Deviation of -1 and 1 is 1; the probits beyond +-1 are cut there: k = 0, 1, 2 and 13, 14, 15.
  @Test func `the gaussian start is cut at the values`() {
    let clusters = Clusters(SortedValues([-1, 1]), start: .gaussian, maxIteration: 1, minDistance: 0)
    // Cut centres move to the value they stand on already, or have none.
    #expect(clusters.centres.prefix(3) == [-1, -1, -1] && clusters.centres.suffix(3) == [1, 1, 1])
    #expect(
      abs(clusters.centres[3] + 0.7764217611479276) < 1e-15 && abs(clusters.centres[8] - 0.0784124127331122) < 1e-15)
  }

  @Test func `drawn centres are values, the same ones every time`() {
    let values = (0..<100).map { Float($0 * $0) }
    func draw() -> [Double] {
      Clusters(SortedValues(values), start: .d2sampling, maxIteration: 0, minDistance: 0).centres
    }
    let drawn = draw()
    #expect(drawn == draw() && drawn == drawn.sorted())
    #expect(Set(drawn).count == 16 && drawn.allSatisfy { values.contains(Float($0)) })
  }

  @Test func `few values are all drawn`() {
    let clusters = Clusters(
      SortedValues([-5, -5, 1, 2, 2, 9]), start: .d2sampling, maxIteration: 500, minDistance: 1e-10)
    #expect(Set(clusters.centres) == [-5, 1, 2, 9])
  }
}
