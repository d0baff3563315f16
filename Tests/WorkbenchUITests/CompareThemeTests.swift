import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Compare without colour and on a light ground.
@Suite("Compare in themes") struct CompareThemeTests {
  /// The screen with the style in braces before what has it: `{166/255 b}`, colours of 256 and attributes; `{}` is plain
  /// text.
  private func styled(_ canvas: Canvas, _ styles: StyleTable) -> String {
    func name(_ color: Color) -> String {
      switch color {
      case .default: "-"
      case .indexed(let n): "\(n)"
      default: "?"
      }
    }
    let plain = styles.style(.text)
    return (0..<canvas.size.rows).map { row in
      var line = ""
      var last = plain
      for column in 0..<canvas.size.columns {
        guard let cell = canvas[column, row], cell.width > 0 else { continue }
        let style = styles.style(cell.role, under: cell.overlay)
        if style != last {
          let letters = [(Attributes.bold, "b"), (.dim, "d"), (.reverse, "r"), (.underline, "u")]
          let attributes = letters.filter { style.attributes.contains($0.0) }.map(\.1).joined()
          let colors = "\(name(style.foreground))/\(name(style.background))"
          line += style == plain ? "{}" : "{\(colors)\(attributes.isEmpty ? "" : " ")\(attributes)}"
          last = style
        }
        line.append(cell.character)
      }
      return line
    }.joined(separator: "\n")
  }

  @Test(arguments: [("mono", ColorDepth.mono), ("cvd-light", .palette256)])
  func `histogram and list in a theme`(_ name: String, _ depth: ColorDepth) throws {
    var driver = try ComparedShapes.driver(runs: [ComparedShapes.run(1, repaired: false)])
    driver.press("]")
    let styles = try BuiltInThemes.library().theme(name).styles(at: depth)
    try GoldenScreen.check(styled(driver.canvas, styles), "app/compare-\(name)", testFile: #filePath)
  }

  @Test(arguments: [GlyphSet.ascii, .box, .braille]) func `original and fake-quant differ by their signs`(
    _ glyphs: GlyphSet
  ) throws {
    for tab in ["", "]"] {
      var driver = try ComparedShapes.driver(glyphs: glyphs)
      driver.press(tab)
      let cells = driver.canvas.cells
      // Words name both as well; signs are what is no letter but the o of the histogram.
      func signs(_ role: Role) -> Set<Character> {
        Set(cells.filter { $0.role == role }.map(\.character).filter { !$0.isLetter || $0 == "o" })
          .subtracting([" ", "-"])
      }
      let (original, quantized) = (signs(.plotOrig).subtracting(["o"]), signs(.plotQuant))
      #expect(!original.isEmpty && !quantized.isEmpty)
      #expect(original.isDisjoint(with: quantized), "\(original) \(quantized)")
    }
  }
}
