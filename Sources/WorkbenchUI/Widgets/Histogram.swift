import Glibc

/// Counts over equal bins, drawn as columns on a logarithmic axis of counts.
package struct Histogram: Equatable, Sendable {
  /// Counts per bin, from the lowest values to the highest.
  package var counts: [Int]
  /// A second distribution over the same bins (after quantization), drawn as outline.
  package var overlay: [Int]
  /// Values at the left and right edge.
  package var range: ClosedRange<Double>
  /// Values where clipping begins, marked on the axis.
  package var clips: [Double]

  package init(counts: [Int], overlay: [Int] = [], range: ClosedRange<Double>, clips: [Double] = []) {
    self.counts = counts
    self.overlay = overlay
    self.range = range
    self.clips = clips
  }

  /// Counts joined (or spread) to a number of columns: each column has the largest bin that falls into it, so that a
  /// lonely outlier stays visible.
  static func resampled(_ counts: [Int], to columns: Int) -> [Int] {
    guard !counts.isEmpty, columns > 0 else { return [] }
    return (0..<columns).map { column in
      let from = column * counts.count / columns
      let to = max(from + 1, (column + 1) * counts.count / columns)
      return counts[from..<min(to, counts.count)].max() ?? 0
    }
  }

  /// Height of a count in rows (with parts of rows): one count is half a decade over the ground, each ten times more
  /// is one decade; 0 for 0.
  static func height(_ count: Int, rows: Int, decades: Int) -> Double {
    count <= 0 ? 0 : (log10(Double(count)) + 0.5) / (Double(decades) + 0.5) * Double(rows)
  }

  /// Decades needed for the largest count; at least 1.
  var decades: Int {
    let largest = max(counts.max() ?? 0, overlay.max() ?? 0)
    return largest <= 10 ? 1 : Int(log10(Double(largest)).rounded(.up))
  }
}

extension Canvas {
  /// Draws a histogram: `10^k` labels at the left, columns, and an axis with its ends and clip marks below.
  package mutating func draw(_ histogram: Histogram, in rect: Rect, look: Look) {
    let labelColumns = 6
    let rows = rect.rows - 2
    let columns = rect.columns - labelColumns
    guard rows > 0, columns > 4 else { return }
    guard histogram.counts.contains(where: { $0 > 0 }) else {
      put(look.strings.noData, in: rect, role: .textDim)
      return
    }
    let decades = histogram.decades
    let left = rect.column + labelColumns
    for decade in stride(from: decades, through: 0, by: -1) {
      let count = (0..<decade).reduce(1) { n, _ in n.multipliedReportingOverflow(by: 10).partialValue }
      let line = rows - Int(Histogram.height(count, rows: rows, decades: decades).rounded(.up))
      put("10^\(decade)", column: rect.column, row: rect.row + max(0, line), role: .plotAxis, columns: labelColumns - 1)
    }
    drawColumns(
      Histogram.resampled(histogram.counts, to: columns), rows: rows, decades: decades,
      at: Point(column: left, row: rect.row), look: look)
    for (column, count) in Histogram.resampled(histogram.overlay, to: columns).enumerated() where count > 0 {
      let height = Int(Histogram.height(count, rows: rows, decades: decades).rounded(.up))
      put("o", column: left + column, row: rect.row + rows - max(1, height), role: .plotQuant)
    }
    drawAxis(histogram, in: Rect(column: left, row: rect.row + rows, columns: columns, rows: 2), look: look)
  }

  private mutating func drawColumns(_ counts: [Int], rows: Int, decades: Int, at corner: Point, look: Look) {
    let levels = look.glyphs.levels
    for (column, count) in counts.enumerated() where count > 0 {
      let height = Histogram.height(count, rows: rows, decades: decades)
      for row in 0..<rows {
        let part = height - Double(row)
        // A lowest sliver is always shown: a bin with one value is not an empty bin.
        guard part > 0 else { break }
        let level = min(levels.count, max(1, Int((part * Double(levels.count)).rounded(.up)))) - 1
        put(String(levels[level]), column: corner.column + column, row: corner.row + rows - 1 - row, role: .plotOrig)
      }
    }
  }

  private mutating func drawAxis(_ histogram: Histogram, in rect: Rect, look: Look) {
    fill(rect.line(0), with: look.glyphs.horizontal, role: .plotAxis)
    put(PlotNumber.text(histogram.range.lowerBound), in: rect, line: 1, role: .plotAxis)
    put(PlotNumber.text(histogram.range.upperBound), in: rect, line: 1, role: .plotAxis, alignment: .trailing)
    let width = histogram.range.upperBound - histogram.range.lowerBound
    guard width > 0, width.isFinite else { return }
    for clip in histogram.clips where histogram.range.contains(clip) {
      let at = min(rect.columns - 1, Int((clip - histogram.range.lowerBound) / width * Double(rect.columns)))
      put("^", column: rect.column + at, row: rect.row, role: .plotClip)
    }
  }
}

/// Numbers beside plots: four significant digits, a point in every language.
package enum PlotNumber {
  package static func text(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    if value == 0 { return "0" }
    let exponent = Int(log10(abs(value)).rounded(.down))
    if exponent >= 6 || exponent < -4 {
      let mantissa = (value / pow(10, Double(exponent)) * 100).rounded() / 100
      return "\(trimmed(mantissa))e\(exponent)"
    }
    let places = max(0, 3 - exponent)
    let factor = pow(10, Double(places))
    return trimmed((value * factor).rounded() / factor)
  }

  private static func trimmed(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
