import ScreenTesting
import Testing

@testable import WorkbenchUI

/// What two screens look like in each theme: which roles are on them, in which colours and attributes.
@Suite("Screen colours") struct ScreenColorTests {
  private func word(_ color: Color) -> String {
    switch color {
    case .default: "default"
    case .indexed(let index): "\(index)"
    case .rgb(let value): "#\(String(value.packed, radix: 16))"
    }
  }

  private func words(_ style: Style) -> String {
    let attributes: [(Attributes, String)] = [
      (.bold, "bold"), (.dim, "dim"), (.reverse, "reverse"), (.underline, "underline"),
    ]
    let set = attributes.filter { style.attributes.contains($0.0) }.map(\.1)
    return (["\(word(style.foreground)) on \(word(style.background))"] + set).joined(separator: " ")
  }

  private func screens() throws -> [(String, Canvas)] {
    var home = try HomeScreenTests.driver(runs: [Shapes.run(1, Shapes.defaults)])
    let first = ("home", home.canvas)
    home.press("5")
    return [first, ("compare", home.canvas)]
  }

  @Test(arguments: ["dark", "light", "contrast", "cvd-dark", "cvd-light", "mono", "terminal"])
  func `two screens in a theme`(theme: String) throws {
    let styles = try BuiltInThemes.library().theme(theme).styles(at: theme == "mono" ? .mono : .palette256)
    var text = ""
    for (name, canvas) in try screens() {
      var seen: [String: String] = [:]
      for cell in canvas.cells where cell.character != " " || cell.overlay != nil {
        let over = cell.overlay.map { " under \($0.name)" } ?? ""
        seen[cell.role.name + over] = words(styles.style(cell.role, under: cell.overlay))
      }
      text += "\(name)\n" + seen.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)\n" }.joined()
    }
    if theme == "mono" {
      // Without colour nothing may say a colour.
      #expect(!text.split(separator: "\n").contains { $0.contains(": ") && !$0.contains("default on default") })
    }
    try GoldenScreen.check(text, "app/colors-\(theme)", testFile: #filePath)
  }
}
