import Testing

@testable import WorkbenchUI

@Suite("Canvas") struct CanvasTests {
  @Test func `text is cut at the edge and leaves wide characters whole`() {
    var canvas = Canvas(Size(columns: 5, rows: 1))
    #expect(canvas.put("a卷积c", column: 0, row: 0) == 5)
    #expect(canvas.text == "a卷积")
    #expect(canvas[1, 0]?.width == 2 && canvas[2, 0]?.width == 0)
  }

  @Test func `half a wide character overwritten leaves a space`() {
    var canvas = Canvas(Size(columns: 6, rows: 1))
    canvas.put("卷积卷", column: 0, row: 0)
    canvas.put("x", column: 1, row: 0)
    canvas.put("y", column: 2, row: 0)
    #expect(canvas.text == " xy 卷")
    #expect(canvas.cells.map(\.width) == [1, 1, 1, 1, 2, 0])
  }

  @Test func `drawing outside is cut off`() {
    var canvas = Canvas(Size(columns: 4, rows: 2))
    canvas.put("abcdef", column: -2, row: 0)
    canvas.put("x", column: 0, row: -1)
    canvas.put("x", column: 9, row: 9)
    canvas.fill(Rect(column: -3, row: -3, columns: 100, rows: 4), with: ".", role: .frame)
    canvas.overlay(Rect(column: 3, row: 1, columns: 50, rows: 50), .cursor)
    #expect(canvas.text == "....\n")
    #expect(canvas[3, 1]?.overlay == .cursor && canvas[4, 1] == nil)
  }

  @Test func `what a name contains cannot command the terminal`() {
    var canvas = Canvas(Size(columns: 12, rows: 1))
    canvas.put("a\u{1b}[2J\tb\u{9b}c\u{202e}d", column: 0, row: 0)
    #expect(
      !canvas.text.unicodeScalars.contains { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) || $0.value == 0x202e }
    )
    #expect(canvas.text.hasPrefix("a?[2J b?c"))
  }

  @Test func `alignment within a block`() {
    var canvas = Canvas(Size(columns: 10, rows: 3))
    let rect = Rect(column: 1, row: 0, columns: 8, rows: 3)
    canvas.put("left", in: rect)
    canvas.put("right", in: rect, line: 1, alignment: .trailing)
    canvas.put("much too long", in: rect, line: 2, keep: .tail)
    #expect(canvas.lines == [" left", "    right", " ..o long"])
  }

  @Test func `a too narrow block draws nothing`() {
    var canvas = Canvas(Size(columns: 4, rows: 1))
    #expect(canvas.put("x", in: Rect(columns: 0, rows: 1)) == 0)
    #expect(canvas.put("x", in: Rect(columns: 4, rows: 1), indent: 7) == 0)
    canvas.drawFrame(Rect(columns: 1, rows: 1), title: "x", look: Look())
    #expect(canvas.text == "")
  }
}
