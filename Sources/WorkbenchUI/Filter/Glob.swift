/// Patterns with `*` (any text) and `?` (one character).
package enum Glob {
  /// - Complexity: O(text x pattern) at worst: on a mismatch the last `*` takes one character more.
  package static func matches(_ text: some StringProtocol, pattern: some StringProtocol) -> Bool {
    // Bytes are characters in ASCII, and quicker to get.
    if text.utf8.allSatisfy({ $0 < 0x80 }), pattern.utf8.allSatisfy({ $0 < 0x80 }) {
      return matches(Array(text.utf8), Array(pattern.utf8), star: UInt8(ascii: "*"), any: UInt8(ascii: "?"))
    }
    return matches(Array(text), Array(pattern), star: "*", any: "?")
  }

  private static func matches<Letter: Equatable>(_ t: [Letter], _ p: [Letter], star: Letter, any: Letter) -> Bool {
    var (i, j) = (0, 0)
    var retry: (text: Int, pattern: Int)?
    while i < t.count {
      if j < p.count, p[j] == star {
        retry = (i, j)
        j += 1
      } else if j < p.count, p[j] == any || p[j] == t[i] {
        i += 1
        j += 1
      } else if let last = retry {
        retry = (last.text + 1, last.pattern)
        (i, j) = (last.text + 1, last.pattern + 1)
      } else {
        return false
      }
    }
    return p[j...].allSatisfy { $0 == star }
  }
}
