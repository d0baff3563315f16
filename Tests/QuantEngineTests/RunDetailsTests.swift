import Foundation
import Testing

@testable import QuantEngine

@Suite struct `The digest of a file` {
  /// FIPS 180-4 examples by NIST: "abc", and the message of no bytes.
  @Test(
    arguments: [
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ])
  func `is that of the standard's examples`(_ text: String, _ sha256: String) throws {
    let made = try MadeUpProject()
    try made.write("f", text)
    let digest = try FileDigest(file: made.path + "/f")
    #expect(digest.sha256 == sha256 && digest.bytes == text.utf8.count)
  }

  /// The standard's long example: a million times "a", over several reads.
  @Test func `is right over many pieces`() throws {
    let made = try MadeUpProject()
    try made.write("f", String(repeating: "a", count: 1_000_000))
    #expect(
      try FileDigest(file: made.path + "/f").sha256
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func `of no file, or of a folder, is refused at its path`() throws {
    let made = try MadeUpProject()
    for path in [made.path + "/gone", made.path] {
      let error = #expect(throws: (any Error).self) { try FileDigest(file: path) }
      #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("\(path): error: cannot read"))
    }
  }
}

@Suite struct `Details of a run` {
  @Test func `name files that are gone and what the config changed`() throws {
    let made = try MadeUpProject()
    try made.write("runs/0001/config.json", MadeUpProject.config(bits: 8))
    try made.write("runs/0002/config.json", MadeUpProject.config(bits: 12))
    try made.write("out/net_quant.json", "abc")
    let text = MadeUpProject.oldRun().replacingOccurrences(
      of: "\"files\":[]", with: "\"directory\":\"\(made.path)\",\"files\":[\"out/net_quant.json\",\"out/gone\"]")
    try made.write("runs/0002/run.json", text)
    let d = RunDetails(made.project.run(2))
    #expect(d.configChanges == [.init(path: "conv1.activation_quant_params.num_bits", old: "8", new: "12")])
    #expect(d.stages == [.init(stage: "parse", seconds: 0.5), .init(stage: "calibrate", seconds: 1.25)])
    #expect(d.peakBytes == 1024)
    #expect(
      d.files.map { ($0.path as NSString).lastPathComponent }
        == ["net_quant.json", "gone", "config.json", "run.json"])
    #expect(d.files[0].bytes == 3 && d.files[0].sha256?.hasPrefix("ba7816bf") == true)
    #expect(d.files[1].bytes == nil && d.files[1].sha256 == nil)
    // Without a config to compare with there is no difference to tell.
    #expect(RunDetails(made.project.run(1)).configChanges == nil)
  }
}

@Suite struct `The difference of two runs` {
  @Test func `counts better, worse and the same, and names what is in one only`() throws {
    let made = try MadeUpProject()
    func write(_ n: Int, _ layers: [(String, String)], _ output: String) throws {
      try made.write(
        "runs/000\(n)/run.json",
        MadeUpProject.oldRun(comparison: MadeUpProject.comparison(layers.map { ($0.0, $0.1) }, output: output)))
    }
    try write(1, [("up", "0.5"), ("down", "0.9"), ("same", "0.7"), ("heals", "\"nan\""), ("gone", "0.1")], "0.25")
    try write(2, [("up", "0.75"), ("down", "0.875"), ("same", "0.700004"), ("heals", "0"), ("new", "0.2")], "0.75")
    let d = RunDiff(made.project.run(1), made.project.run(2))
    #expect(d.better == 2 && d.worse == 1 && d.same == 1)
    #expect(d.layers.map(\.name) == ["up", "down", "same", "heals", "new", "gone"])
    #expect(d.layers.map(\.verdict) == [.better, .worse, .same, .better, .unknown, .unknown])
    #expect(d.layers[0].delta == 0.25 && abs((d.layers[1].delta ?? 0) + 0.025) < 1e-12 && d.layers[5].after == nil)
    #expect(d.outputs[0].delta == 0.5)
    #expect(d.config == nil)
  }
}
