import ScreenTesting
import Testing

@testable import WorkbenchUI

/// A screen that shows every widget at once: chrome, two panes, a list with bars, a form, sheets.
private struct Sampler: WorkbenchModel {
  enum Overlay { case none, help, confirm, editor }
  var size = Size(columns: 80, rows: 24)
  var list = ListState(count: 141)
  var overlay = Overlay.none
  var help: HelpOverlay
  var editor = FieldEditor(text: "12", rule: .integer(8...16))
  var toasts = Toasts()
  var look: Look

  static let rows: [KeyRow] = [
    KeyRow(keys: [.character("j"), .down], action: "down", help: "next row", footer: "move"),
    KeyRow(keys: [.character("k"), .up], action: "up", help: "previous row", footer: "move"),
    KeyRow(keys: [.enter], action: "open", help: "open the layer", footer: "open"),
    KeyRow(keys: [.character("e")], action: "edit", help: "edit the field", footer: "edit"),
    KeyRow(
      keys: [.character("r"), .function(5)], action: "run", help: "start a run", footer: "run",
      offReason: "open a net first"),
    KeyRow(keys: [.character("?"), .function(1)], action: "help", help: "this help", footer: "help"),
  ]

  init(glyphs: GlyphSet = .ascii) {
    look = Look(glyphs: glyphs)
    help = HelpOverlay(
      screen: "Layers",
      sections: [
        .init(title: "Layers", rows: Self.rows),
        .init(title: "Everywhere", rows: [KeyRow(keys: [.function(10)], action: "quit", help: "leave the workbench")]),
      ])
  }

  var nextDeadline: Duration? { toasts.nextDeadline }

  mutating func update(_ event: Event<Never>, at time: Duration) -> [Request<Never>] {
    switch event {
    case .resize(let size):
      self.size = size
      list.fit(height: max(1, SplitLayout(body: Chrome.body(of: size)).list.rows - 3))
      help.fit(size)
    case .tick: toasts.expire(at: time)
    case .key(let key): press(key, at: time)
    default: break
    }
    return []
  }

  private mutating func press(_ key: Key, at time: Duration) {
    switch overlay {
    case .help: if !help.handle(key) { overlay = .none }
    case .editor: if case .editing = editor.handle(key) {} else { overlay = .none }
    default:
      switch key {
      case .character("?"): overlay = .help
      case .character("X"): overlay = .confirm
      case .character("e"): overlay = .editor
      case .character("t"): toasts.show(.info, "res2b_branch2b: num_bits 8 -> 12 (u undoes)", at: time)
      case .character("j"): list.move(.by(1))
      case .pageDown: list.move(.pageDown)
      default: break
      }
    }
  }

  func view(_ size: Size, at time: Duration) -> Canvas {
    if SplitLayout.isTooSmall(size) { return .tooSmall(size, look: look) }
    var canvas = Canvas(size)
    canvas.draw(chrome(at: time), look: look)
    let panes = canvas.drawPanes(
      SplitLayout(body: Chrome.body(of: size)), titles: ("Layers", "Layer 27 of 168"), look: look)
    drawList(panes.list, on: &canvas)
    if let detail = panes.detail { drawDetail(detail, on: &canvas) }
    switch overlay {
    case .help: canvas.draw(help, look: look)
    case .confirm:
      canvas.draw(
        ConfirmSheet(
          title: "Delete run 12?", lines: ["Its folder and all its files go. This cannot be undone."],
          verb: "delete run 12", askedBy: .character("X")), look: look)
    default: break
    }
    return canvas
  }

  private func chrome(at time: Duration) -> Chrome {
    let names = ["Home", "Layers", "Recipe", "Run", "Compare", "Tune", "Runs", "Log"]
    return Chrome(
      header: [
        "CORTADO  ResNet50", "run 12 done, chain out .98610", "1 edit not run yet", "eval 32 images", "theme cvd-dark",
      ],
      tabs: names.enumerated().map { Chrome.Tab(key: "\($0 + 1)", name: $1, short: String($1.prefix(3))) },
      selectedTab: 1, message: toasts.latest(at: time), hint: "2 undo steps", keys: Self.rows,
      place: "LAYERS  normal  27/168", facts: ["job: none", "unsaved: config.json", "utf8 256c"])
  }

