import Glibc
import QuantEngine

/// What layers are compared by: which figure, of which error, and which way is better.
///
/// Cosines and SQNR grow with similarity, all others with the error; differences are turned so that above 0 is better for
/// every one of them.
enum CompareMetric: String, CaseIterable, Sendable {
  case chain, local, sqnr, relL2, mse, maxAbs, bias, saturated

  /// One word for the line of all metrics.
  var word: String {
    switch self {
    case .chain, .local, .sqnr, .mse, .bias: rawValue
    case .relL2: "rel.L2"
    case .maxAbs: "max"
    case .saturated: "sat%"
    }
  }

  /// Which figure of which error: `chain` is what has gathered up to a layer, `local` the layer by itself.
  var label: String {
    switch self {
    case .chain: "chain cos"
    case .local: "local cos"
    case .sqnr: "chain SQNR dB"
    case .relL2: "chain relative L2"
    case .mse: "chain MSE"
    case .maxAbs: "chain max|err|"
    case .bias: "chain mean bias"
    case .saturated: "local saturated %"
    }
  }

  /// What the figure is, and which way is better, in a few words.
  var meaning: String {
    switch self {
    case .chain: "all layers quantised, error gathered so far; 1 is best"
    case .local: "quantised layers alone, fed the original's values; 1 is best"
    case .sqnr: "signal over error; more is better"
    case .relL2: "|err| over |original|; less is better"
    case .mse: "mean of err^2; less is better"
    case .maxAbs: "largest error of a value; less is better"
    case .bias: "mean of the error; nearer to 0 is better"
    case .saturated: "share of input values clipped; less is better"
    }
  }

  /// Has a threshold, and a bar of nines.
  var isCosine: Bool { self == .chain || self == .local }

  // MARK: values

  /// `nil`: not measured for this layer, or by a run of an earlier version.
  func value(_ m: LayerMetric) -> Double? {
    switch self {
    case .chain: m.cosine
    case .local: m.local
    case .sqnr: m.sqnr_db
    case .relL2: m.rel_l2
    case .mse: m.mse
    case .maxAbs: m.max_abs
    case .bias: m.mean_bias
    case .saturated: m.saturated.map { $0 * 100 }
    }
  }

  /// Of an output of the net, which has no figures of a layer by itself.
  func value(_ m: OutputMetric) -> Double? {
    switch self {
    case .chain: m.cosine
    case .sqnr: m.sqnr_db
    case .relL2: m.rel_l2
    case .mse: m.mse
    case .maxAbs: m.max_abs
    case .bias: m.mean_bias
    case .local, .saturated: nil
    }
  }

  /// More is better: the value, or the error below 0. What is not a number is worst.
  func goodness(_ value: Double) -> Double {
    if value.isNaN { return -.infinity }
    switch self {
    case .chain, .local, .sqnr: return value
    case .relL2, .mse, .maxAbs, .saturated: return -value
    case .bias: return -abs(value)
    }
  }

  /// What was gained since `before`: above 0 is better. 0 for equal values, infinite ones and those that are no numbers
  /// included.
  func delta(_ value: Double, before: Double) -> Double {
    if value.isNaN || before.isNaN {
      return value.isNaN && before.isNaN ? 0 : value.isNaN ? -.infinity : .infinity
    }
    let (a, b) = (goodness(value), goodness(before))
    return a == b ? 0 : a - b
  }

  // MARK: text

  func text(_ value: Double?) -> String {
    guard let value else { return "-" }
    switch self {
    case .chain, .local: return Digits.cosine(value)
    case .sqnr: return Digits.fixed(value, 1)
    case .saturated: return Digits.fixed(value, 3)
    case .relL2, .mse, .maxAbs, .bias: return PlotNumber.short(value)
    }
  }

  /// With its sign; `0` where the digits show none.
  func deltaText(_ delta: Double) -> String {
    if isCosine { return Digits.delta(delta) }
    let text = isSame(delta) ? "0" : self.text(abs(delta))
    return text == "0" ? text : (delta < 0 ? "-" : "+") + text
  }

  func role(ofDelta delta: Double) -> Role { isSame(delta) ? .deltaSame : delta < 0 ? .deltaWorse : .deltaBetter }

  /// Smaller than the digits that are shown.
  private func isSame(_ delta: Double) -> Bool {
    switch self {
    case .chain, .local: abs(delta) < 0.000005
    case .sqnr: abs(delta) < 0.05
    case .saturated: abs(delta) < 0.0005
    case .relL2, .mse, .maxAbs, .bias: delta == 0
    }
  }

  func role(of value: Double?, threshold: Double) -> Role {
    guard let value else { return .metricNone }
    if isCosine { return MetricRole.of(value, threshold: threshold) }
    return value.isNaN ? .metricBad : .text
  }

  // MARK: bar

  /// The scale of the bars; a longer bar is better in all of them.
  enum Scale: Equatable, Sendable {
    /// `-log10(1 - x)`, with a tick at the threshold.
    case nines
    /// Decibels from 0 to 50.
    case decibels
    /// `-log10(x)` from 1 down to .00001, of shares.
    case decades
    /// Values depend on what the layer computes: no bar says something.
    case plain
  }

  var scale: Scale {
    switch self {
    case .chain, .local: .nines
    case .sqnr: .decibels
    case .relL2, .saturated: .decades
    case .mse, .maxAbs, .bias: .plain
    }
  }

  /// What stands over the bars, at 0, 1, .. fifths of their length.
  var ticks: [String] {
    switch self {
    case .chain, .local: ["0", ".9", ".99", ".999", ".9999"]
    case .sqnr: ["0", "10", "20", "30", "40"]
    case .relL2: ["1", ".1", ".01", ".001", ".0001"]
    case .saturated: ["100", "10", "1", ".1", ".01"]
    case .mse, .maxAbs, .bias: []
    }
  }

  /// The length of a bar, 0...1.
  func fraction(_ value: Double) -> Double {
    if value.isNaN { return 0 }
    let fifths =
      switch scale {
      case .nines: NinesScale.nines(value)
      case .decibels: value / 10
      case .decades: value <= 0 ? .infinity : -log10(self == .saturated ? value / 100 : value)
      case .plain: 0.0
      }
    return min(1, max(0, fifths / 5))
  }
}

extension PlotNumber {
  /// At most three digits that count: what fits a column of eight.
  static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return text(value) }
    let exponent = Int(log10(abs(value)).rounded(.down))
    let step = pow(10, Double(exponent - 2))
    let plain = text((value / step).rounded() * step)
    return plain.count <= 8 ? plain : "\(Digits.fixed(value / pow(10, Double(exponent)), 1))e\(exponent)"
  }
}
