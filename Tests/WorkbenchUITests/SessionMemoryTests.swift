import QuantEngine
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// What outlives a session.
@Suite("Session memory") struct SessionMemoryTests {
  private func driver(_ around: Surroundings) throws -> ScreenDriver<AppModel> {
    var driver = ScreenDriver(AppModel(title: "shapes", look: Look(), epoch: 1_000_000, around: around), size: "120x40")
    driver.send(.news(.opened(try Shapes.project(runs: [Shapes.run(1, Shapes.defaults)]))))
    return driver
  }

  /// What the model asks to keep when it quits.
  private func remembered(_ driver: inout ScreenDriver<AppModel>) -> RecentProject? {
    driver.takeRequests().compactMap { request -> RecentProject? in
      if case .effect(.remember(_, let project)) = request { project } else { nil }
    }.last
  }

  @Test func `screen, layer, order, filter and marks come back, sheets do not`() throws {
    var around = HomeScreenTests.around()
    var first = try driver(around)
    first.press("2 /")
    first.type("type:Conv")
    first.press("Enter :")
    first.type("mark fc6")
    first.press("Enter 5 o J q")
    let project = try #require(remembered(&first))
    #expect(project.view?.screen == "compare" && project.view?.marks == ["fc6"])
    #expect(project.note == "run 1, chain out 0.84600, 6 under 0.99")
    // Over the disk and back.
    let text = JSONText.encode(project)
    around.project = JSONText.decode(RecentProject.self, from: text)
    #expect(around.project == project)
    let second = try driver(around)
    #expect(second.session.screen == ScreenID(CompareScreen.self) && second.session.sheets.isEmpty)
    #expect(second.model[CompareScreen.self].order == .worst)
    #expect(second.model[LayersScreen.self].filter.source == "type:Conv")
    #expect(second.session.marks == ["fc6"] && second.session.cursor == first.session.cursor)
  }

  @Test func `what is not there any more is left out`() throws {
    var around = HomeScreenTests.around()
    var view = SavedView(screen: "fly")
    (view.layer, view.marks, view.threshold) = ("gone", ["gone", "fc6"], 7)
    view.screens = ["layers": ["filter": "bits>"], "compare": ["order": "sideways"]]
    around.project?.view = view
    let driver = try driver(around)
    #expect(driver.session.screen == ScreenID(HomeScreen.self) && driver.session.marks == ["fc6"])
    #expect(driver.session.selectedRow?.name == "conv1" && driver.session.threshold == 0.99)
    #expect(driver.model[LayersScreen.self].filter.isEmpty)
  }

  @Test func `the end of the process is time to remember too`() throws {
    var driver = try driver(HomeScreenTests.around())
    _ = driver.takeRequests()
    driver.send(.terminate(.hangup))
    #expect(remembered(&driver)?.model == "/nets/shapes.prototxt")
  }

  @Test func `a state file that is older, newer or broken loses only what is not understood`() throws {
    let text = """
      {"mouse": true, "palette": ["log"], "projects": [{"model": 7}], "theme": {"name": "x"}, "new": [1]}
      """
    let state = try #require(JSONText.decode(WorkbenchState.self, from: text))
    #expect(state.mouse == true && state.palette == ["log"] && state.projects.isEmpty && state.theme == nil)
  }

  @Test func `lists do not grow for ever`() {
    var state = WorkbenchState()
    for number in 0..<100 {
      state.note(line: "set batch_num \(number)")
      state.note(RecentProject(model: "/\(number)", words: [], folder: "/"))
    }
    state.note(line: "set batch_num 80")
    #expect(state.palette.count == 30 && state.palette.prefix(2) == ["set batch_num 80", "set batch_num 99"])
    #expect(state.projects.count == 20 && state.projects[0].model == "/99")
  }
}
