import Foundation
import Quantization
import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// Screen 7: the list of runs, two picks, what is done to a run.
@Suite("Runs screen") struct RunsScreenTests {
  /// Runs 1 to 5 in a folder: a pinned one, a failed one, one that died.
  static func summary(_ number: Int, _ change: (inout RunSummary) -> Void = { _ in }) -> RunSummary {
    var run = RunSummary(
      RunFolder(path: "/nonexistent/runs/000\(number)"), before: number > 1 ? "000\(number - 1)" : nil)
    run.state = .done
    (run.quantized, run.float, run.macShare) = (53, 23, 0.941)
    (run.outputCosine, run.below, run.seconds) = (0.9861, 14, 190)
    change(&run)
    return run
  }

  static let runs: [RunSummary] = [
    summary(5) { ($0.label, $0.outputCosine, $0.below, $0.seconds) = ("bits 12 on conv3_dw", 0.99744, 0, 52) },
    summary(4) { ($0.state, $0.outputCosine, $0.below, $0.quantized, $0.macShare) = (.died, nil, nil, nil, nil) },
    summary(3) {
      ($0.state, $0.status, $0.outputCosine, $0.below, $0.quantized, $0.macShare) = (.failed, 4, nil, nil, nil, nil)
    },
    summary(2) { ($0.label, $0.pinned) = ("4 batches", true) },
    summary(1) {
      ($0.label, $0.parent, $0.seconds) = ("defaults", nil, 104)
      $0.evaluation = .init(float: 0.72, fakeQuant: 0.709)
    },
  ]

  /// A difference read from two folders on the disk.
  private func diff() throws -> RunDiff {
    let made = MadeUpRuns()
    try made.write("0001", bits: 8, [("conv1", 0.99947), ("conv3_dw", 0.93), ("fc6", 0.937)], output: 0.846)
    try made.write("0005", bits: 12, [("conv1", 0.99947), ("conv3_dw", 0.9991), ("fc6", 0.93)], output: 0.9996)
    return RunDiff(made.folder("0001"), made.folder("0005"))
  }

  static func driver(_ size: String = "120x40") throws -> ScreenDriver<AppModel> {
    var driver = try Shapes.driver(size)
    driver.press("7")
    driver.send(.news(.runs(runs, done: nil)))
    return driver
  }

  @Test(arguments: ["120x40", "80x24", "60x16"]) func `two picks are compared`(_ size: String) throws {
    var driver = try Self.driver(size)
    driver.press("a G b")
    #expect(driver.takeRequests().contains(.effect(.compareRuns(1, 5))))
    driver.send(.news(.runsCompared(1, 5, try diff())))
    try driver.expect("app/runs-\(size)")
  }

  @Test func `all of a difference is one key away`() throws {
    var driver = try Self.driver("80x24")
    driver.press("a G b")
    driver.send(.news(.runsCompared(1, 5, try diff())))
    driver.press("d")
    try driver.expect("app/runs-diff-80x24")
    driver.press("Esc")
    #expect(driver.screen.contains("Runs: 5"))
    driver.press("Esc")
    #expect(driver.model[RunsScreen.self].a == nil)
    driver.press("Esc")
    #expect(driver.session.screen == ScreenID(LayersScreen.self))
  }

  @Test func `without picks a run is compared with the one it started from`() throws {
    var driver = try Self.driver()
    #expect(driver.takeRequests().contains(.effect(.compareRuns(4, 5))))
    driver.press("j j")
    #expect(driver.takeRequests() == [.effect(.compareRuns(3, 4)), .effect(.compareRuns(2, 3))])
    // An answer that is late is not shown.
    driver.send(.news(.runsCompared(1, 5, try diff())))
    #expect(driver.model[RunsScreen.self].shownDiff == nil)
    driver.press("G")
    #expect(driver.screen.contains("nothing to compare with"))
  }

  @Test func `restoring a run's config is one undoable edit, and the next run notes where it comes from`() throws {
    var driver = try Self.driver()
    let before = try #require(driver.session.workspace).config
    let graph = try #require(driver.session.workspace).graph
    var old = before
    try old.set(ConfigPath(.activationBits, layer: "conv3_dw"), text: "12", graph: graph)
    driver.press("j j j")
    _ = driver.takeWork()
    driver.press("R")
    #expect(driver.takeWork() == [.effect(.readConfig(run: 2))])
    driver.send(.news(.runConfig(run: 2, old)))
    #expect(driver.session.workspace?.config == old)
    #expect(driver.session.workspace?.history.undoLabel == "config of run 2 restored")
    driver.press("r Enter")
    #expect(driver.takeWork() == [.effect(.noteOrigin(run: 2)), .effect(.start(old))])
  }

