/// A document that can say what differs between two of its states, and go from one to the other.
package protocol UndoableDocument: Equatable, Sendable {
  associatedtype Change: Sendable

  /// All that turns `old` into `new`.
  static func change(from old: Self, to new: Self) -> Change
  mutating func apply(_ change: Change)
  mutating func revert(_ change: Change)
}

/// Every edit of a document: unlimited undo and redo, and branches that stay reachable.
///
/// Edits form a tree. An edit after undo starts a new branch; the one left stays in `entries` and can be jumped to.
/// Only changes are kept, not copies of the document.
package struct UndoHistory<Document: UndoableDocument>: Sendable {
  /// One change set: what one intent of the person changed, be it on 40 layers.
  package struct Entry: Sendable {
    /// Counts from 1; 0 is the state before the first edit.
    package let id: Int
    package let parent: Int
    package let label: String
    /// Seconds since 1970, given by whoever made the edit.
    package let time: Double
    package let change: Document.Change
  }

  package private(set) var document: Document
  /// All change sets, oldest first, whatever branch they are on.
  package private(set) var entries: [Entry] = []
  /// The change set whose result the document is now; 0 before the first.
  package private(set) var current = 0
  /// For each state, the child that redo goes to: the one made or visited last.
  private var preferredChild: [Int: Int] = [:]

  package init(_ document: Document) { self.document = document }

  /// Restores a history from its saved parts.
  ///
  /// `base`: the document before the first edit.
  /// The result is `nil` when the entries are not a tree numbered from 1, or `current` is none of them.
  package init?(base: Document, entries: [Entry], current: Int) {
    guard entries.enumerated().allSatisfy({ $1.id == $0 + 1 && (0..<$1.id).contains($1.parent) }),
      (0...entries.count).contains(current)
    else { return nil }
    document = base
    self.entries = entries
    for entry in entries { preferredChild[entry.parent] = entry.id }
    jump(to: current)
  }

  package var canUndo: Bool { current != 0 }
  package var canRedo: Bool { preferredChild[current] != nil }
  /// The label of what undo would take back.
  package var undoLabel: String? { current == 0 ? nil : entries[current - 1].label }
  package var redoLabel: String? { preferredChild[current].map { entries[$0 - 1].label } }

  /// Makes an edit one change set; an edit that changes nothing leaves no trace.
  /// - Returns: whether something changed.
  @discardableResult
  package mutating func edit(_ label: String, at time: Double, _ body: (inout Document) throws -> Void) rethrows -> Bool
  {
    var edited = document
    try body(&edited)
    guard edited != document else { return false }
    let entry = Entry(
      id: entries.count + 1, parent: current, label: label, time: time,
      change: Document.change(from: document, to: edited))
    entries.append(entry)
    preferredChild[current] = entry.id
    current = entry.id
    document = edited
    return true
  }

  /// - Returns: what was taken back, `nil` at the beginning.
  @discardableResult
  package mutating func undo() -> Entry? {
    guard current != 0 else { return nil }
    let entry = entries[current - 1]
    document.revert(entry.change)
    preferredChild[entry.parent] = entry.id
    current = entry.parent
    return entry
  }

  /// - Returns: what was done again, `nil` where there is nothing.
  @discardableResult
  package mutating func redo() -> Entry? {
    guard let next = preferredChild[current] else { return nil }
    let entry = entries[next - 1]
    document.apply(entry.change)
    current = next
    return entry
  }

  /// Goes to the state after a change set of any branch; 0 is the beginning.
  /// - Returns: false when there is no such change set.
  @discardableResult
  package mutating func jump(to id: Int) -> Bool {
    guard (0...entries.count).contains(id) else { return false }
    let path = path(to: id)
    let onPath = Set(path)
    while current != 0, !onPath.contains(current) { undo() }
    for next in path.drop(while: { $0 <= current }) {
      preferredChild[current] = next
      redo()
    }
    return true
  }

  /// The document before the first edit.
  package var base: Document {
    var start = self
    start.jump(to: 0)
    return start.document
  }

  /// The document after a change set, whatever branch it is on; `nil` when there is no such change set.
  package func document(at id: Int) -> Document? {
    var other = self
    return other.jump(to: id) ? other.document : nil
  }

  /// The change sets from the first to this one.
  package func path(to id: Int) -> [Int] {
    var path: [Int] = []
    var at = id
    while at != 0 {
      path.append(at)
      at = entries[at - 1].parent
    }
    return path.reversed()
  }

  /// Whether a change set led to the document as it is now.
  package func isApplied(_ id: Int) -> Bool { path(to: current).contains(id) }
}
