import Glibc

/// A bar of cosine values on a scale of nines, so that .99 and .999 are visibly apart.
package enum NinesScale {
  /// Nines shown from the left to the right edge: 0 .9 .99 .999 .9999 and one more.
  package static let span = 5.0

  /// `-log10(1 - cos)`: 0 for 0 and less, 1 for .9, 2 for .99; infinite for 1; 0 for what is not a number.
  package static func nines(_ cosine: Double) -> Double {
    if cosine.isNaN || cosine <= 0 { return 0 }
    return cosine >= 1 ? .infinity : -log10(1 - cosine)
  }

  /// Filled cells of a bar, 0...columns, rounded to the nearest.
  package static func cells(_ cosine: Double, columns: Int) -> Int {
    let exact = nines(cosine) / span * Double(columns)
    return exact >= Double(columns) ? columns : Int(exact.rounded())
  }

  /// The axis over the bars: each label where its value ends.
  package static func axis(columns: Int, _ labels: [String] = ["0", ".9", ".99", ".999", ".9999"]) -> String {
    var line = Array(repeating: Character(" "), count: max(0, columns))
    for (nine, label) in labels.enumerated() {
      let at = nine * columns / Int(span)
      guard at + label.count <= line.count, at == 0 || line[at - 1] == " " else { continue }
      for (offset, letter) in label.enumerated() { line[at + offset] = letter }
    }
    return String(line)
  }
}

extension Canvas {
  /// Draws the bar of a cosine with a tick at the threshold; the bar of a value below it never touches the tick.
  package mutating func drawNinesBar(_ cosine: Double, threshold: Double, in line: Rect, role: Role, look: Look) {
    let tick = NinesScale.cells(threshold, columns: line.columns)
    let reached = NinesScale.cells(cosine, columns: line.columns)
    let filled = cosine >= threshold ? reached : min(reached, max(0, tick - 1))
    for column in 0..<line.columns {
      let isFilled = column < filled
      let glyph = column == tick ? look.glyphs.barTick : isFilled ? look.glyphs.barFill : look.glyphs.barRest
      let cellRole: Role = column == tick ? .barTick : isFilled ? role : .barRest
      put(String(glyph), column: line.column + column, row: line.row, role: cellRole)
    }
  }

  /// Draws a progress bar; `fraction` is cut to 0...1, and only 1 fills the last cell.
  package mutating func drawProgress(_ fraction: Double, in line: Rect, role: Role = .barFill, look: Look) {
    let exact = fraction.isNaN ? 0 : min(1, max(0, fraction)) * Double(line.columns)
    let filled = Int(exact)
    for column in 0..<line.columns {
      let isFilled = column < filled
      put(
        String(isFilled ? look.glyphs.barFill : look.glyphs.barRest), column: line.column + column, row: line.row,
        role: isFilled ? role : .barRest)
    }
  }
}
