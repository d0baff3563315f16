import Testing

@testable import QuantEngine
@testable import WorkbenchUI

@Suite("Tune ranking") struct TuneRankingTests {
  private func ranking(
    _ cosines: [(String, String, Double)], local: [String: Double] = [:], wanted: TuneRanking.Metric? = nil
  ) throws -> TuneRanking {
    let project = try Shapes.project()
    var report = try #require(Shapes.run(1, cosines).comparison)
    for index in report.layers.indices { report.layers[index].local = local[report.layers[index].layer] }
    return TuneRanking(
      report, project.rows, map: PrecisionMap(project.graph, project.config), threshold: 0.99, wanted: wanted)
  }

  @Test func `without local errors the own step ranks, losses behind good inputs first`() throws {
    let found = try ranking(Shapes.defaults)
    #expect(found.metric == .own && found.available == [.own, .chain])
    // Behind inputs of at least .99: conv3_dw .9995 - .93 = .0695, res2 .99998 - .9997 = .00028,
    // conv3_expand .0002, conv1 .00002. Then, inherited: prob .937 - .846 = .091, conv5 .942 - .87 = .072
    // (concat4 was not compared, conv4_a is the next before it), conv4_a -.003, conv3_project -.009,
    // fc6 .87 - .937 = -.067.
    #expect(
      found.candidates.map(\.name) == [
        "conv3_dw", "res2", "conv3_expand", "conv1", "prob", "conv5", "conv4_a", "conv3_project", "fc6",
      ])
    #expect(abs(found.candidates[0].ownStep - 0.0695) < 1e-9 && abs(found.candidates[5].ownStep - 0.072) < 1e-9)
    #expect(found.candidates.filter { found.isUnder($0, 0.99) }.map(\.name) == ["conv3_dw"])
  }

  @Test func `local errors rank where the run has them; what was not measured comes last`() throws {
    let found = try ranking(Shapes.defaults, local: ["conv1": 0.9999, "conv3_dw": 0.93, "conv5": 0.998])
    #expect(found.metric == .local)
    #expect(found.candidates.prefix(3).map(\.name) == ["conv3_dw", "conv5", "conv1"])
    #expect(found.candidates.filter { found.isUnder($0, 0.99) }.map(\.name) == ["conv3_dw"])
  }

  @Test func `chain ranks when it is asked for, not a number first`() throws {
    var cosines = Shapes.defaults
    cosines[7].2 = .nan
    let found = try ranking(cosines, wanted: .chain)
    #expect(found.candidates.prefix(3).map(\.name) == ["fc6", "prob", "conv5"])
    #expect(found.isUnder(found.candidates[0], 0.99))
  }

  @Test func `float layers of the run are no candidates; ends of the net are named`() throws {
    var run = try #require(Shapes.run(1, Shapes.defaults).comparison)
    run.layers[3].state = "float"
    let project = try Shapes.project()
    let found = TuneRanking(
      run, project.rows, map: PrecisionMap(project.graph, project.config), threshold: 0.99, wanted: nil)
    #expect(!found.candidates.contains { $0.name == "conv3_dw" })
    #expect(found.candidates.first { $0.name == "conv1" }?.hint == "first")
    #expect(found.candidates.first { $0.name == "fc6" }?.hint == "last")
  }
}
