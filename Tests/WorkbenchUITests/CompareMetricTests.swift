import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// Every metric: which way is better, how it is written, how long its bar is.
@Suite("Compare metric") struct CompareMetricTests {
  /// The better value, then the worse one.
  @Test(
    arguments: [
      (CompareMetric.chain, 0.99, 0.9), (.local, 0.99, 0.9), (.sqnr, 30, 10), (.relL2, 0.1, 0.2), (.mse, 0.1, 0.2),
      (.maxAbs, 0.1, 0.2), (.bias, -0.1, 0.2), (.bias, 0.1, -0.2), (.saturated, 0.1, 0.2),
    ] as [(CompareMetric, Double, Double)])
  func `a difference above 0 is better`(_ metric: CompareMetric, _ good: Double, _ bad: Double) {
    #expect(metric.delta(good, before: bad) > 0)
    #expect(metric.delta(bad, before: good) < 0)
    #expect(metric.delta(good, before: good) == 0)
    #expect(metric.delta(good, before: .nan) == .infinity)
    #expect(metric.delta(.nan, before: good) == -.infinity)
    #expect(metric.delta(.nan, before: .nan) == 0)
    #expect(metric.goodness(.nan) < metric.goodness(bad))
  }

  @Test func `equal infinities differ by nothing`() {
    // Equal values have an SQNR without end.
    #expect(CompareMetric.sqnr.delta(.infinity, before: .infinity) == 0)
    #expect(CompareMetric.sqnr.deltaText(0) == "0")
  }

  @Test(
    arguments: [
      (CompareMetric.chain, 0.06911, "+0.06911"), (.chain, -0.000002, "0"), (.local, -0.5, "-0.50000"),
      (.sqnr, 20.04, "+20.0"), (.sqnr, 0.04, "0"), (.relL2, 0.21875, "+0.219"), (.mse, -0.002, "-0.002"),
      (.maxAbs, 0.25, "+0.25"), (.bias, 0.02, "+0.02"), (.saturated, 0.15, "+0.150"), (.saturated, 0.0004, "0"),
    ] as [(CompareMetric, Double, String)])
  func `differences carry their sign`(_ metric: CompareMetric, _ delta: Double, _ text: String) {
    #expect(metric.deltaText(delta) == text)
  }

  @Test(
    arguments: [
      // 5 fifths: decibels 0 to 50; decades 1 to .00001; a share of 1 % is .01, two of five decades.
      (CompareMetric.sqnr, 25, 0.5), (.sqnr, -3, 0), (.sqnr, 99, 1), (.relL2, 1, 0), (.relL2, 0.01, 0.4),
      (.relL2, 0, 1),
      (.saturated, 1, 0.4), (.saturated, 100, 0), (.chain, 0.999, 0.6), (.mse, 0.1, 0), (.relL2, .nan, 0),
    ] as [(CompareMetric, Double, Double)])
  func `bars have the scale of their metric`(_ metric: CompareMetric, _ value: Double, _ fraction: Double) {
    #expect(abs(metric.fraction(value) - fraction) < 1e-12)
  }

  @Test func `labels say which error`() {
    for metric in CompareMetric.allCases {
      #expect(metric.label.hasPrefix("chain ") || metric.label.hasPrefix("local "), "\(metric)")
    }
  }

  @Test(
    arguments: [(0.000123456, "0.000123"), (1234567, "1.23e6"), (-0.0333, "-0.0333"), (0, "0"), (2.346, "2.35")]
      as [(Double, String)])
  func `three digits that count`(_ value: Double, _ text: String) { #expect(PlotNumber.short(value) == text) }
}
