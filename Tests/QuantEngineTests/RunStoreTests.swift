import Foundation
import Testing

@testable import QuantEngine

@Suite struct `The runs of a project` {
  private let made: MadeUpProject

  init() throws { made = try MadeUpProject() }

  @Test func `are none in a project without runs`() {
    #expect(made.store.summaries().isEmpty)
    #expect(made.store.underWay().isEmpty)
    let error = #expect(throws: QuantError.self) { try made.store.summary("1") }
    #expect(error?.status == .badInput && error?.description.contains("no runs yet") == true)
  }

  @Test func `are listed the latest first, with what an old run.json tells`() throws {
    let layers = [("conv1", "quantized"), ("bn", "fused"), ("relu", "float")].map {
      MadeUpProject.layer($0.0, "T", $0.1)
    }
    // Under 0.99 are 0.5 and what is not a number; the lowest output is the one there is.
    let comparison = MadeUpProject.comparison(
      [("conv1", "0.5"), ("a", "\"nan\""), ("b", "0.99")], output: "0.75")
    try made.write(
      "runs/0001/run.json",
      MadeUpProject.oldRun(layers.joined(separator: ","), comparison: comparison, label: "old"))
    try made.write("runs/0001/events.jsonl", "{\"kind\":\"warning\",\"time\":100.5,\"text\":\"w\"}\n")
    try made.write("runs/0003/events.jsonl", "{\"kind\":\"finished\",\"time\":7,\"status\":4,\"seconds\":2.5}\n")
    let list = made.store.summaries()
    #expect(list.map(\.run) == ["0003", "0001"])
    let old = list[1]
    #expect(old.state == .done && old.status == 0 && old.label == "old" && old.started == 100.5)
    #expect(old.quantized == 1 && old.float == nil && old.macShare == nil && old.version == nil)
    #expect(old.seconds == 1.75 && old.outputCosine == 0.75 && old.below == 2 && old.images == 8)
    #expect(old.parent == nil && list[0].parent == "0001")
    #expect(list[0].state == .failed && list[0].stateText == "failed 4" && list[0].seconds == 2.5)
  }

  @Test func `show from run.json where the short file is damaged, nothing where both are`() throws {
    try made.write("runs/0001/run.json", MadeUpProject.oldRun())
    try made.write("runs/0001/summary.json", "{\"label\":\"cut o")
    try made.write("runs/0002/run.json", "{\"run\":\"0002\",\"lay")
    try made.write("runs/0002/events.jsonl", "{\"kind\":\"finished\",\"time\":9,\"status\":0}\n")
    let list = made.store.summaries()
    #expect(list[1].state == .done && list[1].quantized == 0)
    #expect(list[0].state == .done && list[0].quantized == nil && list[0].status == 0)
  }

  @Test func `tell how they ended`() throws {
    try made.write("runs/0001/events.jsonl", "{\"kind\":\"finished\",\"time\":9,\"status\":130}\n")
    // Cut off by a crash, no process: it died.
    try made.write(
      "runs/0002/events.jsonl",
      "{\"kind\":\"started\",\"time\":10,\"text\":\"caf\u{e9}\",\"images\":16}\n{\"kind\":\"stage\",\"time\":12.5,\"st")
    try made.write("runs/0003/config.json", "{}")
    let list = made.store.summaries()
    #expect(list.map(\.state) == [.died, .died, .cancelled])
    #expect(list[1].label == "caf\u{e9}" && list[1].started == 10 && list[1].images == 16 && list[1].status == nil)
  }

  @Test func `beginning and end of long events are found`() throws {
    let filler = "{\"kind\":\"progress\",\"time\":2,\"done\":1,\"total\":2}\n"
    try made.write(
      "runs/0001/events.jsonl",
      "{\"kind\":\"started\",\"time\":1,\"text\":\"long\"}\n" + String(repeating: filler, count: 5000)
        + "{\"kind\":\"finished\",\"time\":3,\"status\":3,\"seconds\":2}\n")
    let run = try made.store.summary("1")
    #expect(run.label == "long" && run.state == .failed && run.status == 3 && run.seconds == 2)
  }

  @Test(arguments: ["a \"quoted\"\nname\twith tabs", "\u{6d4b}\u{8bd5} \u{1f680}", "'; rm -rf \\", "</script>&amp;"])
  func `get names of any characters`(_ name: String) throws {
    try made.write("runs/0001/run.json", MadeUpProject.oldRun(label: "before"))
    #expect(try made.store.rename("0001", to: name).label == name)
    #expect(try made.store.summary("1").label == name)
    #expect(made.store.summaries()[0].labelLine.contains { $0.isNewline } == false)
    #expect(try made.store.rename("1", to: "").label == "")
    // The facts stay as they were.
    #expect(made.text("runs/0001/run.json") == MadeUpProject.oldRun(label: "before"))
  }

  @Test func `with a damaged label file have the name they began with`() throws {
    try made.write("runs/0001/run.json", MadeUpProject.oldRun(label: "mine"))
    try made.write("runs/0001/label.json", "{\"label\":")
    #expect(made.store.summaries()[0].label == "mine")
    #expect(try made.store.setPinned("1", true).pinned)
    #expect(try made.store.rename("1", to: "other").pinned)
  }

