import Foundation
import Tensors
import Testing

@Suite(.serialized) struct `Runs under way` {
  private let folder = TemporaryFolder()
  private var project: [String] { ["--project", folder / "p"] }

  /// A run over 512 images on one thread, so that there is time to hold it.
  private func long(_ flags: String...) throws -> [String] {
    try NumpyFile.write(.random([512, 1, 28, 28], seed: 7), to: folder / "x.npy")
    let data = ["--images", folder / "x.npy", "--batch-size", "512", "--threads", "1"]
    return ["quantize"] + Sample.digits.model + data + project + flags
  }

  private func jobs() throws -> [JSONNode] {
    let outcome = try cortado(["job", "list", "--json"] + project)
    return outcome.status == 0 ? try outcome.json.list : []
  }

  /// Waits until a run calibrates, which takes longest, and holds it.
  private func hold() throws {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
      if (try? folder.text("p/runs/0001/events.jsonl"))?.contains("\"calibrate\"") == true {
        return try cortado(["job", "pause"] + project).expect(0)
      }
      usleep(1000)
    }
    Issue.record("no run has begun to calibrate")
  }

  @Test func `in the foreground of another terminal are held, watched, left and cancelled`() throws {
    let program = try RunningProgram(long("--label", "held"))
    try hold()
    let job = try #require(try jobs().first)
    #expect(job["run"].string == "0001" && job["state"].string == "paused" && job["label"].string == "held")
    #expect(try cortado(["runs", "list", "--json"] + project).json[0]["state"].string == "paused")
    try cortado(["runs", "delete", "1", "--yes"] + project).expect(3, says: "under way")

    // Leaving does not end it.
    let watcher = try RunningProgram(["job", "attach"] + project)
    usleep(300_000)
    #expect(watcher.isRunning)
    watcher.interrupt()
    try watcher.wait().expect(130, says: "weights ...", "goes on")
    #expect(program.isRunning)
    try cortado(["job", "resume", "1"] + project).expect(0)

    let cancelled = try cortado(["job", "cancel", "--json"] + project)
    cancelled.expect(0)
    let outcome = try program.wait()
    let report = try cancelled.json
    #expect(report["run"].string == "0001" && report["status"].int.map(Int32.init) == outcome.status)
    let record = (try? folder.text("p/runs/0001/scale_offset_record.txt")) ?? ""
    for layer in report["kept"].strings { #expect(record.contains("key: \"\(layer)\"")) }
    if outcome.status == 130 {
      #expect(try cortado(["runs", "list", "--json"] + project).json[0]["state"].string == "cancelled")
      try cortado(["job", "attach", "1"] + project).expect(130, says: "interrupted")
    }
    #expect(!folder.has("p/runs/0001.pid"))
    #expect(try jobs().isEmpty)
    try cortado(["job", "cancel"] + project).expect(3, says: "no run of")
    try cortado(["job", "pause", "1"] + project).expect(3, says: "not under way")
  }

  @Test func `detached are attached to, up to their end and with their result`() throws {
    let started = try cortado(long("--detach", "--json"))
    started.expect(0)
    #expect(try started.json["run"].string == "0001")
    let attached = try cortado(["job", "attach", "1", "--json"] + project)
    attached.expect(0, says: "calibrate ...")
    let result = try attached.json
    #expect(result["run"].string == "0001" && !result["layers"].list.isEmpty)
    // The same again, now that it has ended.
    try cortado(["job", "attach", "1"] + project).expect(0)
  }

  @Test func `that died are told apart from those that go on`() throws {
    let program = try RunningProgram(long())
    try hold()
    let pid = try #require(try jobs().first?["pid"].int)
    kill(pid_t(pid), SIGKILL)
    _ = try program.wait()
    // The note was left behind; nobody believes it.
    #expect(folder.has("p/runs/0001.pid"))
    #expect(try jobs().isEmpty)
    #expect(try cortado(["runs", "list", "--json"] + project).json[0]["state"].string == "died")
    try cortado(["job", "attach", "1"] + project).expect(4, says: "died")
    try cortado(["runs", "delete", "1", "--yes"] + project).expect(0)
    #expect(folder.names("p/runs") == [".last"])
  }
}
