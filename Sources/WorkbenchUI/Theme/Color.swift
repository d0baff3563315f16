/// A colour as the terminal is told it.
package enum Color: Hashable, Sendable {
  /// The terminal's own.
  case `default`
  /// A palette number: 0...15 are the terminal's named colours, 16...231 a colour cube, 232...255 greys.
  case indexed(UInt8)
  case rgb(RGB)

  /// The colour itself; `nil` for the terminal's own.
  ///
  /// Named colours are those of xterm.
  package var rgb: RGB? {
    switch self {
    case .default: nil
    case .indexed(let index): RGB.palette(index)
    case .rgb(let value): value
    }
  }
}

/// Red, green and blue, sRGB, 0...255 each.
package struct RGB: Hashable, Sendable {
  package var red, green, blue: UInt8

  package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// From `rrggbb`, without the number sign.
  package init?(hex: some StringProtocol) {
    guard hex.utf8.count == 6, hex.allSatisfy(\.isHexDigit), let value = UInt32(hex, radix: 16) else { return nil }
    self.init(UInt8(value >> 16), UInt8(value >> 8 & 255), UInt8(value & 255))
  }

  package var packed: Int32 { Int32(red) << 16 | Int32(green) << 8 | Int32(blue) }

  /// Colour of an xterm palette number: cube steps 0, 95, 135, 175, 215, 255; greys 8 + 10 k.
  package static func palette(_ index: UInt8) -> RGB {
    switch index {
    case 0..<16: return ansi[Int(index)]
    case 16..<232:
      let n = Int(index) - 16
      func step(_ k: Int) -> UInt8 { k == 0 ? 0 : UInt8(55 + 40 * k) }
      return RGB(step(n / 36), step(n / 6 % 6), step(n % 6))
    default:
      let grey = UInt8(8 + 10 * (Int(index) - 232))
      return RGB(grey, grey, grey)
    }
  }

  /// The nearest number among those given, by distance in CIELAB; the lowest of equals.
  package func nearest(among indices: some Sequence<UInt8>) -> UInt8 {
    let own = lab
    return indices.min { own.distance(to: RGB.palette($0).lab) < own.distance(to: RGB.palette($1).lab) } ?? 0
  }

  /// xterm's sixteen.
  private static let ansi: [RGB] = [
    RGB(0, 0, 0), RGB(205, 0, 0), RGB(0, 205, 0), RGB(205, 205, 0), RGB(0, 0, 238), RGB(205, 0, 205),
    RGB(0, 205, 205), RGB(229, 229, 229), RGB(127, 127, 127), RGB(255, 0, 0), RGB(0, 255, 0), RGB(255, 255, 0),
    RGB(92, 92, 255), RGB(255, 0, 255), RGB(0, 255, 255), RGB(255, 255, 255),
  ]

  package static let ansiNames = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright-black", "bright-red",
    "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
  ]
}

/// Bold, dim, underline, reverse.
package struct Attributes: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let bold = Attributes(rawValue: 1)
  package static let dim = Attributes(rawValue: 2)
  package static let underline = Attributes(rawValue: 4)
  package static let reverse = Attributes(rawValue: 8)

  package static let names: [(name: String, value: Attributes)] = [
    ("bold", .bold), ("dim", .dim), ("underline", .underline), ("reverse", .reverse),
  ]
}

/// Colours and attributes of a cell as the terminal is told them.
package struct Style: Hashable, Sendable {
  package var foreground: Color = .default
  package var background: Color = .default
  package var attributes: Attributes = []

  package init(foreground: Color = .default, background: Color = .default, attributes: Attributes = []) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}
