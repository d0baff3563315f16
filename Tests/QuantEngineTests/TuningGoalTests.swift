import Diagnostics
import Foundation
import Testing

@testable import QuantEngine

@Suite("Tuning goal") struct TuningGoalTests {
  @Test(arguments: ["0.99", "0.995 layers 6", "0.9 mac 10%", "0.99 layers 0 mac 2.5%"])
  func `a goal is read as it is printed`(_ text: String) throws {
    #expect(try TuningGoal(parsing: text).text == text)
  }

  @Test func `limits may come in any order, per cent without its sign`() throws {
    let goal = try TuningGoal(parsing: " .98  mac 12.5 layers 3 ")
    #expect(goal.outputCosine == 0.98 && goal.maxLayers == 3 && goal.maxMacShare == 0.125)
  }

  @Test(arguments: [
    ("", "the output's cosine comes first: above 0, below 1"),
    ("1", "the output's cosine comes first: above 0, below 1"),
    ("0.99 layers", "a number must follow 'layers'"), ("0.99 layers -1", "layers: a whole number, 0 or more"),
    ("0.99 mac 101%", "mac: per cent, from 0 to 100"), ("0.99 mac nan", "mac: per cent, from 0 to 100"),
    ("0.99 min 20", "no limit is called 'min': layers N, mac N%"),
  ]) func `what is wrong is said`(_ text: String, _ reason: String) {
    let error = #expect(throws: DiagnosticError.self) { try TuningGoal(parsing: text) }
    #expect(error?.diagnostics.first?.text == reason)
  }

  @Test func `a goal is met when output and limits are`() throws {
    let goal = try TuningGoal(parsing: "0.99 layers 1 mac 25%")
    var footprint = PrecisionFootprint(totalMacs: 400)
    (footprint.int8Macs, footprint.outOfInt8) = (300, 1)
    #expect(goal.judge(output: 0.99, footprint).isMet)
    #expect(!goal.judge(output: 0.9899, footprint).isMet && !goal.judge(output: .nan, footprint).isMet)
    footprint.outOfInt8 = 2
    #expect(goal.judge(output: 1, footprint).hasTooManyLayers)
    (footprint.int8Macs, footprint.outOfInt8) = (299, 1)
    #expect(goal.judge(output: 1, footprint).leavesTooManyMacs)
  }

  @Test func `a goal is kept with the project; a damaged one counts as not said`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("goal-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let project = ProjectFolder(path: folder + "/.cortado")
    #expect(TuningGoal(of: project) == TuningGoal())
    let goal = try TuningGoal(parsing: "0.95 layers 4")
    try goal.write(to: project)
    #expect(TuningGoal(of: project) == goal)
    for text in ["{", #"{"output_cosine": 2}"#, #"{"output_cosine": 0.9, "max_layers": -1}"#] {
      try text.write(toFile: TuningGoal.path(in: project), atomically: true, encoding: .utf8)
      #expect(TuningGoal(of: project) == TuningGoal(), "\(text)")
    }
  }
}
