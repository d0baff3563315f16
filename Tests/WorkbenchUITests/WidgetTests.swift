import Testing

@testable import WorkbenchUI

@Suite("List") struct ListStateTests {
  @Test func `the selection pulls the window along and not before it must`() {
    var list = ListState(count: 100, height: 10)
    list.move(.by(9))
    #expect(list.selection == 9 && list.visible == 0..<10)
    list.move(.by(1))
    #expect(list.selection == 10 && list.visible == 1..<11)
    list.move(.by(-5))
    #expect(list.selection == 5 && list.visible == 1..<11)
  }

  @Test func `pages move window and selection together`() {
    var list = ListState(count: 100, height: 10)
    list.move(.by(3))
    list.move(.pageDown)
    #expect(list.selection == 13 && list.visible == 10..<20)
    list.move(.halfPageUp)
    #expect(list.selection == 8 && list.visible == 5..<15)
    list.move(.last)
    #expect(list.selection == 99 && list.visible == 90..<100)
    list.move(.pageDown)
    #expect(list.selection == 99 && list.visible == 90..<100)
  }

  @Test func `fewer rows and smaller windows keep the selection in sight`() {
    var list = ListState(count: 100, height: 10)
    list.move(.to(50))
    list.fit(height: 4)
    #expect(list.visible.contains(50) && list.visible.count == 4)
    list.fit(count: 20)
    #expect(list.selection == 19 && list.visible == 16..<20)
    list.fit(count: 0)
    #expect(list.selection == 0 && list.visible.isEmpty)
    list.move(.by(.max))
    list.move(.by(.min))
    #expect(list.selection == 0)
  }

  @Test func `the wheel moves the window and drags the selection only at its edge`() {
    var list = ListState(count: 100, height: 10)
    list.move(.to(5))
    list.wheel(by: 3)
    #expect(list.selection == 5 && list.visible == 3..<13)
    list.wheel(by: 30)
    #expect(list.selection == 33 && list.visible == 33..<43)
    list.wheel(by: -1000)
    #expect(list.visible == 0..<10 && list.selection == 9)
  }

  @Test func `only rows in sight are drawn`() {
    var list = ListState(count: 5000, height: 6)
    list.move(.last)
    var drawn: [Int] = []
    var canvas = Canvas(Size(columns: 12, rows: 6))
    canvas.draw(list, in: canvas.bounds, look: Look()) { index, canvas, line in
      drawn.append(index)
      canvas.put("layer \(index)", in: line)
    }
    #expect(drawn == Array(4994..<5000))
    #expect(canvas.lines.last == "layer 4999 #")
    #expect(canvas[0, 5]?.overlay == .cursor && canvas[0, 4]?.overlay == nil && canvas[11, 5]?.overlay == nil)
  }
}

@Suite("Text field") struct TextFieldTests {
  private func edit(_ text: String, _ keys: String) -> (String, Int) {
    var field = TextField(text)
    for name in keys.split(separator: " ") { if let key = Key(name: String(name)) { _ = field.handle(key) } }
    return (field.text, field.cursor)
  }

  @Test(arguments: [
    ("abc", "left left x", "axbc", 2), ("abc", "home delete", "bc", 0), ("abc", "backspace", "ab", 2),
    ("one two", "ctrl-w", "one ", 4), ("one two  ", "ctrl-w", "one ", 4), ("abc", "left ctrl-u", "c", 0),
    ("abc", "home right ctrl-k", "a", 1), ("", "backspace delete left right ctrl-w", "", 0), ("卷积", "left x", "卷x积", 2),
  ])
  func `edits`(_ text: String, _ keys: String, _ result: String, _ cursor: Int) {
    #expect(edit(text, keys) == (result, cursor))
  }

  @Test func `a mark typed alone joins the letter before it`() {
    var field = TextField("e")
    _ = field.handle(.character("\u{301}"))
    #expect(field.characters.count == 1 && field.cursor == 1 && field.text == "e\u{301}")
  }

  @Test func `pasted lines become one`() {
    var field = TextField()
    field.insert("a\nb\r\nc")
    #expect(field.text == "a b c")
  }

  @Test func `a long text scrolls so that the cursor is seen`() {
    var canvas = Canvas(Size(columns: 6, rows: 1))
    canvas.draw(TextField("abcdefghij"), in: canvas.bounds)
    #expect(canvas.text == "fghij" && canvas.cursor == Point(column: 5, row: 0))
  }
}

