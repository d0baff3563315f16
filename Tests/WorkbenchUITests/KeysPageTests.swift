import Foundation
import Testing

@testable import WorkbenchUI

/// `docs/keys.md` is printed from the key table. `RECORD_GOLDENS=1` writes it anew and fails.
@Suite("KeysPage") struct KeysPageTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("docs/keys.md")

  private static var text: String {
    var text = "# Keys of the workbench\n\nPrinted from the key table; `?` shows the same on each screen.\n"
    func add<S: Screen>(_ title: String, _ screen: S.Type, _ bindings: [S.Bound]) {
      text += "\n## \(title)\n\n| Keys | Action | What it does |\n|---|---|---|\n"
      for row in bindings {
        let keys = row.keys.map { "`\($0.name)`" }.joined(separator: " ")
        text += "| \(keys) | \(row.action.rawValue) | \(row.help) |\n"
      }
    }
    func add<S: Screen>(_ screen: S.Type) { add("\(S.tab.key) \(S.tab.name)", screen, S.bindings) }
    for type in ScreenCatalog.all { add(type) }
    add("Everywhere", LogScreen.self, LogScreen.everywhere)
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
    var bound: Set<String> = []
    func check<S: Screen>(_ screen: S.Type) {
      let own = Set(S.bindings.filter { !$0.keys.isEmpty }.map(\.action.rawValue))
      #expect(Set(S.Action.allCases.map(\.rawValue)).subtracting(own).isEmpty, "\(S.self)")
      bound.formUnion(own)
      bound.formUnion(S.everywhere.map(\.action.rawValue))
    }
    for type in ScreenCatalog.all { check(type) }
    let shared = SharedAction.allCases.map(\.rawValue) + MoveAction.allCases.map(\.rawValue)
    #expect(Set(shared).subtracting(bound).isEmpty)
  }

  @Test func `a name in the config file means one action on a screen`() {
    func check<S: Screen>(_ screen: S.Type) {
      let actions = (S.bindings + S.everywhere).map(\.action)
      for action in actions where Command<S.Action>(rawValue: action.rawValue) != action {
        // A screen may have an action that shows another one, and go there in its own way.
        guard case .show = action else {
          Issue.record("\(S.self): '\(action.rawValue)' is two things")
          continue
        }
      }
    }
    for type in ScreenCatalog.all { check(type) }
  }
}
