/// Plain text against a name: the letters must come in this order, with anything between.
package enum FuzzyMatch {
  /// A score, larger for better matches, or `nil` when there is none; upper and lower case alike.
  ///
  /// Letters in a row and letters after `_ / . -` or a digit change count more; a name that begins so most of all.
  package static func score(_ pattern: some StringProtocol, in name: some StringProtocol) -> Int? {
    let wanted = Array(pattern.lowercased())
    if wanted.isEmpty { return 0 }
    let letters = Array(name.lowercased())
    if let start = firstRange(of: wanted, in: letters) {
      return 1000 + (start == 0 ? 500 : 0) - min(letters.count, 400)
    }
    var score = 0
    var k = 0
    var previous = -2
    for (i, letter) in letters.enumerated() where k < wanted.count && letter == wanted[k] {
      let atWord = i == 0 || !(letters[i - 1].isLetter || letters[i - 1].isNumber)
      score += (previous == i - 1 ? 8 : 0) + (atWord ? 6 : 0) + 1
      previous = i
      k += 1
    }
    return k == wanted.count ? score : nil
  }

  /// Whether there is a match at all; for plain ASCII without making anything, as each letter typed asks all names.
  package static func fits(_ pattern: String, _ name: String) -> Bool {
    var wanted = pattern.utf8.makeIterator()
    guard var letter = wanted.next() else { return true }
    var found = false
    for byte in name.utf8 {
      if byte >= 0x80 || letter >= 0x80 { return score(pattern, in: name) != nil }
      guard !found, folded(byte) == folded(letter) else { continue }
      if let next = wanted.next() { letter = next } else { found = true }
    }
    return found || letter >= 0x80 && score(pattern, in: name) != nil
  }

  /// Small for capital.
  private static func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte | 0x20 : byte }

  private static func firstRange(of wanted: [Character], in letters: [Character]) -> Int? {
    guard wanted.count <= letters.count else { return nil }
    return (0...(letters.count - wanted.count)).first { start in
      wanted.indices.allSatisfy { letters[start + $0] == wanted[$0] }
    }
  }
}
