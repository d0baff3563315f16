import CCurses
import Diagnostics
import Glibc
import WorkbenchUI

/// How the screen is to be opened.
package struct TerminalOptions: Sendable {
  package var color: ColorChoice
  /// `nil`: found out from the terminal.
  package var glyphs: GlyphSet.Name?
  package var mouse: Bool

  package init(color: ColorChoice = .auto, glyphs: GlyphSet.Name? = nil, mouse: Bool = false) {
    self.color = color
    self.glyphs = glyphs
    self.mouse = mouse
  }
}

/// What the terminal can do.
package struct TerminalFacts: Equatable, Sendable {
  package var depth: ColorDepth
  package var glyphs: GlyphSet.Name
  /// `nil` when the terminal did not say.
  package var ground: GroundTone?
  package var isUTF8: Bool
  package var hasSynchronizedOutput: Bool
}

/// The screen: cells out, events in.
///
/// For one thread, one at a time. The terminal is given back by `close`, at exit, on signals and on crashes.
package final class Terminal {
  package private(set) var facts: TerminalFacts
  private var shown: Canvas?
  private var shownStyles: StyleTable?
  private var shownCursor: Point?
  private var paste: [UInt32]?

  /// How long the terminal may take to answer what it is asked at start, in milliseconds.
  static let probeLimit = 100

  /// - Throws: `TerminalError` when there is no terminal or none that can place its cursor.
  package init(_ options: TerminalOptions = TerminalOptions(), environment: [String: String]) throws(TerminalError) {
    let term = environment["TERM"] ?? ""
    let wanted = ColorDepth.decide(options.color, environment: environment, terminalColors: 256)
    var request = cur_options(color: wanted != .mono, direct_color: wanted == .rgb, bracketed_paste: true)
    var found = cur_facts()
    let code = cur_open(&request, &found)
    guard code == CUR_OK else { throw TerminalError(code: code, term: term) }
    var depth = ColorDepth.decide(options.color, environment: environment, terminalColors: Int(found.colors))
    if depth == .rgb, !found.direct_color { depth = .palette256 }
    facts = TerminalFacts(
      depth: depth, glyphs: .ascii, ground: nil, isUTF8: found.utf8, hasSynchronizedOutput: false)
    probe(isConsole: term.hasPrefix("linux"), asked: options.glyphs)
    cur_mouse(options.mouse)
  }

  deinit { cur_close() }

  package func close() { cur_close() }

  package var size: Size {
    var (rows, columns): (Int32, Int32) = (0, 0)
    cur_size(&rows, &columns)
    return Size(columns: Int(columns), rows: Int(rows))
  }

  private func probe(isConsole: Bool, asked: GlyphSet.Name?) {
    let questions = TerminalProbe.questions(isConsole: isConsole, isUTF8: facts.isUTF8)
    cur_write(questions, questions.utf8.count)
    var bytes: [UInt8] = []
    var answers = TerminalProbe()
    let end = Clock.now + .milliseconds(Self.probeLimit)
    while !answers.isComplete, Clock.now < end {
      var chunk = [UInt8](repeating: 0, count: 512)
      let count = cur_read(&chunk, chunk.count, Int32(max(1, (end - Clock.now).milliseconds)))
      if count == 0 { break }
      bytes += chunk.prefix(count)
      answers = TerminalProbe(bytes)
    }
    if !answers.isComplete { cur_expect_late_answers() }
    cur_unread(answers.leftover, answers.leftover.count)
    cur_repaint()
    facts.ground = answers.ground.map(GroundTone.init(of:))
    facts.hasSynchronizedOutput = answers.knowsSynchronizedOutput
    // A glyph of two columns, or a terminal that does not say: letters only.
    let boxFits = facts.isUTF8 && answers.columnAfterGlyph == 2
    facts.glyphs = asked ?? (boxFits ? .box : .ascii)
  }

  // MARK: Output

  /// Shows a canvas: only cells that changed are sent, nothing when none did.
  package func present(_ canvas: Canvas, styles: StyleTable) {
    if shown == canvas, shownStyles == styles { return }
    let old = shownStyles == styles && shown?.size == canvas.size ? shown : nil
    var run: [cur_cell] = []
    for row in 0..<canvas.size.rows {
      var column = 0
      while column < canvas.size.columns {
        let start = column
        run.removeAll(keepingCapacity: true)
        while column < canvas.size.columns, let cell = canvas[column, row], old?[column, row] != cell {
          run.append(Self.cell(cell, styles))
          column += 1
        }
        if run.isEmpty { column += 1 } else { cur_put(Int32(row), Int32(start), run, Int32(run.count)) }
      }
    }
    let cursor = canvas.cursor.flatMap { canvas.bounds.contains($0) ? $0 : nil }
    cur_show_cursor(cursor != nil, Int32(cursor?.row ?? 0), Int32(cursor?.column ?? 0))
    cur_flush(facts.hasSynchronizedOutput)
    shown = canvas
    shownStyles = styles
  }

  private static func cell(_ cell: Cell, _ styles: StyleTable) -> cur_cell {
    let style = styles.style(cell.role, under: cell.overlay)
    var out = cur_cell()
    withUnsafeMutableBytes(of: &out.scalars) { bytes in
      for (index, scalar) in cell.character.unicodeScalars.prefix(bytes.count / 4).enumerated() {
        bytes.storeBytes(of: scalar.value, toByteOffset: index * 4, as: UInt32.self)
      }
    }
    out.foreground = number(style.foreground)
    out.background = number(style.background)
    out.attributes = style.attributes.rawValue
    out.width = cell.width
    return out
  }

  private static func number(_ color: Color) -> Int32 {
    switch color {
    case .default: Int32(CUR_DEFAULT)
    case .indexed(let index): Int32(index)
    case .rgb(let value): Int32(CUR_RGB) | value.packed
    }
  }

  /// Sends everything again with the next `present`.
  package func redraw() {
    shown = nil
    cur_repaint()
  }

  /// Gives the terminal back and stops the process, as Ctrl-Z does; returns when it is continued.
  package func suspend() {
    cur_suspend()
    redraw()
  }

  package func setMouse(_ isOn: Bool) { cur_mouse(isOn) }
  package func bell() { cur_write("\u{7}", 1) }

  /// Copies text to the clipboard of the terminal the person sits at (OSC 52).
  package func copy(_ text: String) {
    let sequence = "\u{1b}]52;c;\(Base64.encode(Array(text.utf8)))\u{7}"
    cur_write(sequence, sequence.utf8.count)
  }

  // MARK: Input

  package enum Input: Equatable, Sendable {
    case key(Key)
    case paste(String)
    case mouse(Mouse)
    case resize(Size)
    case wake
    /// Continued after being stopped from outside.
    case continued
    /// Told to stop, by a signal and not by a key.
    case stop
    case terminate(Termination)
  }

  /// The next input; `nil` when none came within the time (without time: at once).
  package func next(within limit: Duration?) -> Input? {
    if let input = poll() { return input }
    let milliseconds = limit.map { Int32(clamping: max(0, $0.milliseconds)) } ?? -1
    if milliseconds == 0 { return nil }
    cur_wait(milliseconds)
    return poll()
  }

  /// The next input there is already.
  package func poll() -> Input? {
    var event = cur_event()
    while cur_next_event(&event) {
      if let input = translate(event) { return input }
    }
    return nil
  }

  private func translate(_ event: cur_event) -> Input? {
    if event.kind == CUR_PASTE_BEGIN {
      paste = []
      return nil
    }
    if paste != nil, let done = collect(event) { return done.isEmpty ? nil : .paste(done) }
    if paste != nil, [CUR_CHARACTER, CUR_KEY, CUR_MOUSE].contains(event.kind) { return nil }
    switch event.kind {
    case CUR_CHARACTER: return Self.character(event.code).map(Input.key)
    case CUR_KEY: return Self.key(Int(event.code)).map(Input.key)
    case CUR_MOUSE: return Self.mouse(event).map(Input.mouse)
    case CUR_RESIZE:
      shown = nil
      return .resize(size)
    case CUR_WAKE: return .wake
    case CUR_END_OF_INPUT: return .terminate(.hangup)
    case CUR_SIGNAL: return signal(Int32(event.code))
    default: return nil
    }
  }

  /// Adds to the paste under way; its text when it ends.
  private func collect(_ event: cur_event) -> String? {
    switch event.kind {
    case CUR_PASTE_END:
      let scalars = (paste ?? []).compactMap(Unicode.Scalar.init)
      paste = nil
      return String(String.UnicodeScalarView(scalars))
    case CUR_CHARACTER: paste?.append(event.code)
    case CUR_KEY where event.code == UInt32(CUR_KEY_ENTER): paste?.append(10)
    case CUR_KEY where event.code == UInt32(CUR_KEY_TAB): paste?.append(9)
    default: break
    }
    return nil
  }

  private func signal(_ number: Int32) -> Input? {
    switch number {
    case SIGINT: return .terminate(.interrupt)
    case SIGTERM: return .terminate(.terminate)
    case SIGHUP: return .terminate(.hangup)
    case SIGTSTP: return .stop
    case SIGCONT:
      cur_resume()
      redraw()
      return .continued
    default: return nil
    }
  }

  private static func character(_ code: UInt32) -> Key? {
    switch code {
    case 0: return .control("@")
    case 1...26: return .control(Character(Unicode.Scalar(UInt8(code + 96))))
    case 28...31: return .control(Character(Unicode.Scalar(UInt8(code + 64))))
    default: return Unicode.Scalar(code).map { .character(Character($0)) }
    }
  }

  private static let keys: [Int: Key] = [
    CUR_KEY_UP: .up, CUR_KEY_DOWN: .down, CUR_KEY_LEFT: .left, CUR_KEY_RIGHT: .right, CUR_KEY_HOME: .home,
    CUR_KEY_END: .end, CUR_KEY_PAGE_UP: .pageUp, CUR_KEY_PAGE_DOWN: .pageDown, CUR_KEY_ENTER: .enter,
    CUR_KEY_BACKSPACE: .backspace, CUR_KEY_DELETE: .delete, CUR_KEY_INSERT: .insert, CUR_KEY_TAB: .tab,
    CUR_KEY_BACKTAB: .backTab, CUR_KEY_ESCAPE: .escape,
  ]

  private static func key(_ code: Int) -> Key? {
    code > CUR_KEY_F0 ? .function(code - CUR_KEY_F0) : keys[code]
  }

  private static func mouse(_ event: cur_event) -> Mouse? {
    let actions: [Int: Mouse.Action] = [
      CUR_MOUSE_PRESS: .press, CUR_MOUSE_RELEASE: .release, CUR_MOUSE_DRAG: .drag, CUR_MOUSE_WHEEL_UP: .wheelUp,
      CUR_MOUSE_WHEEL_DOWN: .wheelDown,
    ]
    return actions[Int(event.code)].map {
      Mouse($0, at: Point(column: Int(event.column), row: Int(event.row)))
    }
  }
}