  @Test func `an undone restore leaves no note`() throws {
    var driver = try Self.driver()
    let before = try #require(driver.session.workspace).config
    let graph = try #require(driver.session.workspace).graph
    var old = before
    try old.set(ConfigPath(.activationBits, layer: "conv3_dw"), text: "12", graph: graph)
    driver.send(.news(.runConfig(run: 2, old)))
    driver.press("u r Enter")
    #expect(driver.takeWork() == [.effect(.start(before))])
  }

  @Test func `a config of another net is refused`() throws {
    var driver = try Self.driver()
    let before = try #require(driver.session.workspace).config
    var other = before
    other.layers["no_such_layer"] = LayerConfig()
    driver.send(.news(.runConfig(run: 2, other)))
    #expect(driver.session.workspace?.config == before)
    #expect(driver.screen.contains("it has a layer 'no_such_layer'"))
  }

  @Test func `a run is named and reported by a typed line`() throws {
    var driver = try Self.driver()
    _ = driver.takeWork()
    driver.press("N ctrl-u")
    driver.type("good")
    driver.press("Enter")
    #expect(driver.takeWork() == [.effect(.changeRun(5, .rename("good")))])
    driver.press("E ctrl-u")
    driver.type("r.txt")
    driver.press("Enter")
    #expect(driver.screen.contains("must end in .html, .md or .csv"))
    driver.press("ctrl-u")
    driver.type("out/r.MD")
    driver.press("Enter")
    #expect(driver.takeWork() == [.effect(.report(run: 5, path: "out/r.MD", overwriting: false))])
  }

  @Test func `the copied command names runs and project`() throws {
    var driver = try Self.driver()
    _ = driver.takeWork()
    driver.press("y")
    #expect(driver.takeWork() == [.copy("cortado runs show 5 --project .cortado")])
    driver.press("a G b y")
    #expect(driver.takeWork() == [.copy("cortado runs diff 1 5 --project .cortado")])
  }

  @Test func `the cursor stays on its run when the list grows, at the head it stays with the newest`() throws {
    var driver = try Self.driver()
    driver.press("j")
    let more = [Self.summary(6) { $0.state = .underWay }] + Self.runs
    driver.send(.news(.runs(more, done: nil)))
    #expect(driver.model[RunsScreen.self].selected?.number == 4)
    driver.press("g")
    driver.send(.news(.runs([Self.summary(7)] + more, done: nil)))
    #expect(driver.model[RunsScreen.self].selected?.number == 7)
  }

  @Test func `it is read anew when a run begins or ends`() throws {
    var driver = try Self.driver()
    for news in [AppNews.started(run: 6), .ended(Shapes.run(6, Shapes.defaults), status: 0, output: "")] {
      _ = driver.takeRequests()
      driver.send(.news(news))
      #expect(driver.takeRequests().contains(.effect(.listRuns)))
    }
  }
}

/// Run folders with a config and a comparison, removed with this object.
final class MadeUpRuns {
  private let path = NSTemporaryDirectory() + "cortado-runs-" + UUID().uuidString + "/runs"

  deinit { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }

  func folder(_ id: String) -> RunFolder { RunFolder(path: path + "/" + id) }

  func write(_ id: String, bits: Int, _ cosines: [(String, Double)], output: Double) throws {
    func numbers(_ cosine: Double) -> String {
      "\"cosine\":\(cosine),\"cosineMin\":\(cosine),\"sqnr_db\":20,\"mse\":0.01,\"max_abs\":0.5,\"slope\":1"
    }
    let layers = cosines.map {
      "{\"layer\":\"\($0.0)\",\"type\":\"Convolution\",\"state\":\"quantized\",\(numbers($0.1))}"
    }
    let run = """
      {"run":"x","work":"w","files":[],"seconds":{"parse":0.5},"peakBytes":1024,"images":8,"evaluation":null,\
      "layers":[],"comparison":{"images":8,"metric":"chain","layers":[\(layers.joined(separator: ","))],\
      "outputs":[{"blob":"prob",\(numbers(output))}]}}
      """
    let config = """
      {"version": 1, "batch_num": 1,
       "conv3_dw": {"quant_enable": true, "activation_quant_params": {"num_bits": \(bits)}}}
      """
    try FileManager.default.createDirectory(atPath: folder(id).path, withIntermediateDirectories: true)
    try Data(run.utf8).write(to: URL(fileURLWithPath: folder(id).summary))
    try Data(config.utf8).write(to: URL(fileURLWithPath: folder(id).config))
  }
}
