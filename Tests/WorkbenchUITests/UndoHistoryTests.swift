import Testing

@testable import WorkbenchUI

/// Bits by layer; a change lists old and new values.
private struct Bits: UndoableDocument {
  var values: [String: Int] = [:]
  struct Change: Sendable, Equatable { var edits: [String: [Int?]] }

  static func change(from old: Bits, to new: Bits) -> Change {
    let names = Set(old.values.keys).union(new.values.keys).filter { old.values[$0] != new.values[$0] }
    return Change(edits: Dictionary(uniqueKeysWithValues: names.map { ($0, [old.values[$0], new.values[$0]]) }))
  }
  mutating func apply(_ change: Change) { for (name, pair) in change.edits { values[name] = pair[1] } }
  mutating func revert(_ change: Change) { for (name, pair) in change.edits { values[name] = pair[0] } }
}

@Suite("Undo") struct UndoHistoryTests {
  @Test func `an edit of forty layers is undone in one step`() {
    var history = UndoHistory(Bits())
    history.edit("bits 12 on 40 layers", at: 1) { for n in 0..<40 { $0.values["layer\(n)"] = 12 } }
    #expect(history.document.values.count == 40 && history.undoLabel == "bits 12 on 40 layers")
    let undone = history.undo()
    #expect(undone?.label == "bits 12 on 40 layers")
    #expect(history.document == Bits() && !history.canUndo)
    history.redo()
    #expect(history.document.values["layer39"] == 12 && !history.canRedo)
  }

  @Test func `an edit that changes nothing leaves no trace`() {
    var history = UndoHistory(Bits(values: ["a": 8]))
    let changed = history.edit("nothing", at: 0) { $0.values["a"] = 8 }
    #expect(!changed && history.entries.isEmpty)
  }

  @Test func `a hundred edits come back one by one`() {
    var history = UndoHistory(Bits())
    for n in 1...100 { history.edit("edit \(n)", at: Double(n)) { $0.values["a"] = n } }
    for n in stride(from: 99, through: 1, by: -1) {
      history.undo()
      #expect(history.document.values["a"] == n)
    }
    history.undo()
    #expect(history.document == Bits() && !history.canUndo)
    while history.redo() != nil {}
    #expect(history.document.values["a"] == 100)
  }

  @Test func `the branch left by a new edit stays reachable`() {
    var history = UndoHistory(Bits())
    history.edit("a 8", at: 1) { $0.values["a"] = 8 }
    history.edit("a 12", at: 2) { $0.values["a"] = 12 }
    history.edit("b 4", at: 3) { $0.values["b"] = 4 }
    history.undo()
    history.undo()
    history.edit("a 16", at: 4) { $0.values["a"] = 16 }
    #expect(history.document.values == ["a": 16] && !history.canRedo)
    #expect(history.entries.map(\.label) == ["a 8", "a 12", "b 4", "a 16"])
    #expect(history.entries.map { history.isApplied($0.id) } == [true, false, false, true])

    history.jump(to: 3)
    #expect(history.document.values == ["a": 12, "b": 4])
    history.jump(to: 4)
    #expect(history.document.values == ["a": 16])
    history.jump(to: 0)
    #expect(history.document == Bits())
    // Redo goes where one was last.
    history.redo()
    history.redo()
    #expect(history.document.values == ["a": 16])
    let jumped = history.jump(to: 9)
    #expect(!jumped && history.document.values == ["a": 16])
  }

  @Test func `a history is restored from its parts`() throws {
    var history = UndoHistory(Bits(values: ["x": 1]))
    history.edit("one", at: 1) { $0.values["x"] = 2 }
    history.undo()
    history.edit("two", at: 2) { $0.values["x"] = 3 }
    let restored = try #require(
      UndoHistory(base: Bits(values: ["x": 1]), entries: history.entries, current: history.current))
    #expect(restored.document == history.document)
    #expect(UndoHistory(base: Bits(), entries: Array(history.entries.reversed()), current: 0) == nil)
    #expect(UndoHistory(base: Bits(), entries: history.entries, current: 3) == nil)
  }

  @Test func `jumping about is the same as editing anew`() {
    // Random walks over a random tree; the state of an entry is what its path of edits makes of the empty document.
    var seed: UInt64 = 20_240_611
    func random(_ bound: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % bound
    }
    var history = UndoHistory(Bits())
    var expected: [Int: Bits] = [0: Bits()]
    for step in 0..<300 {
      if random(3) == 0 {
        history.jump(to: random(history.entries.count + 1))
      } else {
        history.edit("step \(step)", at: 0) { $0.values["k\(random(4))"] = step }
        expected[history.current] = history.document
      }
      #expect(history.document == expected[history.current])
    }
  }
}
