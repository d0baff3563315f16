/// How many colours are used.
package enum ColorDepth: Int, Comparable, CaseIterable, Sendable {
  /// Attributes only.
  case mono
  case ansi16
  case palette256
  case rgb

  package static func < (a: ColorDepth, b: ColorDepth) -> Bool { a.rawValue < b.rawValue }

  /// The word in the status line.
  package var label: String {
    switch self {
    case .mono: "mono"
    case .ansi16: "16c"
    case .palette256: "256c"
    case .rgb: "rgb"
    }
  }

  /// What to use, before the terminal is opened.
  ///
  /// `never`, or NO_COLOR set and not empty without `always`: mono. COLORTERM `truecolor` or `24bit`: rgb. Otherwise by
  /// the number of colours terminfo knows: 256, 16 (from 8 on), none; `always` cannot add what the terminal lacks.
  package static func decide(
    _ choice: ColorChoice, environment: [String: String], terminalColors: Int
  ) -> ColorDepth {
    if choice == .never { return .mono }
    if choice == .auto, !(environment["NO_COLOR"] ?? "").isEmpty { return .mono }
    if terminalColors < 8 { return .mono }
    if terminalColors >= 256, ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "") { return .rgb }
    return terminalColors >= 256 ? .palette256 : .ansi16
  }
}

/// `--color`.
package enum ColorChoice: String, CaseIterable, Sendable { case auto, always, never }

/// Whether the terminal's ground is dark or light.
package enum GroundTone: String, Sendable {
  case dark, light

  /// By CIELAB lightness: the tone whose text colours keep more contrast.
  package init(of color: RGB) { self = color.lab.l < 50 ? .dark : .light }
}
