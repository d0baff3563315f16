/// Finds the known name a user most likely meant.
package enum NearestName {
  /// The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours), case ignored;
  /// `nil` when none is near: more than a third of the word, at least 2 edits, would have to change.
  /// - Complexity: O(candidates x word x candidate).
  package static func find(_ word: String, among candidates: some Sequence<String>) -> String? {
    let target = Array(word.lowercased())
    let limit = max(2, target.count / 3)
    var best: (distance: Int, name: String)?
    for name in candidates {
      let d = distance(target, Array(name.lowercased()), limit: best?.distance ?? limit)
      if d <= limit, d < best?.distance ?? .max, d < max(target.count, 1) { best = (d, name) }
    }
    return best?.name
  }

  /// Optimal string alignment distance; gives up (returns `limit + 1`) when the lengths alone exceed the limit.
  package static func distance(_ a: [Character], _ b: [Character], limit: Int = .max) -> Int {
    if abs(a.count - b.count) > limit { return limit == .max ? limit : limit + 1 }
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 1...a.count {
      var row = [Int](repeating: 0, count: b.count + 1)
      row[0] = i
      for j in 1...b.count {
        row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], beforeLast[j - 2] + 1) }
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }

  /// `help` line for an unknown word, empty when nothing is near.
  package static func help(_ word: String, among candidates: some Sequence<String>) -> [String] {
    find(word, among: candidates).map { ["did you mean '\($0)'?"] } ?? []
  }
}
