import Foundation
import ScreenTesting
import Testing

/// The example program of the library, which sees no more of it than a stranger's program would.
@Suite struct LibraryTests {
  @Test func `every call does what its verb does`() throws {
    let folder = TemporaryFolder()
    // The program names the samples as from the top of the project, and leaves its log where it runs.
    let samples = (Sample.shapes.folder as NSString).deletingLastPathComponent
    try FileManager.default.createSymbolicLink(atPath: folder / "Samples", withDestinationPath: samples)
    let process = Process()
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.executableURL = URL(fileURLWithPath: try Pty.buildFolder() + "/library-example")
    process.arguments = [folder.path]
    let (out, err) = (Pipe(), Pipe())
    process.standardOutput = out
    process.standardError = err
    try process.run()
    let text = String(decoding: try out.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    let news = String(decoding: try err.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)\(news)")
    #expect(text.contains("set_gpu_mode: error: there is no GPU path: everything is computed on the CPU"), "\(text)")

    // The same by verbs.
    let net = Sample.shapes.model
    try cortado("uninplace", net[0], "-o", folder / "u.prototxt").expect(0)
    #expect(try folder.text("tmp/uninplaced.prototxt") == folder.text("u.prototxt"))
    try cortado(
      ["config", "init"] + net + ["-o", folder / "c.json", "--batch-num", "2", "--skip-layers", "fc6"]
    ).expect(0)
    #expect(try folder.text("tmp/config.json") == folder.text("c.json"))
    try cortado(
      ["quantize"] + net + Sample.shapes.calibration
        + ["--config", folder / "c.json", "--work", folder / "run", "--out", folder / "q/shapes"]
    ).expect(0)
    #expect(try folder.text("tmp/scale_offset_record.txt") == folder.text("run/scale_offset_record.txt"))
    #expect(try folder.text("tmp/modified_model.prototxt").contains("type: \"IFMR\""))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "q").sorted()
    #expect(names.count == 7)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder / "results").sorted() == names)
    for name in names {
      #expect(
        FileManager.default.contents(atPath: folder / "results/\(name)")
          == FileManager.default.contents(atPath: folder / "q/\(name)"), "\(name)")
    }

    // Conversion from the record just found gives the deploy model again.
    for name in ["shapes_deploy_model.prototxt", "shapes_deploy_weights.caffemodel"] {
      #expect(
        FileManager.default.contents(atPath: folder / "convert/\(name)")
          == FileManager.default.contents(atPath: folder / "q/\(name)"), "\(name)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder / "convert/shapes_fake_quant_model.prototxt"))
  }
}
