import Foundation
import ScreenTesting
import Testing

/// Screen 6 on the sample net: find the layer that hurts, repair it, see that it helped.
@Suite("Tune, end to end", .serialized) struct TuneEndToEndTests {
  @Test func `rank, mark, apply, run, verdict`() throws {
    let folder = TemporaryFolder()
    for path in Sample.shapes.model {
      try FileManager.default.copyItem(atPath: path, toPath: folder / (path as NSString).lastPathComponent)
    }
    let pty = try Pty(
      "cortado", [folder / "shapes.prototxt", folder / "shapes.caffemodel"] + Sample.shapes.calibration, columns: 80,
      rows: 24)
    pty.send("2")
    #expect(pty.wait(for: "conv1_bn"), "\(pty.screen)")
    pty.send("6")
    #expect(pty.wait(forAll: ["No run yet", "r starts one"]), "\(pty.screen)")
    pty.send("r\r")
    #expect(pty.wait(for: "run 1 done", .seconds(120)), "\(pty.screen)")
    pty.send("6g")
    // The sample's README: conv3_dw is the layer to find.
    #expect(pty.wait { $0.screen.contains(/\[ \] +1 ! conv3_dw/) }, "\(pty.screen)")
    #expect(pty.wait(for: "not met"), "\(pty.screen)")
    pty.send("t\r")
    #expect(pty.wait(forAll: ["1 layer marked", "1 marked"]), "\(pty.screen)")
    pty.send("a")
    #expect(pty.wait(forAll: ["Start a run", "changed  1 setting since run 1"]), "\(pty.screen)")
    pty.send("\r")
    // With conv3_dw at 12 bits the output comes back to .9996.
    #expect(pty.wait(forAll: ["Run 2: goal met", "conv3_dw", "better"], .seconds(120)), "\(pty.screen)")
    pty.send("k6")
    #expect(pty.wait(forAll: ["goal met, and no layer's local is under 0.99", "Tune: after run 2"]), "\(pty.screen)")
    #expect(try folder.text(".cortado/history.jsonl").contains("tune: conv3_dw bits 12"))
    pty.send("e\u{15}0.95\r")
    #expect(pty.wait(for: "cos >= 0.95"), "\(pty.screen)")
    #expect(pty.wait { _ in ((try? folder.text(".cortado/goal.json")) ?? "").contains("0.95") })
    pty.send("qd")
    #expect(pty.exit() == .status(0))
  }
}
