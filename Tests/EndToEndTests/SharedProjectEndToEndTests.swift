import Foundation
import Glibc
import ScreenTesting
import Tensors
import Testing

/// The workbench on an emulated terminal while others do things to its project and its runs.
@Suite("Shared project, end to end", .serialized) struct SharedProjectEndToEndTests {
  private func makeFolder() throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for path in Sample.shapes.model {
      try FileManager.default.copyItem(atPath: path, toPath: folder / (path as NSString).lastPathComponent)
    }
    return folder
  }

  /// - Parameter isLong: enough images, on one thread, that there is time to do something to a run.
  private func start(
    _ folder: TemporaryFolder, isLong: Bool = false, columns: Int = 120, rows: Int = 40, expects: String = "conv1_bn"
  ) throws -> Pty {
    var data = Sample.shapes.calibration
    if isLong {
      if !folder.has("x.npy") { try NumpyFile.write(.random([512, 3, 32, 32], seed: 7), to: folder / "x.npy") }
      data = ["--images", folder / "x.npy", "--batch-size", "512", "--threads", "1"]
    }
    let pty = try Pty(
      "cortado", [folder / "shapes.prototxt", folder / "shapes.caffemodel"] + data, columns: columns, rows: rows)
    pty.send("2")
    #expect(pty.wait(for: expects), "\(pty.screen)")
    return pty
  }

  private func events(_ folder: TemporaryFolder, _ run: String) -> String {
    (try? folder.text(".cortado/runs/\(run)/events.jsonl")) ?? ""
  }

  /// Waits until some layers have their factors, and holds the run's process there.
  private func hold(_ folder: TemporaryFolder, _ run: String, after count: Int) throws -> pid_t {
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end {
      let text = events(folder, run)
      if text.components(separatedBy: "\"kind\":\"found\"").count > count,
        let note = try? folder.text(".cortado/runs/\(run).pid"), let pid = pid_t(note.split(separator: " ")[0])
      {
        kill(pid, SIGSTOP)
        return pid
      }
      usleep(500)
    }
    Issue.record("no layer was finished: \(events(folder, run))")
    return 0
  }

  @Test func `the forecast arrives, and a second run reuses what the first has found`() throws {
    let folder = try makeFolder()
    let pty = try start(folder, columns: 80, rows: 24)
    pty.send("r")
    #expect(pty.wait(forAll: ["no run has calibrated them yet", "to calibrate", "that may be used"]), "\(pty.screen)")
    pty.send("\r")
    #expect(pty.wait(for: "run 1 done", .seconds(120)), "\(pty.screen)")
    pty.send("r")
    #expect(pty.wait(for: "0 new + "), "\(pty.screen)")
    #expect(pty.wait(for: "reused of run 1"), "\(pty.screen)")
    pty.send("\u{1b}")
    #expect(pty.wait { !$0.screen.contains("Start a run") })
    pty.send("7")
    #expect(pty.wait(forAll: ["Runs: 1", "done"]), "\(pty.screen)")
    pty.send("q")
    #expect(pty.exit() == .status(0))
  }

  @Test func `a run whose process is killed leaves its layers to the next`() throws {
    let folder = try makeFolder()
    let pty = try start(folder, isLong: true)
    pty.send("r\r")
    // At a layer that is another one each time.
    let pid = try hold(folder, "0001", after: Int.random(in: 1...6))
    guard pid > 0 else { return }
    let found = events(folder, "0001").components(separatedBy: "\"kind\":\"found\"").count - 1
    kill(pid, SIGKILL)
    #expect(pty.wait(forAll: ["run 1 died", "are kept", "Run 1: died"]), "\(pty.screen)")
    pty.send("r")
    // A factor is kept before it is told: the end may have come between the two.
    func isKept(_ count: Int) -> Bool { count == found || count == found + 1 }
    #expect(
      pty.wait { pty in (found...found + 1).contains { pty.screen.contains("\($0) reused of run 1") } }, "\(pty.screen)"
    )
    pty.send("\r")
    #expect(pty.wait(for: "run 2 done", .seconds(120)), "\(pty.screen)")
    #expect(isKept(events(folder, "0002").components(separatedBy: "\"kind\":\"reused\"").count - 1))
    pty.send("4")
    #expect(pty.wait(for: "reused 1"), "\(pty.screen)")
    pty.send("q")
    #expect(pty.exit() == .status(0))
  }

  @Test func `a run that is held outlives a hangup, is found held, goes on and is cancelled`() throws {
    let folder = try makeFolder()
    let first = try start(folder, isLong: true)
    first.send("r\r")
    #expect(first.wait(for: "Run 1: under way"), "\(first.screen)")
    first.send("p")
    #expect(first.wait(for: "Run 1: PAUSED"), "\(first.screen)")
    first.hangUp()
    #expect(first.exit() == .status(128 + SIGHUP))
    let second = try start(folder, isLong: true, columns: 80, rows: 24)
    second.send("4")
    #expect(second.wait(for: "Run 1: PAUSED"), "\(second.screen)")
    // Resizing meanwhile keeps what is shown.
    for (columns, rows) in [(60, 16), (120, 40), (80, 24)] {
      second.resize(columns: columns, rows: rows)
      #expect(second.wait(for: "Run 1: PAUSED"), "\(second.screen)")
    }
    second.send("p")
    #expect(second.wait { !$0.screen.contains("PAUSED") }, "\(second.screen)")
    second.send("Ky")
    #expect(second.wait(.seconds(60)) { $0.screen.contains("was cancelled") || $0.screen.contains("run 1 done") })
    second.send("q")
    #expect(second.exit() == .status(0))
  }

  @Test func `resizing while a run goes on leaves a whole screen`() throws {
    let folder = try makeFolder()
    let pty = try start(folder, isLong: true)
    pty.send("r\r")
    #expect(pty.wait(for: "Run 1:"), "\(pty.screen)")
    for (columns, rows) in [(80, 24), (60, 16), (200, 60), (40, 10), (120, 40), (80, 24)] {
      pty.resize(columns: columns, rows: rows)
      let first = columns < 60 ? "needs 60x16" : "Run 1:"
      #expect(pty.wait(for: first), "\(pty.screen)")
    }
    #expect(pty.wait(forAll: ["run 1 done", "Run 1: done"], .seconds(120)), "\(pty.screen)")
    #expect(pty.line(2).hasPrefix("┌─ Run 1: done") && pty.line(20).hasSuffix("─┘"), "\(pty.screen)")
    pty.send("q")
    #expect(pty.exit() == .status(0))
  }

  @Test func `a second workbench looks on, follows the run, and takes over when the first has gone`() throws {
    let folder = try makeFolder()
    let first = try start(folder, isLong: true)
    let second = try start(folder, isLong: true, expects: "READ-ONLY")
    let history = { (try? folder.text(".cortado/history.jsonl")) ?? "" }
    second.send("x")
    #expect(second.wait(for: "opened read-only: process"), "\(second.screen)")
    second.send("rS")
    second.wait(.milliseconds(300)) { _ in false }
    #expect(history().isEmpty && !folder.has(".cortado/config.json") && folder.names(".cortado/runs").isEmpty)
    // The first one's edits and runs.
    first.send("b")
    #expect(first.wait { _ in history().contains("num_bits 8 -> 12") })
    let before = history()
    first.send("S")
    #expect(first.wait(for: "ok  saved:"), "\(first.screen)")
    #expect(second.wait(for: "12/8c"), "\(second.screen)")
    first.send("r\r")
    #expect(first.wait(for: "Run 1:"), "\(first.screen)")
    second.send("4")
    #expect(second.wait(.seconds(120)) { $0.screen.contains("Run 1: done") }, "\(second.screen)")
    #expect(first.wait(for: "run 1 done", .seconds(120)), "\(first.screen)")
    #expect(history().hasPrefix(before))
    first.send("q")
    #expect(first.exit() == .status(0))
    #expect(second.wait { !$0.line(0).contains("READ-ONLY") }, "\(second.screen)")
    second.send("2x")
    #expect(second.wait(for: "quantised -> float"), "\(second.screen)")
    second.signal(SIGTERM)
    #expect(second.exit() == .status(128 + SIGTERM))
  }

  @Test func `config json written outside is asked about, and looking costs nothing`() throws {
    let folder = try makeFolder()
    let pty = try start(folder)
    pty.send("bS")
    #expect(pty.wait(for: "ok  saved:"), "\(pty.screen)")
    pty.wait(.seconds(7)) { !$0.screen.contains("ok  saved:") }
    #expect(pty.bytesWritten(during: .seconds(5)) == 0)
    try cortado(
      "config", "set", "conv3_dw", "activation.num_bits=12", "--config", folder / ".cortado/config.json"
    )
    .expect(0)
    #expect(pty.wait(forAll: ["config.json was changed outside", "conv3_dw"]), "\(pty.screen)")
    pty.send("t")
    #expect(pty.wait(forAll: ["taken from the disk", "unsaved: -"]), "\(pty.screen)")
    pty.send("u")
    #expect(pty.wait(for: "unsaved: config.json"), "\(pty.screen)")
    pty.send("qd")
    #expect(pty.exit() == .status(0))
  }
}