  private func drawList(_ rect: Rect, on canvas: inout Canvas) {
    let (head, body) = rect.splitRows(1)
    canvas.put("  #  layer             " + NinesScale.axis(columns: 25) + "   value", in: head, role: .textDim)
    let values = [0.99947, 0.97418, 0.9983, 0.98421, .nan]
    canvas.draw(list, in: body, look: look) { index, canvas, line in
      let value = values[index % values.count]
      canvas.put(TextClip.fit("\(index)", to: 3, alignment: .trailing), in: line, role: .textDim)
      canvas.put(TextClip.cut("res\(index)a_branch2b_long_name", to: 17, keep: .tail), in: line, indent: 5)
      canvas.drawNinesBar(
        value, threshold: 0.99, in: Rect(column: line.column + 23, row: line.row, columns: 25, rows: 1),
        role: .metricGood, look: look)
      canvas.put("\(value)", in: line, indent: 50, role: value < 0.99 ? .metricBad : .metricGood)
    }
  }

  private func drawDetail(_ rect: Rect, on canvas: inout Canvas) {
    let rows = [
      FormRow("quant_enable", .flag(true), from: .builtIn), FormRow("activation_quant_params", .heading),
      FormRow("num_bits", .text("12"), from: .hand, note: "was 8", indent: 1),
      FormRow("max_percentile", .text("0.999999"), from: .recipeCommon, indent: 1),
      FormRow("scale_d", .text(".03184"), from: .run(12), isFixed: true),
    ]
    canvas.drawRule("config", in: rect.line(0), look: look)
    for (index, row) in rows.enumerated() {
      canvas.draw(row, in: rect.line(index + 1), editor: overlay == .editor && index == 2 ? editor : nil)
    }
    canvas.drawRule("input histogram (log count)", in: rect.line(rows.count + 2), look: look)
    let counts = (0..<60).map { Int(100_000 / (1 + Double($0 * $0) / 4)) } + [0, 0, 3]
    canvas.draw(
      Histogram(counts: counts, range: 0...31, clips: [8.12]), in: rect.splitRows(rows.count + 3).rest, look: look)
  }
}

@Suite("Screens of widgets") struct ScreenTests {
  @Test(arguments: ["120x40", "110x30", "80x24", "60x16", "59x15"]) func `at each size`(_ size: String) throws {
    try ScreenDriver(Sampler(), size: size).expect("sampler/\(size)")
  }

  @Test func `with box lines`() throws { try ScreenDriver(Sampler(glyphs: .box), size: "120x40").expect("sampler/box") }

  @Test func `help is searched by typing and left by escape`() throws {
    var driver = ScreenDriver(Sampler(), size: "80x24")
    driver.press("?")
    try driver.expect("sampler/help")
    driver.type("run")
    #expect(driver.screen.contains("now off: open a net first") && !driver.screen.contains("next row"))
    driver.press("Esc")
    #expect(driver.screen.contains("next row"))
    driver.press("Esc")
    #expect(!driver.screen.contains("Help: Layers"))
  }

  @Test func `a question before something irreversible`() throws {
    var driver = ScreenDriver(Sampler(), size: "80x24")
    driver.press("X")
    try driver.expect("sampler/confirm")
  }

  @Test func `a field being edited shows its complaint`() throws {
    var driver = ScreenDriver(Sampler(), size: "120x40")
    driver.press("e 3 Enter")
    #expect(driver.screen.contains("123") && driver.screen.contains("must be 8..16"))
    #expect(driver.canvas.cursor != nil)
    driver.press("Esc")
    #expect(driver.canvas.cursor == nil)
  }

  @Test func `a toast takes the place of the hint for six seconds`() {
    var driver = ScreenDriver(Sampler())
    driver.press("t")
    #expect(driver.screen.contains("ok  res2b_branch2b: num_bits 8 -> 12"))
    driver.advance(by: .milliseconds(5900))
    #expect(driver.screen.contains("num_bits 8 -> 12"))
    driver.advance(by: .milliseconds(200))
    #expect(!driver.screen.contains("num_bits") && driver.screen.contains("2 undo steps"))
  }

  @Test func `resizing keeps the selected row in sight`() {
    var driver = ScreenDriver(Sampler(), size: "120x40")
    driver.press("page-down j j j")
    let selection = driver.model.list.selection
    driver.resize("60x16")
    #expect(driver.model.list.selection == selection && driver.model.list.visible.contains(selection))
  }

  @Test func `5,000 rows are drawn as fast as 50`() {
    var model = Sampler()
    model.list = ListState(count: 5000)
    var driver = ScreenDriver(model, size: "120x40")
    let time = ContinuousClock().measure {
      for _ in 0..<20 {
        driver.press("page-down")
        _ = driver.canvas
      }
    }
    // 20 keys with their frames; even unoptimised code must stay far from the 50 ms a key may take.
    #expect(time < .milliseconds(20 * 50))
  }
}
