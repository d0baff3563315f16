import Foundation
import Testing

@testable import WorkbenchUI

/// `docs/keys.md` is printed from the key table. `RECORD_GOLDENS=1` writes it anew and fails.
@Suite("KeysPage") struct KeysPageTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("docs/keys.md")

  private static var text: String {
    var text = "# Keys of the workbench\n\nPrinted from the key table; `?` shows the same on each screen.\n"
    let screens = AppScreen.allCases.map { ("\($0.tab.key) \($0.name)", AppKeys.map($0)) }
    for (title, map) in screens + [("Everywhere", AppKeys.everywhere)] {
      text += "\n## \(title)\n\n| Keys | Action | What it does |\n|---|---|---|\n"
      for row in map.rows(in: AppContext()) {
        let keys = row.keys.map { "`\($0.name)`" }.joined(separator: " ")
        text += "| \(keys) | \(row.action) | \(row.help) |\n"
      }
    }
    return text
  }

  @Test func `keys page is fresh`() throws {
    if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
      try Data(Self.text.utf8).write(to: Self.file, options: .atomic)
      Issue.record("recorded docs/keys.md: look at it, then run without RECORD_GOLDENS")
      return
    }
    let page = try String(contentsOf: Self.file, encoding: .utf8)
    #expect(page == Self.text, "docs/keys.md is stale; RECORD_GOLDENS=1 writes it anew")
  }

  @Test func `every action is on some key`() {
    let maps = AppScreen.allCases.map(AppKeys.map) + [AppKeys.everywhere]
    let bound = Set(maps.flatMap(\.bindings).filter { !$0.keys.isEmpty }.map(\.action))
    #expect(Set(AppAction.allCases).subtracting(bound).isEmpty)
  }
}
