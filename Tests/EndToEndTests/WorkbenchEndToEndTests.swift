import Foundation
import Glibc
import ScreenTesting
import Testing

/// `cortado` itself on an emulated terminal, with the sample net: a whole session, runs included.
@Suite("Workbench, end to end", .serialized) struct WorkbenchEndToEndTests {
  private static let sample = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Samples/shapes").path

  /// A copy of the sample's net in a folder of its own, which takes the project.
  private func makeFolder() throws -> String {
    let folder = NSTemporaryDirectory() + "/cortado-workbench-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["shapes.prototxt", "shapes.caffemodel"] {
      try FileManager.default.copyItem(atPath: Self.sample + "/" + name, toPath: folder + "/" + name)
    }
    return folder
  }

  private func start(_ folder: String, columns: Int = 120, rows: Int = 40, environment: [String: String] = [:]) throws
    -> Pty
  {
    let pty = try Pty(
      "cortado",
      [
        folder + "/shapes.prototxt", folder + "/shapes.caffemodel", "--images", Self.sample + "/calibration",
        "--preprocess", Self.sample + "/preprocess.json",
      ], environment: environment, columns: columns, rows: rows)
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
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pty = try start(folder)
    // The first run, by default settings: conv3_dw is the layer to find.
    pty.send("r")
    #expect(pty.wait(for: "8 of 64 found"), "\(pty.screen)")
    pty.send("\r")
    #expect(pty.wait(for: "range seen"), "\(pty.screen)")
    #expect(pty.wait(for: "run 1 done", .seconds(120)), "\(pty.screen)")
    #expect(pty.screen.contains("Run 1: done"))
    pty.send("\r")
    #expect(pty.wait(for: "Compare: run 1"), "\(pty.screen)")
    pty.send("J")
    #expect(pty.wait(for: "conv3_dw  DepthwiseConv"), "\(pty.screen)")
    // Float there, and once more.
    pty.send("x")
    #expect(pty.wait(for: "conv3_dw: quantised -> float"), "\(pty.screen)")
    #expect(pty.screen.contains("1 edit not run yet"))
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
    let saved = try String(contentsOfFile: folder + "/.cortado/config.json", encoding: .utf8)
    #expect(saved.contains("\"conv3_dw\""))
    pty.send("w\u{15}\(folder)/out/net\r")
    #expect(pty.wait(for: "wrote"), "\(pty.screen)")
    #expect(FileManager.default.fileExists(atPath: folder + "/out/net_deploy_weights.caffemodel"))
    pty.send("q")
    expectLeft(pty)
  }

  @Test func `the next session finds config and runs again`() throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try start(folder, columns: 80, rows: 24)
    first.send("r\r")
    #expect(first.wait(for: "run 1 done", .seconds(120)), "\(first.screen)")
    first.send("2bS")
    #expect(first.wait(for: "ok  saved:") && first.wait(for: "12/8c"), "\(first.screen)")
    first.send("q")
    expectLeft(first)
    let second = try start(folder, columns: 80, rows: 24, environment: ["NO_COLOR": "1"])
    #expect(second.wait(for: "run 1 done"), "\(second.screen)")
    #expect(second.screen.contains("12/8c"))
    // Resizing keeps the selection; a signal leaves the terminal as it was.
    second.send("jj")
    second.resize(columns: 120, rows: 40)
    #expect(second.wait(for: "Layer 4 of 46"), "\(second.screen)")
    second.signal(SIGTERM)
    expectLeft(second, status: 128 + SIGTERM)
  }

  @Test func `a run can be cancelled`() throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pty = try start(folder)
    // All 64 images, so that there is time.
    pty.send("r+++++++\r")
    #expect(pty.wait(for: "Run 1: under way"), "\(pty.screen)")
    pty.send("Ky")
    #expect(pty.wait(.seconds(60)) { $0.screen.contains("was cancelled") || $0.screen.contains("run 1 done") })
    pty.send("qd")
    expectLeft(pty)
  }

  @Test func `a net with a mistake is shown with its place`() throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "name: \"broken\"\nlayer { nmae: \"a\" }\n".write(
      toFile: folder + "/broken.prototxt", atomically: true, encoding: .utf8)
    let pty = try Pty("cortado", [folder + "/broken.prototxt", folder + "/shapes.caffemodel"], columns: 120, rows: 30)
    #expect(pty.wait(for: "cannot be opened"), "\(pty.screen)")
    #expect(pty.screen.contains("broken.prototxt:2:"), "\(pty.screen)")
    pty.send("q")
    expectLeft(pty)
  }
}
