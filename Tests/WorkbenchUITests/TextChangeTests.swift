import QuantEngine
import Testing

@testable import WorkbenchUI

/// The difference of two texts, there and back.
@Suite("Text change") struct TextChangeTests {
  private static func bytes(_ text: String?) -> [UInt8]? { text.map { Array($0.utf8) } }

  @Test(
    arguments: [
      ("num_bits: 8\n", "num_bits: 12\n"), ("", "a"), ("a", ""), ("aaa", "aa"), ("abab", "ab"), (nil, "new"),
      ("old", nil),
      (nil, ""), ("", nil), ("# \u{76ee}\u{6807}", "# \u{76ee}\u{6a19}"), ("\u{e9}", "\u{e8}"),
      ("x\u{76ee}", "x\u{4eee}"),
    ] as [(String?, String?)])
  func `applied it makes the new text, reverted the old, also from JSON`(_ old: String?, _ new: String?) throws {
    let change = try #require(TextChange(from: Self.bytes(old), to: Self.bytes(new)))
    let record = JSONText.encode(TextChangeRecord(change))
    let read = try #require(JSONText.decode(TextChangeRecord.self, from: record)?.change)
    for change in [change, read] {
      var text = Self.bytes(old)
      change.apply(to: &text)
      #expect(text == Self.bytes(new))
      change.revert(&text)
      #expect(text == Self.bytes(old))
    }
  }

  @Test func `of two alike there is none`() {
    #expect(TextChange(from: nil, to: nil) == nil)
    #expect(TextChange(from: [1, 2], to: [1, 2]) == nil)
  }

  @Test func `only the stretch that differs is kept`() throws {
    let change = try #require(TextChange(from: Array("bits: 8 # c".utf8), to: Array("bits: 12 # c".utf8)))
    #expect(change.start == 6 && change.old == Array("8".utf8) && change.new == Array("12".utf8))
  }

  @Test func `bytes that are no UTF-8 survive, as numbers`() throws {
    // A comment in GBK.
    let old: [UInt8] = [0x23, 0xD6, 0xD0, 0x0A]
    let new: [UInt8] = [0x23, 0xD6, 0xD1, 0x0A]
    let change = try #require(TextChange(from: old, to: new))
    let read = try #require(JSONText.decode(TextChangeRecord.self, from: JSONText.encode(TextChangeRecord(change))))
    var text: [UInt8]? = old
    read.change.apply(to: &text)
    #expect(text == new)
    #expect(JSONText.encode(TextRecord(bytes: old)) == "[35,214,208,10]")
  }

  @Test(arguments: [-1, 2, 99, Int.max]) func `a change of some other text is left out`(_ start: Int) {
    let change = TextChange(start: start, old: [0x62], new: [0x63], isMade: false, isRemoved: false)
    var text: [UInt8]? = [0x61, 0x62]
    change.apply(to: &text)
    #expect(text == [0x61, 0x62])
  }
}
