import Testing
import WorkbenchUI

@testable import Terminal

@Suite("Terminal probe") struct TerminalProbeTests {
  private func probe(_ text: String) -> TerminalProbe { TerminalProbe(Array(text.utf8)) }

  @Test func `all answers of xterm in one read`() {
    let answers = probe("\u{1b}[1;2R\u{1b}]11;rgb:1e1e/1e1e/1e1e\u{7}\u{1b}[?2026;2$y\u{1b}[?64;1;22c")
    #expect(answers.columnAfterGlyph == 2)
    #expect(answers.ground == RGB(0x1e, 0x1e, 0x1e))
    #expect(answers.knowsSynchronizedOutput)
    #expect(answers.isComplete)
    #expect(answers.leftover.isEmpty)
  }

  @Test func `the ground may end with ST and have two digits a colour`() {
    #expect(probe("\u{1b}]11;rgb:ff/80/00\u{1b}\\").ground == RGB(255, 128, 0))
  }

  @Test func `a box glyph of two columns`() { #expect(probe("\u{1b}[1;3R").columnAfterGlyph == 3) }

  @Test func `a terminal that does not know mode 2026 says 0`() {
    #expect(!probe("\u{1b}[?2026;0$y").knowsSynchronizedOutput)
  }

  @Test func `keys pressed meanwhile are kept, in order`() {
    let answers = probe("j\u{1b}[1;2Rk\u{1b}[A\u{1b}[?6c")
    #expect(answers.leftover == Array("jk\u{1b}[A".utf8))
    #expect(answers.isComplete)
  }

  @Test(arguments: [
    "\u{1b}", "\u{1b}[", "\u{1b}]11;rgb:", "\u{1b}[1;99999999999999999999R", "\u{1b}]11;rgb:zz/1/1\u{7}",
    "\u{1b}]11;rgb:12345/1/1\u{7}",
  ])
  func `broken answers say nothing`(_ text: String) {
    let answers = probe(text)
    #expect(answers.columnAfterGlyph == nil && answers.ground == nil && !answers.isComplete)
  }

  @Test func `a colour of n digits is scaled by its largest value`() {
    // 1 digit: f = 15 of 15 -> 255; 3 digits: 800 = 2048 of 4095 -> 2048 * 255 / 4095 = 127.5 -> 128; 4: 0000 -> 0.
    #expect(probe("\u{1b}]11;rgb:f/800/0000\u{7}").ground == RGB(255, 128, 0))
  }

  @Test func `the console of Linux is not asked for colours`() {
    #expect(!TerminalProbe.questions(isConsole: true, isUTF8: true).contains("]11"))
    #expect(!TerminalProbe.questions(isConsole: false, isUTF8: false).contains("─"))
  }
}

@Suite("Base64") struct Base64Tests {
  /// The test vectors of RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func `vectors of the RFC`(_ plain: String, _ coded: String) { #expect(Base64.encode(Array(plain.utf8)) == coded) }
}

@Suite("News box") struct NewsBoxTests {
  @Test func `news come out once, in order`() {
    let box = NewsBox<Int>(wake: {})
    for n in 1...3 { box.post(n) }
    #expect(box.take() == [1, 2, 3])
    #expect(box.take() == [])
  }

  @Test func `of news with one key only the newest stays, and takes the last place`() {
    let box = NewsBox<String>(wake: {})
    box.post("10 %", replacing: "progress")
    box.post("layer done")
    box.post("20 %", replacing: "progress")
    #expect(box.take() == ["layer done", "20 %"])
  }

  @Test func `many threads lose nothing`() async {
    let box = NewsBox<Int>(wake: {})
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<8 { group.addTask { for n in 0..<500 { box.post(worker * 500 + n) } } }
    }
    #expect(box.take().sorted() == Array(0..<4000))
  }
}
