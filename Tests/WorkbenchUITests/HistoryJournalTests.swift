import QuantEngine
import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// `history.jsonl`: what is written while one edits, and what the next session makes of it.
@Suite("History file") struct HistoryJournalTests {
  /// A workbench on the sample, and the file that its record effects make.
  private struct Desk {
    var driver: ScreenDriver<AppModel>
    private(set) var file: String
    private(set) var batches = 0

    init(config: QuantConfig? = nil, file: String = "") throws {
      self.file = file
      driver = ScreenDriver(AppModel(title: "shapes", look: Look()), size: "120x40")
      driver.send(.news(.opened(try Shapes.project(config: config, history: file))))
      take()
    }

    private mutating func take() {
      for request in driver.takeRequests() {
        guard case .effect(.record(let batch)) = request else { continue }
        file = (batch.isNew ? "" : file) + batch.lines.map { $0 + "\n" }.joined()
        batches += 1
      }
    }

    mutating func press(_ keys: String) {
      driver.press(keys)
      take()
    }

    /// What pressing S does when the disk obeys.
    mutating func save() {
      driver.send(.news(.saved(config)))
      take()
    }

    var config: QuantConfig { workspace?.config ?? QuantConfig() }
    var workspace: Workspace? { driver.session.workspace }
  }

  @Test func `a hundred edits are undone after a restart, to the byte`() throws {
    var first = try Desk()
    let start = first.config.text
    // x and b by turns, down the list: layers without settings refuse and make no edit.
    var edits = 0
    while edits < 100 {
      let before = first.workspace?.history.current
      first.press(edits % 2 == 0 ? "x" : "b")
      if first.workspace?.history.current != before { edits += 1 }
      first.press(first.driver.session.cursor == 45 ? "g j" : "j")
    }
    first.save()
    let end = first.config.text
    #expect(start != end && edits == 100)

    var second = try Desk(config: first.config, file: first.file)
    #expect(second.config.text == end)
    second.press(Array(repeating: "u", count: 100).joined(separator: " "))
    #expect(second.config.text == start)
    #expect(second.workspace?.history.canUndo == false)
    // And all of it again, in a third session.
    var third = try Desk(config: first.config, file: second.file)
    #expect(third.config.text == start && third.driver.screen.contains("not saved yet"))
    third.press(Array(repeating: "ctrl-r", count: 100).joined(separator: " "))
    #expect(third.config.text == end)
  }

  @Test func `looking about writes nothing`() throws {
    var desk = try Desk()
    desk.press("j j 8 2 Enter j Esc")
    #expect(desk.batches == 0)
  }

  @Test func `edits that were not saved are there again, as unsaved`() throws {
    var first = try Desk()
    let disk = first.config
    first.press("x")
    let second = try Desk(config: disk, file: first.file)
    #expect(second.config == first.config && second.config != disk)
    #expect(second.driver.screen.contains("unsaved: config.json"))
    #expect(second.driver.screen.contains("edits of the last session are not saved yet"))
  }

  @Test func `edits that were discarded are not, but redo has them`() throws {
    var first = try Desk()
    first.press("b")
    first.save()
    let disk = first.config
    first.press("x b")
    let discarded = first.config
    first.press("q d")
    var second = try Desk(config: disk, file: first.file)
    #expect(second.config == disk && !second.driver.screen.contains("not saved yet"))
    second.press("ctrl-r ctrl-r")
    #expect(second.config == discarded)
  }

  @Test func `branches, their labels and the place in them come back`() throws {
    var first = try Desk()
    first.press("b u x u b b u")
    let before = try #require(first.workspace).history
    let after = try #require(try Desk(config: first.config, file: first.file).workspace).history
    #expect(after.entries.map(\.label) == before.entries.map(\.label))
    #expect(after.entries.map(\.parent) == before.entries.map(\.parent))
    #expect(after.current == before.current && after.redoLabel == before.redoLabel)
    #expect(after.document == before.document)
  }

