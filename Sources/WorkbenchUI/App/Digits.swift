/// Numbers of the screens: a point in every language, fixed decimals.
enum Digits {
  /// `0.98734`; `nan` and `inf` as words.
  static func fixed(_ value: Double, _ places: Int) -> String {
    if !value.isFinite { return PlotNumber.text(value) }
    let scale = (0..<places).reduce(1.0) { factor, _ in factor * 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e15 else { return PlotNumber.text(value) }
    let (whole, part) = (Int(scaled) / Int(scale), Int(scaled) % Int(scale))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if places == 0 { return "\(sign)\(whole)" }
    let digits = String(part)
    return "\(sign)\(whole).\(String(repeating: "0", count: places - digits.count))\(digits)"
  }

  /// A similarity: five decimals, and not 1.00000 for what is less than 1.
  static func cosine(_ value: Double) -> String {
    value < 1 && value >= 0.999995 ? "0.99999" : fixed(value, 5)
  }

  /// A difference with its sign; `0` where five decimals show none.
  static func delta(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    let text = fixed(abs(value), 5)
    if text == fixed(0, 5) { return "0" }
    return (value < 0 ? "-" : "+") + text
  }

  /// `1.2k`, `3.4M`, `5.6G`: what is counted.
  static func count(_ value: Int) -> String {
    for (unit, letter) in [(1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")] where value >= unit {
      return fixed(Double(value) / Double(unit), 1) + letter
    }
    return "\(value)"
  }

  /// `244 MB`, `1.3 GB`: powers of 1000.
  static func bytes(_ value: Int) -> String {
    for (unit, word) in [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")] where value >= unit {
      let number = Double(value) / Double(unit)
      return "\(fixed(number, number < 10 ? 1 : 0)) \(word)"
    }
    return "\(value) B"
  }

  /// `36,928`: every digit of it.
  static func grouped(_ value: Int) -> String {
    let digits = Array(String(value))
    return digits.enumerated().reduce(into: "") { text, digit in
      if digit.offset > 0, (digits.count - digit.offset) % 3 == 0, text.last != "-" { text.append(",") }
      text.append(digit.element)
    }
  }

  /// `64x56x56`; a dash where nothing is known, `1` for a single number.
  static func shape(_ dims: [Int]?) -> String {
    guard let dims else { return "-" }
    return dims.isEmpty ? "1" : dims.map(String.init).joined(separator: "x")
  }

  /// `00:41`, `1:02:03`.
  static func clock(_ seconds: Double) -> String {
    let whole = seconds.isFinite ? Int(min(max(0, seconds), 3.6e7)) : 0
    let two = { (n: Int) in n < 10 ? "0\(n)" : "\(n)" }
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(two(minutes)):\(two(whole % 60))"
  }

  /// How long ago: `now`, `41s`, `12m`, `3h`, `5d`.
  static func age(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 1 else { return "now" }
    let whole = Int(min(seconds, 1e12))
    for (unit, letter) in [(86_400, "d"), (3600, "h"), (60, "m")] where whole >= unit {
      return "\(whole / unit)\(letter)"
    }
    return "\(whole)s"
  }

  static func plural(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
}
