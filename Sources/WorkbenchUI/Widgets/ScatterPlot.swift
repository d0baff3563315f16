/// Points of two quantities, the second over the first; values of a blob before and after quantization for instance.
package struct ScatterPlot: Equatable, Sendable {
  package struct Sample: Equatable, Sendable {
    package var x, y: Double

    package init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  package var points: [Sample]
  /// Values at the edges, the same for both axes, so that equal values lie on the diagonal.
  package var range: ClosedRange<Double>
  /// Draws the line of equal values where no points lie.
  package var hasDiagonal: Bool

  package init(points: [Sample], range: ClosedRange<Double>, hasDiagonal: Bool = false) {
    self.points = points
    self.range = range
    self.hasDiagonal = hasDiagonal
  }

  /// The range that holds all finite values; `nil` when there are none.
  package static func range(of points: [Sample]) -> ClosedRange<Double>? {
    let values = points.flatMap { [$0.x, $0.y] }.filter(\.isFinite)
    guard let low = values.min(), let high = values.max() else { return nil }
    return low...high
  }

  /// Points per cell of a grid, row 0 at the top; points outside of the range and those not finite are left out.
  func counts(columns: Int, rows: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: columns * rows)
    let width = range.upperBound - range.lowerBound
    func place(_ value: Double, _ cells: Int) -> Int {
      // A range of one value has one place, in the middle.
      width > 0 ? min(cells - 1, Int((value - range.lowerBound) / width * Double(cells))) : cells / 2
    }
    for point in points where range.contains(point.x) && range.contains(point.y) {
      counts[(rows - 1 - place(point.y, rows)) * columns + place(point.x, columns)] += 1
    }
    return counts
  }

  /// From a few points to many: each sign stands for four times as many as the one before.
  static let densities: [Character] = [".", ":", "*", "#"]

  static func density(_ count: Int) -> Character? {
    guard count > 0 else { return nil }
    return densities[min(densities.count - 1, (Int.bitWidth - 1 - count.leadingZeroBitCount) / 2)]
  }
}

extension Canvas {
  /// Draws the plot with the ends of its axes; with braille dots where the glyph set has them, else as density.
  package mutating func draw(_ plot: ScatterPlot, in rect: Rect, look: Look) {
    let labelColumns = 7
    let area = Rect(
      column: rect.column + labelColumns, row: rect.row, columns: rect.columns - labelColumns, rows: rect.rows - 2)
    guard area.columns > 3, area.rows > 1 else { return }
    guard plot.points.contains(where: { plot.range.contains($0.x) && plot.range.contains($0.y) }) else {
      put(look.strings.noData, in: rect, role: .textDim)
      return
    }
    let (low, high) = (PlotNumber.text(plot.range.lowerBound), PlotNumber.text(plot.range.upperBound))
    let labels = Rect(column: rect.column, row: rect.row, columns: labelColumns - 2, rows: area.rows)
    // What is too long for the side stands below.
    for (value, line) in [(plot.range.upperBound, 0), (plot.range.lowerBound, area.rows - 1)] {
      let text = PlotNumber.short(value)
      guard CellWidth.of(text) <= labels.columns else { continue }
      put(text, in: labels, line: line, role: .plotAxis, alignment: .trailing)
    }
    fill(
      Rect(column: area.column - 1, row: area.row, columns: 1, rows: area.rows), with: look.glyphs.vertical,
      role: .plotAxis)
    fill(
      Rect(column: area.column, row: area.endRow, columns: area.columns, rows: 1), with: look.glyphs.horizontal,
      role: .plotAxis)
    put(String(look.glyphs.bottomLeft), column: area.column - 1, row: area.endRow, role: .plotAxis)
    let ends = Rect(column: area.column, row: area.endRow + 1, columns: area.columns, rows: 1)
    put(low, in: ends, role: .plotAxis)
    put(high, in: ends, role: .plotAxis, alignment: .trailing)
    if plot.hasDiagonal { drawDiagonal(in: area) }
    if look.glyphs.usesBraille { drawBraille(plot, in: area) } else { drawDensity(plot, in: area) }
  }

  private mutating func drawDiagonal(in area: Rect) {
    for column in 0..<area.columns {
      let row = area.rows - 1 - column * area.rows / area.columns
      put("/", column: area.column + column, row: area.row + row, role: .plotOrig)
    }
  }

  private mutating func drawDensity(_ plot: ScatterPlot, in area: Rect) {
    for (index, count) in plot.counts(columns: area.columns, rows: area.rows).enumerated() {
      guard let sign = ScatterPlot.density(count) else { continue }
      put(
        String(sign), column: area.column + index % area.columns, row: area.row + index / area.columns,
        role: .plotQuant)
    }
  }

  /// Dots of a braille cell, left column then right, from the top (Unicode 15.0, block U+2800).
  private static let brailleBits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

  private mutating func drawBraille(_ plot: ScatterPlot, in area: Rect) {
    let counts = plot.counts(columns: area.columns * 2, rows: area.rows * 4)
    for row in 0..<area.rows {
      for column in 0..<area.columns {
        var bits: UInt32 = 0
        for (y, line) in Self.brailleBits.enumerated() {
          for (x, bit) in line.enumerated()
          where counts[(row * 4 + y) * area.columns * 2 + column * 2 + x] > 0 { bits |= bit }
        }
        guard bits != 0, let scalar = Unicode.Scalar(0x2800 + bits) else { continue }
        put(String(Character(scalar)), column: area.column + column, row: area.row + row, role: .plotQuant)
      }
    }
  }
}
