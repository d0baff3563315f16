import Foundation
import ScreenTesting
import Testing

@Suite struct `Output that cannot be written` {
  private let folder = TemporaryFolder()

  /// A folder in which one file is a device that is always full.
  private func full(_ name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: folder / "full", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: folder / "full/\(name)", withDestinationPath: "/dev/full")
    return folder / "full"
  }

  private var quantize: [String] { ["quantize"] + Sample.digits.model + Sample.digits.calibration }

  @Test func `a full disk ends a run with 4 and keeps its record`() throws {
    let out = try full("net_fake_quant_model.prototxt")
    let outcome = try cortado(quantize + ["--work", folder / "run", "--out", out + "/net"])
    outcome.expect(4, says: "cannot write", "net_fake_quant_model.prototxt", "No space left on device")
    #expect(try folder.text("run/scale_offset_record.txt").contains("scale_d"))
    let last = try #require(folder.text("run/events.jsonl").split(separator: "\n").last)
    #expect(try JSONNode(text: String(last))["status"].int == 4)
  }

  @Test func `a full disk ends other verbs with 4 too`() throws {
    try cortado(["forward"] + Sample.digits.model + ["--input", "data=1", "--out", full("prob.npy")])
      .expect(4, says: "prob.npy", "No space left on device")
    try cortado(["config", "init"] + Sample.digits.model + ["-o", "/dev/full"]).expect(
      4, says: "No space left on device")
  }

  @Test func `a place where nothing can be made ends with 4`() throws {
    _ = try folder.write("file", "kept")
    try cortado(quantize + ["--work", folder / "run", "--out", folder / "file/net"]).expect(4, says: "file")
    try cortado(quantize + ["--work", folder / "file"]).expect(4, says: "file")
    try cortado(["forward"] + Sample.digits.model + ["--input", "data=1", "--out", folder / "file"]).expect(
      4, says: "file")
    #expect(try folder.text("file") == "kept")
  }

  @Test func `a run folder that is not empty is left alone`() throws {
    _ = try folder.write("run/mine.txt", "kept")
    try cortado(quantize + ["--work", folder / "run"]).expect(3, says: "is not empty")
    #expect(folder.names("run") == ["mine.txt"])
  }

  @Test func `existing results are overwritten with a warning`() throws {
    for run in ["a", "b"] {
      let outcome = try cortado(quantize + ["--work", folder / run, "--out", folder / "net"])
      outcome.expect(0)
      #expect(outcome.err.contains("The file already exists at") == (run == "b"))
    }
  }

  /// Root may write anywhere, so it runs the program as somebody else.
  @Test(.enabled(if: geteuid() != 0 || FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")))
  func `the project of a read-only model folder is in the state directory`() throws {
    let model = folder / "model"
    try FileManager.default.createDirectory(atPath: model, withIntermediateDirectories: true)
    for path in Sample.digits.model + [Sample.digits / "calibration", Sample.digits / "preprocess.json"] {
      try FileManager.default.copyItem(atPath: path, toPath: model + "/" + (path as NSString).lastPathComponent)
    }
    try FileManager.default.createDirectory(atPath: folder / "state", withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder / "state")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: model)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: model) }
    let nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    let program = try RunningProgram(
      [
        "quantize", model + "/digits.prototxt", model + "/digits.caffemodel", "--images", model + "/calibration",
        "--preprocess", model + "/preprocess.json", "--json",
      ], in: "/", environment: ["XDG_STATE_HOME": folder / "state"], launcher: geteuid() == 0 ? nobody : [])
    let outcome = try program.wait()
    outcome.expect(0)
    #expect(try #require(outcome.json["work"].string).hasPrefix(folder / "state/cortado/projects/"))
    #expect(!folder.has("model/.cortado"))
  }
}