  @Test func `are deleted whole, unless pinned, and their number stays used`() throws {
    for n in 1...3 { try made.write("runs/000\(n)/deep/er/file", "x") }
    try made.write("runs/0003.log", "said")
    try made.write("runs/0003.pid", "1")
    try made.write("runs/.deleted-0009-left/by/a/crash", "x")
    _ = try made.store.setPinned("2", true)
    let error = #expect(throws: QuantError.self) { try made.store.delete("2") }
    #expect(error?.status == .badInput && error?.description.contains("pinned") == true)
    try made.store.delete("3")
    #expect(made.names("runs") == [".last", "0001", "0002"])
    #expect(throws: QuantError.self) { try made.store.delete("3") }
    #expect(try RunFolder.next(in: made.project).path.hasSuffix("/runs/0004"))
    _ = try made.store.setPinned("2", false)
    try made.store.delete("2")
    #expect(made.names("runs") == [".last", "0001", "0004"])
    #expect(made.project.highestDeleted == 3)
  }

  @Test func `under way are not deleted`() throws {
    try made.write("runs/0001/events.jsonl", "{\"kind\":\"started\",\"time\":1}\n")
    let own = try #require(RunProcess.own)
    own.note(for: made.project.run(1))
    #expect(made.store.summaries()[0].state == .underWay)
    let error = #expect(throws: QuantError.self) { try made.store.delete("1") }
    #expect(error?.description.contains("under way") == true)
    made.project.run(1).forgetProcess()
    #expect(made.store.summaries()[0].state == .died)
  }

  @Test func `two hundred are listed in well under a tenth of a second`() throws {
    // Long run.json files: a list must not read them.
    let layers = (0..<60).map { MadeUpProject.layer("layer\($0)", "Convolution", "quantized") }
    let long = MadeUpProject.oldRun(layers.joined(separator: ","))
    let result = try #require(JSONText.decode(QuantizeResult.self, Data(long.utf8)))
    for n in 1...200 {
      let folder = made.project.run(n)
      try made.write("runs/" + folder.id + "/label.json", "{\"pinned\":true}")
      try folder.keep(result)
    }
    let clock = ContinuousClock()
    var best = Duration.seconds(10)
    for _ in 0..<5 {
      best = min(best, clock.measure { #expect(made.store.summaries().count { $0.quantized == 60 } == 200) })
    }
    #expect(best < .milliseconds(100), "\(best)")
  }
}

@Suite struct `Restoring a config` {
  private let made: MadeUpProject

  init() throws {
    made = try MadeUpProject()
    try made.write("runs/0001/config.json", MadeUpProject.config(bits: 12))
  }

  @Test func `keeps the one before it in the history`() throws {
    try made.write("config.json", MadeUpProject.config(bits: 8))
    let restored = try made.store.restore("1")
    #expect(made.text("config.json") == MadeUpProject.config(bits: 12))
    let kept = try #require(made.names("history").first)
    #expect(made.text("history/" + kept) == MadeUpProject.config(bits: 8))
    #expect(restored.kept == made.path + "/history/" + kept && restored.config == made.path + "/config.json")
    #expect(
      restored.changes == [.init(path: "conv1.activation_quant_params.num_bits", old: "8", new: "12")])
    // Once more: nothing changes, nothing is kept.
    #expect(try made.store.restore("1").kept == nil)
    #expect(made.names("history").count == 1)
  }

  @Test func `twice in a second loses nothing`() throws {
    try made.write("runs/0002/config.json", MadeUpProject.config(bits: 9))
    try made.write("config.json", MadeUpProject.config(bits: 8))
    for id in ["1", "2", "1"] { _ = try made.store.restore(id) }
    #expect(Set(made.names("history").compactMap { made.text("history/" + $0) }).count == 3)
  }

  @Test func `of a run without one, or with a damaged one, changes nothing`() throws {
    try made.write("runs/0002/run.json", MadeUpProject.oldRun())
    try made.write("runs/0003/config.json", "{ \"version\": 1, ")
    try made.write("config.json", "mine")
    for id in ["2", "3"] {
      let error = #expect(throws: QuantError.self) { try made.store.restore(id) }
      #expect(error?.status == .badInput && error?.diagnostics.first?.location?.file.hasSuffix("config.json") == true)
    }
    #expect(made.text("config.json") == "mine" && made.names("history").isEmpty)
  }

  @Test func `makes that run the parent of the next one that takes the project's config`() throws {
    for n in 2...4 { try made.write("runs/000\(n)/config.json", "{}") }
    _ = try made.store.restore("1")
    // Another config: the run before is the parent, and the note waits.
    #expect(RunOrigin(of: made.project.run(3), config: "/elsewhere/config.json").parent == "0002")
    #expect(RunOrigin(of: made.project.run(3), config: nil).parent == "0002")
    #expect(RunOrigin(of: made.project.run(3), config: made.path + "/next-config.json").parent == "0001")
    // It holds once.
    #expect(RunOrigin(of: made.project.run(4), config: made.path + "/config.json").parent == "0003")
    #expect(RunOrigin(of: made.project.run(1), config: nil).parent == nil)
    #expect(RunOrigin(of: RunFolder(path: "/elsewhere/run"), config: nil).parent == nil)
  }
}
