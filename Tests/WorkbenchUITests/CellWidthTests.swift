import Testing

@testable import WorkbenchUI

@Suite("Cell width") struct CellWidthTests {
  /// Expected widths from EastAsianWidth.txt of Unicode 15.0: classes W and F (量 Ａ 한 😀 、 ⌚) are 2, the others 1.
  @Test(
    arguments: [
      ("a", 1), ("é", 1), ("e\u{301}", 1), ("量", 2), ("ｱ", 1), ("Ａ", 2), ("한", 2),
      ("─", 1), ("█", 1), ("Ω", 1), ("⠿", 1), ("😀", 2), ("\u{200b}", 0),
      ("\u{1b}", 0), ("\u{301}", 0), ("、", 2), ("〿", 1), ("⌚", 2), ("½", 1),
    ] as [(Character, Int)])
  func `one character`(_ character: Character, _ width: Int) { #expect(CellWidth.of(character) == width) }

  @Test func `text is the sum of its characters`() {
    #expect(CellWidth.of("res2a") == 5)
    #expect(CellWidth.of("卷积 conv1") == 10)
    #expect(CellWidth.of("") == 0)
  }
}

@Suite("Text clip") struct TextClipTests {
  @Test func `names keep the tail, sentences the head`() {
    #expect(TextClip.cut("res2b_branch2b", to: 11, keep: .tail) == ".._branch2b")
    #expect(TextClip.cut("res2b_branch2b", to: 11) == "res2b_bra..")
    #expect(TextClip.cut("conv1", to: 5, keep: .tail) == "conv1")
  }

  @Test func `wide characters are never halved`() {
    // 2 dots and room for 3 columns: one wide character fits, the fifth column stays empty.
    #expect(TextClip.cut("卷积卷积", to: 5) == "卷..")
    #expect(TextClip.cut("卷积卷积", to: 5, keep: .tail) == "..积")
    #expect(TextClip.fit("卷积卷积", to: 5) == "卷.. ")
  }

  @Test(arguments: [(0, ""), (1, "."), (2, ".."), (3, "a..")])
  func `hardly any room`(_ columns: Int, _ text: String) { #expect(TextClip.cut("abcdef", to: columns) == text) }

  @Test func `the path in front of a message gives way`() {
    // 24 columns of path and 13 of words: 17 are left for the path, two of them dots.
    let message = "/a/long/path/to/file:3:8: error: pace"
    #expect(TextClip.cutMessage(message, to: 30) == "..ath/to/file:3:8: error: pace")
    #expect(TextClip.cutMessage(message, to: 37) == message)
    // A third at least stays of the path.
    #expect(TextClip.cutMessage(message, to: 15) == "..3:8: error:..")
    #expect(TextClip.cutMessage("layer conv1: no", to: 9) == "layer c..")
  }

  @Test func `aligning pads by columns`() {
    #expect(TextClip.fit("卷", to: 6, alignment: .trailing) == "    卷")
    #expect(TextClip.fit("ab", to: 7, alignment: .center) == "  ab   ")
  }

  @Test func `wrapping breaks at spaces and long words where the line ends`() {
    #expect(TextClip.wrap("one two three", to: 7) == ["one two", "three"])
    #expect(TextClip.wrap("abcdefghij k", to: 4) == ["abcd", "efgh", "ij k"])
    #expect(TextClip.wrap("a\n\nb", to: 4) == ["a", "", "b"])
    #expect(TextClip.wrap("卷积", to: 1) == ["卷", "积"])
  }
}
