import CPtyKit
import Foundation
import Glibc
import ScreenTesting
import Testing
import WorkbenchUI

/// `terminal-probe`, a list on the real base, on an emulated terminal.
@Suite("Terminal, end to end", .serialized) struct TerminalEndToEndTests {
  private func start(
    _ arguments: [String] = [], environment: [String: String] = [:], columns: Int = 80, rows: Int = 24,
    answers: Bool = true, doubleWidthBoxes: Bool = false
  ) throws -> Pty {
    let pty = try Pty(
      "terminal-probe", arguments, environment: environment, columns: columns, rows: rows, answers: answers,
      doubleWidthBoxes: doubleWidthBoxes)
    #expect(pty.wait { $0.screen.contains("layer 0") || $0.screen.contains("needs") }, "\(pty.screen)")
    return pty
  }

  private func expectRestored(_ pty: Pty) {
    #expect(!pty.isOnAlternateScreen)
    #expect(pty.isCooked)
    #expect(pty.cursor.isVisible)
    let output = String(decoding: pty.output, as: UTF8.self)
    #expect(output.contains("\u{1b}[?2004l"), "bracketed paste must be off again")
  }

  // MARK: Screen

  @Test func `the whole screen is what the model drew`() throws {
    let pty = try start(columns: 60, rows: 16)
    let rows = (0..<12).map { "│layer \($0)\(String(repeating: " ", count: $0 < 10 ? 13 : 12))卷积\($0)" }
    #expect(pty.wait { $0.screen.contains("ready") })
    for (index, row) in rows.enumerated() { #expect(pty.line(index + 1).hasPrefix(row), "\(pty.screen)") }
    #expect(pty.line(0) == "┌─ probe " + String(repeating: "─", count: 50) + "┐")
    #expect(pty.line(13) == "└" + String(repeating: "─", count: 58) + "┘")
    // Wide characters leave the frame where it is.
    #expect(pty.line(1).hasSuffix("█│") && pty.line(2).hasSuffix(" │"))
    #expect(pty.isOnAlternateScreen && !pty.isCooked && !pty.cursor.isVisible)
  }

  @Test func `keys move the selection and are named`() throws {
    let pty = try start()
    pty.send("jj")
    #expect(pty.wait(for: "key j"))
    // cvd-dark at 256 colours: the cursor's ground is 74.
    #expect(pty.wait { $0.cell(column: 1, row: 3).background == 74 })
    let cases: [(sent: String, name: String)] = [
      ("\u{1b}OA", "key up"), ("\u{1b}[6~", "key page-down"), ("\u{1b}[5~", "key page-up"), ("\u{12}", "key ctrl-r"),
      ("\u{1b}OP", "key F1"), ("\u{1b}[15~", "key F5"), ("\u{1b}[21~", "key F10"), ("\t", "key Tab"),
      ("\u{1b}[Z", "key S-Tab"), ("\r", "key Enter"), (" ", "key space"), ("\u{7f}", "key backspace"),
      ("\u{1b}[3~", "key delete"), ("\u{1b}OH", "key home"), ("\u{1b}OF", "key end"), ("é", "key é"),
      ("量", "key 量"), ("\u{1b}", "key Esc"), ("\u{3}", "key ctrl-c"),
    ]
    for (sent, name) in cases {
      pty.send(sent)
      #expect(pty.wait { $0.line(22).hasPrefix(name) }, "\(name): \(pty.line(22))")
    }
  }

  @Test func `a paste is one event and no keys`() throws {
    let pty = try start()
    pty.send("\u{1b}[200~ab\nq\u{1b}[201~")
    #expect(pty.wait(for: "pasted 4: ab/q"))
  }

  @Test func `the mouse is off unless asked for`() throws {
    let silent = try start()
    #expect(!String(decoding: silent.output, as: UTF8.self).contains("\u{1b}[?1002h"))
    let pty = try start(["--mouse"])
    pty.send("\u{1b}[<0;5;8M")
    #expect(pty.wait(for: "mouse press 4,7"))
    pty.send("\u{1b}[<65;1;1M")
    #expect(pty.wait(for: "mouse wheelDown 0,0"))
    pty.send("q")
    #expect(pty.exit() == .status(0))
    #expect(String(decoding: pty.output, as: UTF8.self).contains("\u{1b}[?1002l"))
  }

  @Test func `resizing keeps the selection and too small a screen says so`() throws {
    let pty = try start()
    pty.send("G")
    #expect(pty.wait(for: "layer 4999"))
    pty.resize(columns: 100, rows: 30)
    #expect(pty.wait { $0.line(0).count == 100 && $0.line(26).contains("layer 4999") }, "\(pty.screen)")
    pty.resize(columns: 59, rows: 15)
    #expect(pty.wait(forScreen: "needs 60x16, this is 59x15: enlarge, or q to quit"), "\(pty.screen)")
    pty.resize(columns: 80, rows: 24)
    #expect(pty.wait(for: "layer 4999"))
  }

  @Test func `an idle screen writes no byte`() throws {
    let pty = try start()
    #expect(pty.wait(for: "ready"))
    pty.wait(.milliseconds(300)) { _ in false }
    #expect(pty.bytesWritten(during: .seconds(3)) == 0)
  }

  @Test func `a key that changes one line sends little`() throws {
    let pty = try start()
    #expect(pty.wait(for: "ready"))
    pty.wait(.milliseconds(300)) { _ in false }
    let before = pty.output.count
    pty.send("j")
    #expect(pty.wait(for: "key j"))
    // Two rows of 78 cells change their ground, with wide characters: not a screen of 1,920 cells.
    #expect(pty.output.count - before < 600)
  }

  @Test func `a thousand news are a few frames`() throws {
    let pty = try start()
    #expect(pty.wait(for: "ready"))
    let before = pty.output.count
    pty.send("n")
    #expect(pty.wait(for: "counted 1000"))
    #expect(pty.output.count - before < 2000)
  }

  @Test func `a toast goes after six seconds without any key`() throws {
    let pty = try start()
    pty.send("t")
    #expect(pty.wait(for: "a toast"))
    #expect(pty.wait(.seconds(8)) { !$0.screen.contains("a toast") })
  }

  @Test func `keys are answered within 50 ms with 5,000 rows`() throws {
    let pty = try start()
    #expect(pty.wait(for: "ready"))
    var latencies: [Double] = []
    for n in 1...15 {
      pty.wait(.milliseconds(120)) { _ in false }
      let start = ContinuousClock.now
      pty.send("j")
      #expect(pty.wait { $0.cell(column: 1, row: n + 1).background == 74 })
      latencies.append((ContinuousClock.now - start) / .milliseconds(1))
    }
    // The median: single presses may meet another program that has the processor.
    #expect(latencies.sorted()[7] < 50, "\(latencies)")
  }

  // MARK: What the terminal can do

  @Test func `colour depth follows the environment`() throws {
    #expect(try start().wait(for: "256c box"))
    let rgb = try start(environment: ["COLORTERM": "truecolor"])
    #expect(rgb.wait(for: "rgb box"))
    // metric.good of cvd-dark, 24-bit; under the cursor is its ground.
    #expect(rgb.cell(column: 1, row: 1).background == 0x1000000 | 0x56b4e9)
    #expect(rgb.cell(column: 1, row: 3).foreground == 0x1000000 | 0x56b4e9)
    #expect(try start(environment: ["TERM": "xterm"]).wait(for: "16c box"))
  }

  @Test(arguments: [["NO_COLOR": "1"], ["TERM": "vt100"]])
  func `without colour no colour is sent`(_ environment: [String: String]) throws {
    let pty = try start(environment: environment)
    #expect(pty.wait(for: "mono"))
    let colors = (0..<24).flatMap { row in (0..<80).map { pty.cell(column: $0, row: row) } }
    #expect(colors.allSatisfy { $0.foreground == -1 && $0.background == -1 })
    #expect(pty.cell(column: 1, row: 1).reverse, "the cursor is seen by reverse")
  }

  @Test func `double-width boxes and mute terminals get letters`() throws {
    #expect(try start(doubleWidthBoxes: true).wait(for: "ascii"))
    let mute = try start(answers: false)
    #expect(mute.wait(for: "ascii"))
    #expect(mute.line(0).hasPrefix("+- probe -"))
    // The answer that comes too late is no key.
    mute.send("\u{1b}[1;2R")
    mute.send("\u{1b}]11;rgb:0000/0000/0000\u{7}")
    mute.send("x")
    #expect(mute.wait(for: "key x"))
  }

  @Test func `a locale without UTF-8 gets letters and question marks`() throws {
    let pty = try start(environment: ["LC_ALL": "C"])
    #expect(pty.wait(for: "ascii"))
    #expect(pty.line(1).contains("layer 0") && pty.line(1).contains("? ?"))
    #expect(pty.line(2).hasSuffix("|"))
  }

  // MARK: Ways out

  @Test func `q gives the terminal back`() throws {
    let pty = try start()
    pty.send("q")
    #expect(pty.exit() == .status(0))
    expectRestored(pty)
    #expect(pty.screen.contains("ended: quit(status: 0)"))
  }

  @Test(arguments: [(SIGTERM, 143), (SIGHUP, 129), (SIGINT, 130)] as [(Int32, Int32)])
  func `signals give the terminal back`(_ number: Int32, _ status: Int32) throws {
    let pty = try start()
    pty.signal(number)
    #expect(pty.exit() == .status(status))
    expectRestored(pty)
  }

  @Test func `a crash gives the terminal back and keeps its message`() throws {
    let pty = try start()
    pty.send("!")
    let exit = pty.exit(.seconds(30))
    #expect(exit == .signal(SIGILL) || exit == .signal(SIGTRAP))
    expectRestored(pty)
    #expect(String(decoding: pty.output, as: UTF8.self).contains("the probe was told to crash"))
  }

  @Test(arguments: [SIGSEGV, SIGABRT, SIGQUIT])
  func `signals of a crash end the process as themselves`(_ number: Int32) throws {
    let pty = try start()
    pty.signal(number)
    #expect(pty.exit() == .signal(number))
    expectRestored(pty)
  }

  @Test func `messages on standard error wait until the screen is closed`() throws {
    let pty = try start()
    pty.send("e")
    #expect(pty.wait(for: "key e"))
    #expect(!pty.screen.contains("a warning"))
    pty.send("q")
    #expect(pty.exit() == .status(0))
    #expect(pty.screen.contains("a warning of some library"))
  }

  @Test func `a lost connection ends the program`() throws {
    let pty = try start()
    pty.hangUp()
    #expect(pty.exit() == .status(129))
  }

  @Test func `ctrl-z gives the terminal to the shell and fg takes it again`() throws {
    let program = try Pty.buildFolder() + "/terminal-probe"
    let pty = try Pty("/bin/bash", ["--norc", "--noprofile", "-i"], environment: ["PS1": "shell> "])
    #expect(pty.wait(for: "shell>"))
    pty.send("\(program)\n")
    #expect(pty.wait(for: "layer 0"))
    pty.send("j")
    #expect(pty.wait(for: "key j"))
    pty.send("\u{1a}")
    #expect(pty.wait { !$0.isOnAlternateScreen && $0.screen.contains("Stopped") }, "\(pty.screen)")
    pty.resize(columns: 90, rows: 20)
    pty.send("fg\n")
    #expect(pty.wait { $0.isOnAlternateScreen && $0.screen.contains("resumed") }, "\(pty.screen)")
    #expect(pty.wait { $0.line(0).count == 90 }, "\(pty.screen)")
    pty.send("q")
    #expect(pty.wait { !$0.isOnAlternateScreen && $0.screen.contains("ended") })
    pty.send("exit 7\n")
    #expect(pty.exit() == .status(7))
  }

  @Test func `ctrl-z without a shell to come back from does nothing`() throws {
    let pty = try start()
    pty.send("\u{1a}")
    #expect(pty.wait(for: "resumed"))
    #expect(pty.isOnAlternateScreen && !pty.isCooked)
  }

  @Test(arguments: [
    (["TERM": "dumb"], "a terminal of type 'dumb' cannot place its cursor"),
    (["TERM": "nosuch"], "unknown terminal 'nosuch'"), (["TERM": ""], "TERM is not set"),
  ])
  func `terminals that can show no screen are refused in a sentence`(
    _ environment: [String: String], _ sentence: String
  ) throws {
    let pty = try Pty("terminal-probe", environment: environment)
    #expect(pty.exit() == .status(64))
    #expect(pty.screen.contains(sentence), "\(pty.screen)")
    #expect(pty.screen.contains("help: every verb works without a screen"))
    #expect(pty.isCooked)
  }

  @Test func `without a terminal it says so and exits with 64`() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Pty.buildFolder() + "/terminal-probe")
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 64)
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text.hasPrefix("error: the workbench needs a terminal"))
  }

  @Test func `copying goes to the terminal's clipboard`() throws {
    let pty = try start()
    pty.send("y")
    // "row 0" in base 64.
    #expect(pty.wait { String(decoding: $0.output, as: UTF8.self).contains("\u{1b}]52;c;cm93IDA=\u{7}") })
  }
}
