import Tensors

/// Makes damaged, hostile and merely unusual inputs from good ones: input `i` of a seed is the same everywhere.
///
/// The changes are those that mutating fuzzers have settled on (Zalewski, AFL's technical notes: bit flips, known
/// integers, block deletion, duplication and splicing), and for text whole words and numbers are exchanged.
struct Mutator {
  let seeds: [[UInt8]]
  /// Words that mean something to the reader.
  let dictionary: [[UInt8]]
  /// Numbers that stand at the edge of some type.
  private static let numbers = [
    "0", "-0", "1", "-1", "2", "127", "128", "-129", "255", "256", "65535", "2147483647", "-2147483648", "2147483648",
    "4294967295", "4294967296", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
    "18446744073709551616", "1e-46", "1e38", "1e39", "1e400", "-1e400", "nan", "inf", "-inf", "0.1", "1.5",
    "3000000000",
  ].map { Array($0.utf8) }
  private static let limit = 1 << 16

  func input(_ index: Int, seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed &* 0x9E37_79B9 &+ UInt64(index))
    // Spread the first state, which neighbours share most bits of.
    var bytes = seeds[pick(seeds.count, &random)]
    // Half of the inputs keep their grammar as far as a number or word in another's place leaves it, so that they get
    // further than the first reader.
    let isGentle = random.next() & 1 == 0
    for _ in 0..<(1 + pick(4, &random) * pick(3, &random)) {
      if isGentle { exchange(&bytes, &random) } else { change(&bytes, &random) }
    }
    return Array(bytes.prefix(Self.limit))
  }

  private func pick(_ count: Int, _ random: inout SeededRandom) -> Int { Int(random.next() % UInt64(max(count, 1))) }

  private func change(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    guard !bytes.isEmpty else {
      bytes =
        dictionary.isEmpty ? [UInt8(truncatingIfNeeded: random.next())] : dictionary[pick(dictionary.count, &random)]
      return
    }
    let at = pick(bytes.count, &random)
    switch pick(12, &random) {
    case 0: bytes[at] ^= 1 << UInt8(pick(8, &random))
    case 1: bytes[at] = UInt8(truncatingIfNeeded: random.next())
    case 2: bytes[at] = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x22, 0x7b][pick(8, &random)]
    case 3: bytes.removeSubrange(block(at, bytes.count, &random))
    case 4: bytes.insert(contentsOf: bytes[block(at, bytes.count, &random)], at: pick(bytes.count + 1, &random))
    case 5:
      let other = seeds[pick(seeds.count, &random)]
      if !other.isEmpty {
        bytes.insert(contentsOf: other[block(pick(other.count, &random), other.count, &random)], at: at)
      }
    case 6: bytes.removeSubrange(at...)
    case 7:
      if !dictionary.isEmpty { bytes.insert(contentsOf: dictionary[pick(dictionary.count, &random)], at: at) }
    case 8:
      // Eight bytes of some integer, as binary formats have them.
      let value = [0, 1, -1, Int.max, Int.min, 1 << 31, 1 << 32, 0x7fff_ffff, -2][pick(9, &random)]
      for i in 0..<min(1 << pick(4, &random), bytes.count - at) {
        bytes[at + i] = UInt8(truncatingIfNeeded: value >> (8 * i))
      }
    default: exchange(&bytes, &random)
    }
  }

  private func exchange(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    let at = pick(bytes.count, &random)
    switch pick(6, &random) {
    case 0: replaceWord(&bytes, at, Self.isDigit, with: Self.numbers, &random)
    case 1: replaceWord(&bytes, at, Self.isLetter, with: dictionary, &random)
    default:
      let number = Array(String(pick(1 << pick(12, &random), &random)).utf8)
      replaceWord(&bytes, at, Self.isDigit, with: [number], &random)
    }
  }

  /// Up to 64 bytes from `at` on, short ones most of the time.
  private func block(_ at: Int, _ count: Int, _ random: inout SeededRandom) -> Range<Int> {
    at..<min(count, at + 1 + pick(1 << (1 + pick(6, &random)), &random))
  }

  /// Exchanges the first word of a kind from `at` on.
  private func replaceWord(
    _ bytes: inout [UInt8], _ at: Int, _ belongs: (UInt8) -> Bool, with words: [[UInt8]], _ random: inout SeededRandom
  ) {
    guard !words.isEmpty, let begin = bytes[at...].firstIndex(where: belongs) else { return }
    let end = bytes[begin...].firstIndex { !belongs($0) } ?? bytes.count
    bytes.replaceSubrange(begin..<end, with: words[pick(words.count, &random)])
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || byte == 0x2d || byte == 0x2e }
  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) || byte == 0x5f }
}
