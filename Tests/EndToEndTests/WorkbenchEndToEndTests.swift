import Foundation
import Glibc
import ScreenTesting
import Testing

/// `cortado` itself on an emulated terminal, with the sample net: a whole session, runs included.
@Suite("Workbench, end to end", .serialized) struct WorkbenchEndToEndTests {
  /// A copy of the sample's net in a folder of its own, which takes the project.
  private func makeFolder() throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for path in Sample.shapes.model {
      try FileManager.default.copyItem(atPath: path, toPath: folder / (path as NSString).lastPathComponent)
    }
    return folder
  }

  private func start(_ folder: TemporaryFolder, columns: Int = 120, rows: Int = 40, environment: [String: String] = [:])
    throws
    -> Pty
  {
    let pty = try Pty(
      "cortado", [folder / "shapes.prototxt", folder / "shapes.caffemodel"] + Sample.shapes.calibration,
      environment: ["HOME": folder.path].merging(environment) { $1 }, columns: columns, rows: rows)
    // It begins at Home, or where the session before was left.
    pty.send("2")
    #expect(pty.wait(for: "conv1_bn"), "\(pty.screen)")
    return pty
  }

  private func expectLeft(_ pty: Pty, status: Int32 = 0) {
    #expect(pty.exit() == .status(status))
    #expect(!pty.isOnAlternateScreen)
    #expect(pty.isCooked)
    #expect(pty.cursor.isVisible)
  }

  @Test func `open, edit, run, watch, compare, un-quantise, run again, save, write, quit`() throws {
    let folder = try makeFolder()
    let pty = try start(folder)
    // The first run, by default settings: conv3_dw is the layer to find.
    pty.send("r")
    #expect(pty.wait(for: "8 of 64 found"), "\(pty.screen)")
    pty.send("\r")
    #expect(pty.wait(for: "range seen"), "\(pty.screen)")
    // A frame arrives in pieces: whatever a frame must show is waited for as one.
    #expect(pty.wait(forAll: ["run 1 done", "Run 1: done"], .seconds(120)), "\(pty.screen)")
    pty.send("\r")
    #expect(pty.wait(for: "Compare: run 1"), "\(pty.screen)")
    // It opens with the worst layer first; the first drop is found in network order.
    #expect(pty.wait(for: "[worst]"), "\(pty.screen)")
    pty.send("oogJ")
    #expect(pty.wait(for: "conv3_dw  DepthwiseConv"), "\(pty.screen)")
    // Float there, and once more.
    pty.send("x")
    #expect(pty.wait(forAll: ["conv3_dw: quantised -> float", "1 edit not run yet"]), "\(pty.screen)")
    pty.send("r")
    #expect(pty.wait(for: "since run 1"), "\(pty.screen)")
    pty.send("\r")
    #expect(pty.wait(for: "run 2 done", .seconds(120)), "\(pty.screen)")
    pty.send("5")
    #expect(pty.wait(for: "Compare: run 1 -> 2"), "\(pty.screen)")
    // The sample's README: with conv3_dw float every layer is above .99.
    #expect(pty.wait(for: "below 0.99: 0 (was"), "\(pty.screen)")
    pty.send("S")
    #expect(pty.wait(for: "ok  saved:"), "\(pty.screen)")
    #expect(try folder.text(".cortado/config.json").contains("\"conv3_dw\""))
    pty.send("w\u{15}\(folder.path)/out/net\r")
    #expect(pty.wait(for: "wrote"), "\(pty.screen)")
    #expect(folder.names("out").contains("net_deploy_weights.caffemodel"))
    #expect(pty.wait(forAll: ["of run 2 written", "net_deploy_weights.caffemodel"]), "\(pty.screen)")
    pty.send("\u{1b}")
    #expect(pty.wait { !$0.screen.contains("of run 2 written") }, "\(pty.screen)")
    pty.send("q")
    expectLeft(pty)
  }

  @Test func `Compare finds the cause, its suggestion is taken, the next run shows what it gained`() throws {
    let folder = try makeFolder()
    let pty = try start(folder)
    pty.send("r\r")
    #expect(pty.wait(forAll: ["run 1 done", "Run 1: done"], .seconds(120)), "\(pty.screen)")
    pty.send("\r")
    // From the worst layer, which only inherits, to the one that loses by itself.
    #expect(pty.wait(forAll: ["[worst]", "Compare: run 1 against the original", "[go to conv3_dw]"]), "\(pty.screen)")
    #expect(pty.wait(for: "first drop 20 conv3_dw, own step"), "\(pty.screen)")
    pty.send("\r\r")
    #expect(
      pty.wait(forAll: ["conv3_dw  DepthwiseConv", "points", "wide channel range", "[bits 12]"]), "\(pty.screen)")
    pty.send("]")
    #expect(pty.wait(forAll: ["fake-quant o", "input 0 conv3_expand", "^"]), "\(pty.screen)")
    pty.send("]")
    // The sample's conv3_dw has 48 channels.
    #expect(pty.wait(forAll: ["output channels, worst first", "of 48"]), "\(pty.screen)")
    pty.send("]")
    #expect(pty.wait(forAll: ["8 calibration images, worst first", "000.png", "007.png"]), "\(pty.screen)")
    pty.send("]")
    #expect(pty.wait(forAll: ["chain relative L2", "local SQNR dB"]), "\(pty.screen)")
    pty.send("\r")
    #expect(pty.wait(for: "conv3_dw: bits 12 (u undoes)"), "\(pty.screen)")
    pty.send("r\r")
    #expect(pty.wait(for: "run 2 done", .seconds(120)), "\(pty.screen)")
    pty.send("5")
    #expect(
      pty.wait(forAll: ["Compare: run 1 -> 2, each against the original", "no layer is below 0.99"]), "\(pty.screen)")
    let line = pty.screen.split(separator: "\n").first { $0.contains(" 20 conv3_dw ") } ?? ""
    // .93 before and .999 now.
    #expect(line.contains(" +0.06") || line.contains(" +0.07"), "\(pty.screen)")
    pty.send("qd")
    expectLeft(pty)
  }

  @Test func `the next session finds config and runs again`() throws {
    let folder = try makeFolder()
    let first = try start(folder, columns: 80, rows: 24)
    first.send("r\r")
    #expect(first.wait(for: "run 1 done", .seconds(120)), "\(first.screen)")
    first.send("2bS")
    #expect(first.wait(for: "ok  saved:") && first.wait(for: "12/8c"), "\(first.screen)")
    first.send("q")
    expectLeft(first)
    let second = try start(folder, columns: 80, rows: 24, environment: ["NO_COLOR": "1"])
    #expect(second.wait(forAll: ["run 1 done", "12/8c"]), "\(second.screen)")
    // Resizing keeps the selection; a signal leaves the terminal as it was.
    second.send("jj")
    second.resize(columns: 120, rows: 40)
    #expect(second.wait(for: "Layer 4 of 46"), "\(second.screen)")
    second.signal(SIGTERM)
    expectLeft(second, status: 128 + SIGTERM)
  }

  @Test func `edits outlive a killed workbench and can be undone in the next`() throws {
    let folder = try makeFolder()
    let first = try start(folder)
    first.send("x")
    #expect(first.wait(for: "conv1: quantised -> float"), "\(first.screen)")
    first.send("b")
    // Both edits are on the disk as soon as they are made.
    #expect(first.wait { _ in ((try? folder.text(".cortado/history.jsonl")) ?? "").contains("\"id\":2") })
    first.signal(SIGKILL)
    #expect(first.exit() == .signal(SIGKILL))
    let second = try start(folder)
    #expect(second.wait(forAll: ["edits of the last session are not saved yet", "unsaved: config.json"]))
    second.send("u")
    #expect(second.wait(for: "undone: conv1: num_bits 8 -> 12"), "\(second.screen)")
    second.send("u")
    #expect(second.wait(forAll: ["undone: conv1: quantised -> float", "unsaved: -"]), "\(second.screen)")
    second.send("q")
    expectLeft(second)
  }

  @Test func `a hundred edits are undone after a restart`() throws {
    let folder = try makeFolder()
    let first = try start(folder)
    first.send("bS")
    #expect(first.wait(for: "ok  saved:"), "\(first.screen)")
    let before = try folder.text(".cortado/config.json")
    // After the 12 bits that are saved: 16, 8, 12, 16, .. bits: each press is an edit.
    first.send(String(repeating: "b", count: 100))
    #expect(
      first.wait(.seconds(30)) { _ in ((try? folder.text(".cortado/history.jsonl")) ?? "").contains("\"id\":101,") })
    first.signal(SIGKILL)
    #expect(first.exit() == .signal(SIGKILL))
    let second = try start(folder)
    // 100 = 3 x 33 + 1: the last one left 16 bits.
    #expect(second.wait(forAll: ["unsaved: config.json", "16/8c"]), "\(second.screen)")
    second.send(String(repeating: "u", count: 100))
    #expect(second.wait(forAll: ["unsaved: -", "12/8c"], .seconds(30)), "\(second.screen)")
    second.send("uu")
    #expect(second.wait(for: "nothing to undo"), "\(second.screen)")
    second.send("\u{12}")
    #expect(second.wait(forAll: ["unsaved: -", "12/8c"]), "\(second.screen)")
    #expect(try folder.text(".cortado/config.json") == before)
    second.send("q")
    expectLeft(second)
  }

  @Test func `a screen that nobody touches writes nothing, and every size is survived`() throws {
    let pty = try start(try makeFolder(), columns: 80, rows: 24, environment: ["NO_COLOR": "1"])
    pty.wait(.milliseconds(500)) { _ in false }
    #expect(pty.bytesWritten(during: .seconds(2)) == 0)
    for (columns, rows) in [(120, 40), (60, 16), (30, 5), (200, 60), (80, 24)] {
      pty.resize(columns: columns, rows: rows)
      #expect(
        pty.wait {
          columns < 60 ? $0.screen.contains("needs 60x16") : $0.screen.contains("2 Q") && $0.screen.contains("conv1")
        }, "\(pty.screen)")
    }
    #expect(!String(decoding: pty.output, as: UTF8.self).contains("\u{1b}[38;5;"))
    pty.send("q")
    expectLeft(pty)
  }

  @Test func `a run can be cancelled`() throws {
    let folder = try makeFolder()
    let pty = try start(folder)
    // All 64 images, so that there is time.
    pty.send("r+++++++\r")
    #expect(pty.wait(for: "Run 1: under way"), "\(pty.screen)")
    pty.send("Ky")
    #expect(pty.wait(.seconds(60)) { $0.screen.contains("was cancelled") || $0.screen.contains("run 1 done") })
    pty.send("qd")
    expectLeft(pty)
  }

  @Test func `a run left running goes on and is found again`() throws {
    let folder = try makeFolder()
    let first = try start(folder)
    first.send("r+++++++\r")
    #expect(first.wait(for: "Run 1: under way"), "\(first.screen)")
    // The terminal goes away, as when a connection breaks.
    first.hangUp()
    #expect(first.exit() == .status(128 + SIGHUP))
    let second = try start(folder)
    // Followed until it ends, or already at its end.
    #expect(second.wait(.seconds(120)) { $0.line(0).contains("run 1 done") }, "\(second.screen)")
    second.send("4")
    #expect(second.wait(for: "Run 1: done"), "\(second.screen)")
    second.send("qd")
    expectLeft(second)
  }

  @Test func `a net with a mistake is shown with its place`() throws {
    let folder = try makeFolder()
    let broken = try folder.write("broken.prototxt", "name: \"broken\"\nlayer { nmae: \"a\" }\n")
    let pty = try Pty("cortado", [broken, folder / "shapes.caffemodel"], columns: 120, rows: 30)
    #expect(pty.wait(for: "cannot be opened"), "\(pty.screen)")
    #expect(pty.wait(for: "broken.prototxt:2:"), "\(pty.screen)")
    pty.send("q")
    expectLeft(pty)
  }
}
