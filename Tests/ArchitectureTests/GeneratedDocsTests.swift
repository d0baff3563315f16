import Foundation
import Testing

/// Pages that are printed from the program itself. `RECORD_GOLDENS=1` (`make docs`) writes them anew and fails.
@Suite("GeneratedDocs") struct GeneratedDocsTests {
  @Test func `layers page is fresh`() throws { try Self.check("docs/layers.md", LayersPage.text()) }

  @Test func `commands page is fresh`() throws { try Self.check("docs/commands.md", CommandsPage.text()) }

  private static func check(_ path: String, _ text: String) throws {
    let file = SourceTree.root.appendingPathComponent(path)
    if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
      try Data(text.utf8).write(to: file, options: .atomic)
      Issue.record("recorded \(path): look at it, then run without RECORD_GOLDENS")
      return
    }
    let page = (try? SourceTree.text(path)) ?? ""
    guard page != text else { return }
    let (old, new) = (page.split(separator: "\n"), text.split(separator: "\n"))
    let at = zip(old, new).first { $0 != $1 }
    Issue.record("\(path) is stale; make docs writes it anew. First difference: \(at.map { "\($0)" } ?? "its length")")
  }
}
