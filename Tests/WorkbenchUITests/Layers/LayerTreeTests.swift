import Testing

@testable import WorkbenchUI

@Suite("Layer tree") struct LayerTreeTests {
  private let names = [
    "data", "res2a_branch1", "res2a_branch2a", "res2a_branch2b", "res2a", "inception_3a/1x1", "inception_3a/3x3",
    "inception_3b/1x1", "inception_3b/3x3", "fc1000",
  ]

  private func lines(_ tree: LayerTree, _ items: [LayerTree.Item]) -> [String] {
    items.map { item in
      switch item {
      case .group(let number):
        "\(String(repeating: " ", count: tree.groups[number].depth))\(tree.groups[number].prefix)(\(tree.groups[number].rows.count))"
      case .layer(let row): String(repeating: " ", count: tree.depths[row]) + names[row]
      }
    }
  }

  @Test func `names are grouped by their parts, in the order of the net`() {
    let tree = LayerTree(names)
    #expect(
      lines(tree, tree.items) == [
        "data", "res2a_(3)", " res2a_branch1", " res2a_branch2a", " res2a_branch2b", "res2a", "inception_(4)",
        " inception_3a/(2)", "  inception_3a/1x1", "  inception_3a/3x3", " inception_3b/(2)", "  inception_3b/1x1",
        "  inception_3b/3x3", "fc1000",
      ])
  }

  @Test func `a folded group hides what is in it`() {
    let tree = LayerTree(names)
    let seen = lines(tree, tree.items(folded: ["res2a_", "inception_3a/"]) { _ in true })
    #expect(
      seen == [
        "data", "res2a_(3)", "res2a", "inception_(4)", " inception_3a/(2)", " inception_3b/(2)", "  inception_3b/1x1",
        "  inception_3b/3x3", "fc1000",
      ])
  }

  @Test func `a filter leaves the groups of what it finds`() {
    let tree = LayerTree(names)
    let seen = lines(tree, tree.items(folded: []) { self.names[$0].hasSuffix("1x1") })
    #expect(
      seen == ["inception_(4)", " inception_3a/(2)", "  inception_3a/1x1", " inception_3b/(2)", "  inception_3b/1x1"])
  }

  @Test func `parts that always go together are one group`() {
    let tree = LayerTree(["a/b/c1", "a/b/c2", "", "_", "x"])
    #expect(tree.groups.map(\.prefix) == ["a/b/"])
  }
}
