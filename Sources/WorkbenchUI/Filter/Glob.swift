/// Patterns with `*` (any text) and `?` (one character).
package enum Glob {
  /// - Complexity: O(text x pattern) at worst: on a mismatch the last `*` takes one character more.
  package static func matches(_ text: some StringProtocol, pattern: some StringProtocol) -> Bool {
    let t = Array(text)
    let p = Array(pattern)
    var (i, j) = (0, 0)
    var retry: (text: Int, pattern: Int)?
    while i < t.count {
      if j < p.count, p[j] == "*" {
        retry = (i, j)
        j += 1
      } else if j < p.count, p[j] == "?" || p[j] == t[i] {
        i += 1
        j += 1
      } else if let last = retry {
        retry = (last.text + 1, last.pattern)
        (i, j) = (last.text + 1, last.pattern + 1)
      } else {
        return false
      }
    }
    return p[j...].allSatisfy { $0 == "*" }
  }
}