@Suite("Field editor") struct FieldEditorTests {
  private func press(_ editor: inout FieldEditor, _ keys: String) -> FieldEditor.Outcome {
    var outcome = FieldEditor.Outcome.ignored
    for name in keys.split(separator: " ") { if let key = Key(name: String(name)) { outcome = editor.handle(key) } }
    return outcome
  }

  @Test func `bad input stays with its reason until it is good`() {
    var editor = FieldEditor(text: "8", rule: .integer(8...16))
    #expect(press(&editor, "backspace 4 0 Enter") == .editing)
    #expect(editor.problem == "must be 8..16" && editor.field.text == "40")
    #expect(press(&editor, "backspace backspace 1") == .editing)
    #expect(editor.problem == "must be 8..16")
    #expect(press(&editor, "2") == .editing)
    #expect(editor.problem == nil)
    #expect(press(&editor, "Enter") == .accepted("12"))
  }

  @Test func `numbers keep their text`() {
    var editor = FieldEditor(text: "0.70", rule: .number("(0,1)") { $0 > 0 && $0 < 1 })
    #expect(press(&editor, "Enter") == .accepted("0.70"))
    for bad in ["1", "nan", "inf", "abc", ""] {
      var editor = FieldEditor(text: bad, rule: .number("(0,1)") { $0 > 0 && $0 < 1 })
      #expect(press(&editor, "Enter") == .editing && editor.problem != nil, "\(bad)")
    }
    var small = FieldEditor(text: "1e-10", rule: .number("1e-10..1e-3") { $0 >= 1e-10 && $0 <= 1e-3 })
    #expect(press(&small, "Enter") == .accepted("1e-10"))
  }

  @Test func `steps stay in range and choices go round`() {
    var bits = FieldEditor(text: "15", rule: .integer(8...16))
    _ = press(&bits, "up up up")
    #expect(bits.field.text == "16")
    var choice = FieldEditor(text: "arq_quantize", rule: .choice(["arq_quantize", "snq_quantize"]))
    _ = press(&choice, "down")
    #expect(choice.field.text == "snq_quantize")
    _ = press(&choice, "down")
    #expect(choice.field.text == "arq_quantize")
  }

  @Test func `escape gives up`() {
    var editor = FieldEditor(text: "8", rule: .integer(8...16))
    #expect(press(&editor, "1 Esc") == .cancelled)
  }
}

@Suite("Bars") struct NinesBarTests {
  /// -log10(1 - .97418) = 1.588 nines; on 25 columns, 5 a nine: 7.94, so 8; the others in the same way.
  @Test(arguments: [
    (0.97418, "########..|.............."), (0.98421, "#########.|.............."),
    (0.99947, "##########|#####........."),
    (0.9551, "#######...|.............."), (0.9898, "#########.|.............."), (0.99, "##########|.............."),
    (0.9983, "##########|###..........."), (1, "##########|##############"), (0, "..........|.............."),
    (-0.5, "..........|.............."), (.nan, "..........|.............."), (0.999999, "##########|##############"),
  ])
  func `a cosine on the nines scale`(_ cosine: Double, _ bar: String) {
    var canvas = Canvas(Size(columns: 25, rows: 1))
    canvas.drawNinesBar(cosine, threshold: 0.99, in: canvas.bounds, role: .metricGood, look: Look())
    #expect(canvas.text == bar)
  }

  @Test func `the axis names each nine where it ends`() {
    #expect(NinesScale.axis(columns: 25) == "0    .9   .99  .999 .9999")
    // 12 / 5 columns a nine: .9 at 2, .999 at 7; .99 at 4 and .9999 at 9 would touch the label before them.
    #expect(NinesScale.axis(columns: 12) == "0 .9   .999 ")
    #expect(NinesScale.axis(columns: 0) == "")
  }

  @Test(arguments: [
    (0.0, ".........."), (0.55, "#####....."), (0.999, "#########."), (1.0, "##########"), (7.0, "##########"),
    (-1.0, ".........."), (.nan, ".........."),
  ])
  func `progress is full only when done`(_ fraction: Double, _ bar: String) {
    var canvas = Canvas(Size(columns: 10, rows: 1))
    canvas.drawProgress(fraction, in: canvas.bounds, look: Look())
    #expect(canvas.text == bar)
  }
}

