/// The footer line: the keys that do something here and now.
package enum Footer {
  /// More would be a manual, not a reminder.
  package static let limit = 8

  package struct Entry: Equatable, Sendable {
    package let keys: String
    package let words: String
  }

  /// At most 8 entries, in the table's order; each with its first key; neighbours with the same words are joined
  /// (`j/k move`).
  ///
  /// Rows that are off now, without key or without footer words are left out. Where there are more than 8, the last one
  /// stays: it is the one for help, without which the rest is not found.
  package static func entries(_ rows: [KeyRow]) -> [Entry] {
    var entries: [Entry] = []
    for row in rows where row.offReason == nil {
      guard let words = row.footer, let key = row.keys.first else { continue }
      if let last = entries.last, last.words == words {
        entries[entries.count - 1] = Entry(keys: "\(last.keys)/\(key.name)", words: words)
      } else {
        entries.append(Entry(keys: key.name, words: words))
      }
    }
    if entries.count > limit { entries.removeSubrange((limit - 1)..<(entries.count - 1)) }
    return entries
  }

  /// As many entries as fit into the columns; the last stays.
  package static func spans(_ rows: [KeyRow], columns: Int, strings: Strings = .english) -> [Span] {
    var entries = entries(rows).map { Entry(keys: $0.keys, words: strings[$0.words]) }
    func width(_ entries: [Entry]) -> Int {
      entries.reduce(0) { $0 + CellWidth.of($1.keys) + 1 + CellWidth.of($1.words) } + 2 * max(0, entries.count - 1)
    }
    while entries.count > 1, width(entries) > columns { entries.remove(at: entries.count - 2) }
    return entries.enumerated().flatMap { position, entry in
      [Span(position == 0 ? "" : "  "), Span(entry.keys, .key), Span(" \(entry.words)")]
    }
  }
}
