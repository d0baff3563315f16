/// The characters frames, bars, plots and rails are made of.
package struct GlyphSet: Equatable, Sendable {
  package enum Name: String, CaseIterable, Sendable { case ascii, box, braille }

  package let name: Name
  package let horizontal, vertical: Character
  package let topLeft, topRight, bottomLeft, bottomRight: Character
  package let teeDown, teeUp, teeLeft, teeRight, cross: Character
  package let barFill, barRest, barTick: Character
  /// Column charts: from nearly empty to full, in equal steps.
  package let levels: [Character]
  /// Rails of the layer list.
  package let node, fork, join: Character
  package let scrollThumb: Character
  /// Whether plots may use the 2 x 4 dots of a braille cell.
  package var usesBraille: Bool { name == .braille }

  package static let ascii = GlyphSet(
    name: .ascii, horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
    teeDown: "+", teeUp: "+", teeLeft: "+", teeRight: "+", cross: "+", barFill: "#", barRest: ".", barTick: "|",
    levels: ["#"],
    node: "*", fork: "\\", join: "/", scrollThumb: "#")

  package static let box = lines(.box)
  package static let braille = lines(.braille)

  package static func named(_ name: Name) -> GlyphSet {
    switch name {
    case .ascii: ascii
    case .box: box
    case .braille: braille
    }
  }

  private static func lines(_ name: Name) -> GlyphSet {
    GlyphSet(
      name: name, horizontal: "─", vertical: "│", topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘",
      teeDown: "┬", teeUp: "┴", teeLeft: "┤", teeRight: "├", cross: "┼", barFill: "█", barRest: "░", barTick: "│",
      levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"], node: "●", fork: "╲", join: "╱", scrollThumb: "█")
  }
}

/// What every drawing function needs to know about the person and the terminal.
package struct Look: Sendable {
  package var glyphs: GlyphSet
  package var strings: Strings

  package init(glyphs: GlyphSet = .ascii, strings: Strings = .english) {
    self.glyphs = glyphs
    self.strings = strings
  }
}