  @Test func `a config changed by somebody else is one more edit`() throws {
    var first = try Desk()
    first.press("x")
    first.save()
    let own = first.config
    var other = own
    try other.set(ConfigPath(.batchNum), text: "4", graph: try #require(first.workspace).graph)
    var second = try Desk(config: other, file: first.file)
    #expect(second.config == other && !second.driver.screen.contains("unsaved: config.json"))
    #expect(second.workspace?.history.undoLabel == "config.json changed outside")
    second.press("u")
    #expect(second.config == own)
    // The next session does not count it twice.
    let third = try Desk(config: other, file: second.file)
    #expect(third.workspace?.history.entries.count == 2 && third.config == own)
  }

  @Test func `a history of another net is not taken up`() throws {
    var first = try Desk()
    first.press("x")
    // As if conv1 had been in that net under another name.
    let foreign = first.file.split(separator: "conv1\"", omittingEmptySubsequences: false).joined(separator: "stem\"")
    var second = try Desk(file: foreign)
    #expect(second.workspace?.history.entries.isEmpty == true)
    // The first edit begins a new file.
    second.press("b")
    #expect(SavedHistory(second.file)?.history.entries.map(\.label) == ["conv1: num_bits 8 -> 12"])
  }

  @Test func `a file cut anywhere gives what was whole before the cut`() throws {
    var desk = try Desk()
    let disk = desk.config
    desk.press("x")
    let short = desk.file
    desk.press("b")
    let bytes = Array(desk.file.utf8)
    for end in stride(from: short.utf8.count, to: bytes.count, by: 7) {
      let cut = String(decoding: bytes[..<end], as: UTF8.self)
      let read = try #require(SavedHistory(cut))
      #expect(read.history.entries.count == 1, "cut at \(end) of \(bytes.count)")
      #expect(read.isWhole == (end == short.utf8.count))
    }
    // The next session writes it anew at once, so that nothing is appended to half a line.
    let mended = try Desk(config: disk, file: String(decoding: bytes.dropLast(9), as: UTF8.self))
    #expect(mended.batches == 1 && SavedHistory(mended.file)?.isWhole == true)
    #expect(SavedHistory(mended.file)?.history.entries.count == 1)
  }

  @Test(arguments: [
    "", "\n", "{}\n", "not json\n", "{\"format\":99,\"base\":{\"globals\":{},\"layers\":{}}}\n",
    "{\"format\":1,\"base\":{\"globals\":{\"nonsense\":{\"from\":\"hand\",\"flag\":true}},\"layers\":{}}}\n",
  ]) func `what is no history is left alone`(_ text: String) throws {
    #expect(SavedHistory(text) == nil)
    #expect(try Desk(file: text).workspace?.history.entries.isEmpty == true)
  }

  @Test(arguments: [
    "{\"at\":7}", "{\"saved\":2}", "{\"id\":3,\"parent\":0,\"label\":\"l\",\"time\":1,\"change\":{}}",
    "{\"id\":1,\"parent\":1,\"label\":\"l\",\"time\":1,\"change\":{}}", "{}", "[]",
  ]) func `a line that cannot be true ends the reading`(_ line: String) {
    let begin = "{\"format\":1,\"base\":{\"globals\":{},\"layers\":{}}}\n"
    let edit = "{\"id\":1,\"parent\":0,\"label\":\"first\",\"time\":1,\"change\":{}}\n"
    let read = SavedHistory(begin + line + "\n" + edit)
    #expect(read?.history.entries.isEmpty == true && read?.isWhole == false)
  }

  @Test func `values stay as typed and keep where they came from`() throws {
    let graph = try Shapes.project().graph
    var config = try Shapes.project().config
    try config.set(ConfigPath(.searchRange, layer: "conv1"), text: "0.70, 1.30", graph: graph)
    try config.set(ConfigPath(.activationBits, layer: "concat4", input: 1), text: "12", graph: graph)
    try config.set(ConfigPath(.weightAlgorithm, layer: "conv3_dw"), text: "snq_quantize", graph: graph)
    try config.set(ConfigPath(.minDistance, layer: "conv3_dw"), text: "1e-10", graph: graph)
    try config.set(ConfigPath(.updateBN), text: "true", graph: graph)
    try config.set(ConfigPath(.updateIterations), text: "40", graph: graph)
    let line = JSONText.encode(ConfigRecord(config))
    let read = try #require(JSONText.decode(ConfigRecord.self, from: line)?.config)
    #expect(read == config && read.text == config.text)
    #expect(read.setting(ConfigPath(.searchRange, layer: "conv1"))?.provenance == .hand)
    #expect(read.setting(ConfigPath(.maxPercentile, layer: "conv1"))?.provenance == .defaultValue)
  }
}
