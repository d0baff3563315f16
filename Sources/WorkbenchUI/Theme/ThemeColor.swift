/// A colour in a theme: up to three ways to say it, for the three depths a terminal may have.
package enum ThemeColor: Hashable, Sendable {
  case `default`
  /// At least one is there.
  case ways(rgb: RGB?, indexed: UInt8?, ansi: UInt8?)

  /// The colour at a depth; a way that is missing is computed from those there.
  package func color(at depth: ColorDepth) -> Color {
    guard case .ways(let rgb, let indexed, let ansi) = self, depth != .mono else { return .default }
    switch depth {
    case .mono: return .default
    case .rgb:
      if let rgb { return .rgb(rgb) }
      return (indexed ?? ansi).map(Color.indexed) ?? .default
    case .palette256:
      if let index = indexed ?? (rgb == nil ? ansi : nil) { return .indexed(index) }
      return rgb.map { .indexed($0.nearest(among: 16...255)) } ?? .default
    case .ansi16:
      if let ansi { return .indexed(ansi) }
      if let indexed, indexed < 16 { return .indexed(indexed) }
      return (rgb ?? indexed.map(RGB.palette)).map { .indexed($0.nearest(among: 0...15)) } ?? .default
    }
  }

  /// One way: `#rrggbb`, `0`...`255`, a name of the sixteen, or `default`; `nil` when it is none of these.
  package init?(word: some StringProtocol) {
    let word = word.lowercased()
    if word == "default" {
      self = .default
    } else if word.hasPrefix("#"), let rgb = RGB(hex: word.dropFirst()) {
      self = .ways(rgb: rgb, indexed: nil, ansi: nil)
    } else if let number = UInt8(word) {
      self = .ways(rgb: nil, indexed: number, ansi: nil)
    } else if let index = RGB.ansiNames.firstIndex(of: word) {
      self = .ways(rgb: nil, indexed: nil, ansi: UInt8(index))
    } else {
      return nil
    }
  }

  /// Both together; `nil` when they say the same way twice or one of them is `default`.
  func merged(with other: ThemeColor) -> ThemeColor? {
    guard case .ways(let r1, let i1, let a1) = self, case .ways(let r2, let i2, let a2) = other,
      r1 == nil || r2 == nil, i1 == nil || i2 == nil, a1 == nil || a2 == nil
    else { return nil }
    return .ways(rgb: r1 ?? r2, indexed: i1 ?? i2, ansi: a1 ?? a2)
  }
}
