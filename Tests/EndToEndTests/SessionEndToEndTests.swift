import Foundation
import Glibc
import ScreenTesting
import Testing

/// One session from the first look at a net to its models, as the tutorial tells it, on the sample net.
@Suite("A session, end to end") struct SessionEndToEndTests {
  private func report(_ pty: Pty, _ place: Int = #line) -> Comment { "line \(place):\n\(pty.screen)" }

  @Test func `open, run, look, more batches, bits, tune, compare runs, lift, write, report`() throws {
    let folder = TemporaryFolder()
    for path in Sample.shapes.model {
      try FileManager.default.copyItem(atPath: path, toPath: folder / (path as NSString).lastPathComponent)
    }
    let pty = try Pty(
      "cortado", [folder / "shapes.prototxt", folder / "shapes.caffemodel"] + Sample.shapes.calibration,
      environment: ["HOME": folder.path], columns: 120, rows: 40)
    // Home checks what there is, and says what comes next.
    #expect(
      pty.wait(forAll: ["[ok] model loads", "[ok] image list", "[ok] original net", "r start the first"]), report(pty))
    pty.send("5")
    #expect(pty.wait(forAll: ["No run yet", "r"]), report(pty))
    pty.send("r")
    #expect(pty.wait(forAll: ["8 of 64 found", "18 new", "to calibrate, about", "to compare"]), report(pty))
    pty.send("\r2")
    #expect(pty.wait(forAll: ["[2 Layers]", "run 1 done"], .seconds(120)), report(pty))
    // Four batches change little: data is not the problem.
    pty.send(":set batch_num 4\r")
    #expect(pty.wait(for: "batch_num = 4 (u undoes)"), report(pty))
    pty.send("r")
    #expect(pty.wait(forAll: ["32 of 64 found", "since run 1"]), report(pty))
    pty.send("\r")
    #expect(pty.wait(for: "run 2 done", .seconds(120)), report(pty))
    pty.send("5ggJ")
    #expect(pty.wait(forAll: ["Compare: run 1 -> 2", "conv3_dw  DepthwiseConv"]), report(pty))
    // The layer that loses by itself gets 12 bits; all other factors are reused.
    pty.send("b")
    #expect(pty.wait(forAll: ["conv3_dw: num_bits 8 -> 12", "1 edit not run yet"]), report(pty))
    pty.send("r")
    #expect(pty.wait(forAll: ["1 new + ", "reused of run 2", "conv3_dw: own settings"]), report(pty))
    pty.send("\r")
    #expect(pty.wait(for: "run 3 done", .seconds(120)), report(pty))
    pty.send("5")
    #expect(pty.wait(forAll: ["Compare: run 2 -> 3", "no layer is below 0.99"]), report(pty))
    // A harder goal; two more layers for it; the verdict; one undo takes both back.
    pty.send("6e\u{15}0.99999\r")
    #expect(pty.wait(for: "cos >= 0.99999"), report(pty))
    pty.send("T\u{15}2\r")
    #expect(pty.wait(for: "2 layers marked"), report(pty))
    pty.send("a")
    #expect(pty.wait(forAll: ["Start a run", "since run 3"]), report(pty))
    pty.send("\r")
    #expect(pty.wait(forAll: ["Run 4: ", "applied"], .seconds(120)), report(pty))
    pty.send("k")
    #expect(pty.wait { !$0.screen.contains("Run 4: goal") }, report(pty))
    pty.send("u")
    #expect(pty.wait(for: "undone: tune: "), report(pty))
    pty.send("r\r")
    #expect(pty.wait(for: "run 5 done", .seconds(120)), report(pty))
    // Two runs side by side: batches and the bits of one layer.
    pty.send("7Gagbd")
    #expect(pty.wait(forAll: ["batch_num", "conv3_dw.activation.num_bits"]), report(pty))
    pty.send("\u{1b}")
    #expect(pty.wait(for: "a/b pick two"), report(pty))
    pty.send("gP")
    #expect(pty.wait(for: "pinned"), report(pty))
    pty.send("3i")
    #expect(pty.wait(for: "Lift the config"), report(pty))
    pty.send("\r")
    #expect(pty.wait(for: "lifted into the recipe: 2 changes"), report(pty))
    pty.send("S")
    #expect(pty.wait(for: "ok  saved:"), report(pty))
    #expect(try folder.text(".cortado/recipe.cfg").contains("conv3_dw"))
    pty.send("w\u{15}\(folder.path)/out/net\r")
    #expect(pty.wait(forAll: ["of run 5 written", "net_deploy_weights.caffemodel"]), report(pty))
    pty.send("\u{1b}7")
    #expect(pty.wait(for: "[7 Runs]"), report(pty))
    pty.send("gE\u{15}\(folder.path)/report.html\r")
    #expect(pty.wait(for: "wrote the report of run 5"), report(pty))
    #expect(try folder.text("report.html").contains("conv3_dw"))
    pty.send(":runs diff 1 5\r")
    #expect(pty.wait(forAll: ["cortado runs diff 1 5", "batch_num: 1 -> 4"]), report(pty))
    pty.send("\u{1b}")
    #expect(pty.wait { !$0.screen.contains("cortado runs diff") }, report(pty))
    pty.send("Uy\u{1b}")
    #expect(pty.wait(for: "commands that make this config"), report(pty))
    pty.send("q")
    #expect(pty.exit() == .status(0))
    #expect(folder.names(".cortado/runs").filter { !$0.contains(".") } == ["0001", "0002", "0003", "0004", "0005"])
  }
}