@Suite("Histogram") struct HistogramTests {
  @Test func `columns join bins by their largest and spread few bins`() {
    #expect(Histogram.resampled([1, 5, 2, 0, 0, 9], to: 3) == [5, 2, 9])
    #expect(Histogram.resampled([1, 2], to: 4) == [1, 1, 2, 2])
    #expect(Histogram.resampled([], to: 4) == [])
  }

  @Test func `each decade is one step on the axis`() {
    // 3 decades over 7 rows: half a decade is 1 row, a decade 2 rows.
    let heights = [0, 1, 10, 100, 1000].map { Histogram.height($0, rows: 7, decades: 3) }
    #expect(heights == [0, 1, 3, 5, 7])
  }

  @Test func `drawn in letters`() {
    var canvas = Canvas(Size(columns: 20, rows: 9))
    canvas.draw(
      Histogram(
        counts: [1000, 1000, 100, 100, 100, 10, 10, 0, 0, 0, 0, 0, 0, 1], range: 0...28, clips: [14]),
      in: canvas.bounds, look: Look())
    #expect(
      canvas.lines == [
        "10^3  ##", "      ##", "10^2  #####", "      #####", "10^1  #######", "      #######", "10^0  #######      #",
        "      -------^------", "      0           28",
      ])
  }

  @Test func `nothing to draw says so`() {
    var canvas = Canvas(Size(columns: 20, rows: 9))
    canvas.draw(Histogram(counts: [0, 0], range: 0...1), in: canvas.bounds, look: Look())
    #expect(canvas.lines.first == "no data")
  }

  @Test(
    arguments: [
      (0.0, "0"), (8.12, "8.12"), (31.04999, "31.05"), (0.03184, "0.03184"), (123456.7, "123457"), (-2048, "-2048"),
      (1.5e7, "1.5e7"), (0.00001, "1e-5"), (.nan, "nan"), (-.infinity, "-inf"),
    ] as [(Double, String)])
  func `numbers beside plots`(_ value: Double, _ text: String) { #expect(PlotNumber.text(value) == text) }
}

@Suite("Sheets and toasts") struct SheetTests {
  @Test func `only the yes key is yes, and Enter is no`() {
    let sheet = ConfirmSheet(title: "Delete run 12?", lines: [], verb: "delete", askedBy: .character("X"))
    #expect(sheet.answer(to: .character("y")) == .yes)
    for key in [Key.enter, .escape, .character("n"), .control("c")] { #expect(sheet.answer(to: key) == .no) }
    for key in [Key.space, .character("X"), .down] { #expect(sheet.answer(to: key) == .undecided) }
  }

  @Test func `the key that asked never answers yes`() {
    let sheet = ConfirmSheet(title: "?", lines: [], verb: "do", askedBy: .character("y"))
    #expect(sheet.answer(to: .character("y")) == .undecided)
    #expect(sheet.answer(to: .character("Y")) == .yes)
  }

  @Test func `toasts go after six seconds, the latest is shown`() {
    var toasts = Toasts()
    toasts.show(.info, "first", at: .seconds(1))
    toasts.show(.error, "second", at: .seconds(3))
    #expect(toasts.latest(at: .seconds(4))?.text == "second")
    #expect(toasts.nextDeadline == .seconds(7))
    toasts.expire(at: .seconds(7))
    #expect(toasts.latest(at: .seconds(8))?.text == "second" && toasts.nextDeadline == .seconds(9))
    #expect(toasts.latest(at: .seconds(9)) == nil)
  }
}

@Suite("Frame pacer") struct FramePacerTests {
  @Test func `the first change and a key after a pause are painted at once`() {
    var pacer = FramePacer()
    #expect(pacer.due == nil)
    pacer.changed(key: true)
    #expect(pacer.due == .zero)
    pacer.painted(at: .seconds(1))
    #expect(pacer.due == nil)
    pacer.changed(key: true)
    #expect(pacer.due == .milliseconds(1100))
  }

  @Test func `a key does not wait for frames of news`() {
    var pacer = FramePacer()
    pacer.changed(key: true)
    pacer.painted(at: .seconds(1))
    pacer.changed(key: false)
    pacer.painted(at: .seconds(5))
    pacer.changed(key: false)
    #expect(pacer.due == .milliseconds(5100))
    pacer.changed(key: true)
    #expect(pacer.due == .milliseconds(1100))
  }

  @Test func `over ssh there are four frames a second`() {
    #expect(FramePacer.suited(to: ["SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"]).interval == .milliseconds(250))
    #expect(FramePacer.suited(to: [:]).interval == .milliseconds(100))
  }
}
