/// Columns of text for a terminal: cells padded to the widest, numbers to the right.
struct TextTable {
  private var rows: [[String]] = []
  private let right: Set<Int>

  /// - Parameter right: columns that are aligned to the right.
  init(_ head: [String], right: Set<Int> = []) {
    rows = [head]
    self.right = right
  }

  mutating func add(_ cells: [String]) { rows.append(cells) }

  var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { c in rows.map { c < $0.count ? $0[c].count : 0 }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (c, cell) in row.enumerated() {
        let pad = String(repeating: " ", count: widths[c] - cell.count)
        line += right.contains(c) ? pad + cell : cell + pad
        if c + 1 < row.count { line += "  " }
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}

/// 1234567 as "1,234,567".
func grouped(_ n: Int) -> String {
  var out: [Character] = []
  for (i, c) in String(abs(n)).reversed().enumerated() {
    if i > 0 && i % 3 == 0 { out.append(",") }
    out.append(c)
  }
  return (n < 0 ? "-" : "") + String(out.reversed())
}

/// A number with a fixed count of decimals, always with a point.
func fixed(_ value: Double, _ digits: Int) -> String {
  if value.isNaN { return "nan" }
  if value.isInfinite { return value < 0 ? "-inf" : "inf" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 9e15 else { return "\(value)" }
  let whole = Int(scaled)
  let sign = value < 0 && whole > 0 ? "-" : ""
  guard digits > 0 else { return sign + String(whole) }
  let fraction = String(whole % Int(scale))
  return sign + String(whole / Int(scale)) + "." + String(repeating: "0", count: digits - fraction.count) + fraction
}
