import QuantEngine
import Quantization

/// What `history.jsonl` holds already: says which lines are still to be written.
struct HistoryJournal: Sendable {
  private var isBegun = false
  private var count = 0
  private var current = 0
  private var saved = 0

  /// For a project without a history that fits.
  init() {}

  /// For a history as it was read, if its file can be appended to.
  init(_ read: SavedHistory) {
    guard read.isWhole else { return }
    isBegun = true
    count = read.history.entries.count
    current = read.history.current
    saved = read.savedAt
  }

  /// The lines that bring the file up to date; `nil` when it is.
  mutating func catchUp(_ history: UndoHistory<EditedConfig>, savedAt: Int) -> HistoryBatch? {
    var notes: [HistoryBatch.Note] = []
    let isNew = !isBegun
    if isNew {
      // A project that was only looked at gets no file.
      guard !history.entries.isEmpty else { return nil }
      notes.append(.begin(history.base))
      (isBegun, count, current, saved) = (true, 0, 0, 0)
    }
    for entry in history.entries[count...] {
      notes.append(.edit(entry))
      current = entry.id
    }
    count = history.entries.count
    if current != history.current {
      notes.append(.at(history.current))
      current = history.current
    }
    if saved != savedAt {
      notes.append(.saved(savedAt))
      saved = savedAt
    }
    return notes.isEmpty ? nil : HistoryBatch(notes: notes, isNew: isNew)
  }
}

/// What is to be added to `history.jsonl`: behind the lines that are there, or in place of them.
package struct HistoryBatch: Equatable, Sendable {
  enum Note: Sendable {
    case begin(EditedConfig)
    case edit(UndoHistory<EditedConfig>.Entry)
    case at(Int)
    case saved(Int)

    fileprivate var line: HistoryLine {
      switch self {
      case .begin(let base): .begin(base)
      case .edit(let entry): HistoryLine(entry)
      case .at(let id): HistoryLine(at: id)
      case .saved(let id): HistoryLine(saved: id)
      }
    }
  }

  let notes: [Note]
  package let isNew: Bool

  /// The lines' text. To make it takes a while when thousands of layers have changed: that is for the one who writes.
  package var lines: [String] { notes.map(\.line.text) }

  package static func == (a: HistoryBatch, b: HistoryBatch) -> Bool { a.isNew == b.isNew && a.lines == b.lines }
}

/// A history as its file tells it.
struct SavedHistory: Sendable {
  var history: UndoHistory<EditedConfig>
  /// The state that config.json was when it was last saved here; 0 before that.
  var savedAt: Int
  /// False when the end of the file is damaged: what came before it is here.
  var isWhole: Bool

  /// Reads up to the first line that makes no sense; `nil` when not even the beginning does.
  init?(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first.flatMap({ JSONText.decode(HistoryLine.self, from: $0) }),
      first.format == HistoryLine.format, let base = first.begun
    else { return nil }
    var entries: [UndoHistory<EditedConfig>.Entry] = []
    var (current, saved, good) = (0, 0, 1)
    // Behind the last line break there is nothing, or a line that was not written to its end.
    for line in lines.dropFirst().dropLast() {
      guard let line = JSONText.decode(HistoryLine.self, from: line) else { break }
      let known = 0...entries.count
      if let entry = line.entry, entry.id == entries.count + 1, known.contains(entry.parent) {
        entries.append(entry)
        current = entry.id
      } else if let at = line.at, known.contains(at) {
        current = at
      } else if let at = line.saved, known.contains(at) {
        saved = at
      } else {
        break
      }
      good += 1
    }
    guard let history = UndoHistory(base: base, entries: entries, current: current) else { return nil }
    self.history = history
    savedAt = saved
    isWhole = good == lines.count - 1 && lines.last?.isEmpty == true
  }

  /// Layers that some state has an entry for.
  var layers: Set<String> {
    history.entries.reduce(into: Set(history.base.config.layers.keys)) { $0.formUnion($1.change.layers.keys) }
  }
}
