import QuantEngine
import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// The command palette: actions by a few letters, and commands with words.
@Suite("Palette sheet") struct PaletteSheetTests {
  private func driver(
    _ size: String = "120x40", runs: [FinishedRun] = [], around: Surroundings = Surroundings()
  ) throws -> ScreenDriver<AppModel> {
    var driver = ScreenDriver(AppModel(title: "shapes", look: Look(), around: around), size: size)
    driver.send(.news(.opened(try Shapes.project(runs: runs))))
    _ = driver.takeRequests()
    return driver
  }

  private func palette(_ driver: ScreenDriver<AppModel>) -> PaletteSheet? {
    driver.session.sheets.last as? PaletteSheet
  }

  private func names(_ driver: ScreenDriver<AppModel>) -> [String] { palette(driver)?.entries.map(\.name) ?? [] }

  /// Types a line into the palette and presses Enter.
  private func give(_ line: String, _ driver: inout ScreenDriver<AppModel>) {
    driver.press(":")
    driver.type(line)
    driver.press("Enter")
  }

  private func bits(_ layer: String, _ driver: ScreenDriver<AppModel>) -> Int? {
    guard let workspace = driver.session.workspace else { return nil }
    return workspace.config.value(ConfigPath(.activationBits, layer: layer), workspace.graph)?.int
  }

  @Test(arguments: ["120x40", "80x24", "60x16"]) func `looks as it should`(size: String) throws {
    var driver = try driver(size)
    driver.press(":")
    try driver.expect("app/palette-\(size)")
  }

  @Test func `what is found looks as it should`() throws {
    var driver = try driver("80x24")
    driver.press(":")
    driver.type("un")
    try driver.expect("app/palette-found-80x24")
  }

  @Test func `every action of the screen and the shared ones can be found, with keys`() throws {
    func check<S: Screen>(_ screen: S.Type) throws {
      var driver = try self.driver()
      driver.press("\(S.tab.key) F8")
      let found = try #require(palette(driver)).entries
      for bound in S.bindings + S.everywhere where bound.action.rawValue != "palette" {
        let entry = found.first { $0.name == bound.action.rawValue }
        #expect(entry != nil, "\(S.self): \(bound.action.rawValue)")
        if let first = bound.keys.first, entry?.help == bound.help {
          #expect(entry?.keys.contains(first.name) == true, "\(S.self): \(bound.action.rawValue)")
        }
      }
    }
    for type in ScreenCatalog.all { try check(type) }
  }

  @Test func `an action is done by a few letters of its name`() throws {
    var driver = try driver()
    driver.press("x")
    give("und", &driver)
    #expect(driver.session.workspace?.history.undoLabel == nil && driver.session.sheets.isEmpty)
  }

  @Test func `an action that is off says why`() throws {
    var driver = try driver()
    driver.press(":")
    driver.type("write")
    #expect(driver.screen.contains("now off: no run yet: r starts one"))
    driver.press("Enter")
    #expect(driver.screen.contains("?  no run yet: r starts one") && driver.session.prompt == nil)
  }

  @Test func `what was used last comes first`() throws {
    var driver = try driver()
    give("log", &driver)
    driver.press("2")
    give("bits conv1 12", &driver)
    driver.press(":")
    #expect(names(driver).prefix(2) == ["bits conv1 12", "log"])
    driver.press("down Enter")
    #expect(driver.session.screen == ScreenID(LogScreen.self) && bits("conv1", driver) == 12)
  }

  @Test func `settings of the net and of layers are set as on the command line`() throws {
    var driver = try driver()
    give("set batch_num 4", &driver)
    #expect(driver.session.workspace?.config.batchNum == 4)
    give("config set conv1 activation.num_bits=12", &driver)
    #expect(bits("conv1", driver) == 12 && bits("conv5", driver) == 8)
    driver.press("u u")
    #expect(driver.session.workspace?.config.batchNum == 1 && bits("conv1", driver) == 8)
  }

  @Test func `a filter changes all its layers as one step of undo`() throws {
    var driver = try driver()
    let before = try #require(driver.session.workspace).config
    give("bits type:InnerProduct 12", &driver)
    #expect(bits("fc6", driver) == 12 && bits("conv1", driver) == 8)
    give("float type:Conv", &driver)
    let off = try #require(driver.session.workspace)
    for row in off.rows where row.type == "Convolution" { #expect(!off.config.isEnabled(row.name)) }
    #expect(off.config.isEnabled("fc6"))
    driver.press("u u")
    #expect(driver.session.workspace?.config == before)
  }

  @Test func `what is refused stays in the line with its reason`() throws {
    var driver = try driver()
    give("bits conv1 99", &driver)
    let sheet = try #require(palette(driver))
    #expect(sheet.field.text == "bits conv1 99" && sheet.problem?.contains("16") == true)
    #expect(driver.session.workspace?.history.undoLabel == nil)
    driver.press("ctrl-u")
    driver.type("float name:cnv1")
    driver.press("Enter")
    #expect(palette(driver)?.problem?.contains("no layer") == true)
  }

  @Test func `an unknown word gets the nearest`() throws {
    var driver = try driver()
    give("flaot conv1", &driver)
    #expect(driver.screen.contains("there is no command 'flaot conv1': did you mean 'float'?"))
  }

  @Test func `Tab completes names and then their words`() throws {
    var driver = try driver()
    driver.press(":")
    driver.type("thre")
    driver.press("Tab")
    #expect(palette(driver)?.field.text == "threshold ")
    driver.press("ctrl-u")
    driver.type("float conv3_d")
    driver.press("Tab")
    #expect(palette(driver)?.field.text == "float conv3_dw ")
    driver.press("Enter")
    #expect(driver.session.workspace?.config.isEnabled("conv3_dw") == false)
  }

  @Test func `filter, layer and threshold move what is shown`() throws {
    var driver = try driver()
    give("filter type:Convolution", &driver)
    #expect(driver.model[LayersScreen.self].filter.source == "type:Convolution")
    give("layer conv3_dw", &driver)
    #expect(driver.session.selectedRow?.name == "conv3_dw" && driver.model[LayersScreen.self].filter.isEmpty)
    give("threshold .98", &driver)
    #expect(driver.session.threshold == 0.98)
    give("mark type:InnerProduct", &driver)
    #expect(driver.session.marks == ["fc6"])
  }

  @Test func `a theme is tried while it is chosen and left as it was by Esc`() throws {
    var around = Surroundings()
    around.themes = try BuiltInThemes.library()
    (around.theme, around.defaultTheme) = ("cvd-dark", "cvd-dark")
    var driver = try driver(around: around)
    func themes() -> [String] {
      driver.takeRequests().compactMap { if case .theme(let theme) = $0 { theme.name } else { nil } }
    }
    driver.press(":")
    driver.type("theme mono")
    #expect(themes() == ["mono"])
    driver.press("Esc")
    #expect(themes() == ["cvd-dark"] && driver.session.theme == "cvd-dark")
    give("theme light", &driver)
    #expect(themes().last == "light" && driver.session.theme == "light" && driver.session.memory.theme == "light")
    #expect(driver.screen.contains("theme light"))
    give("theme default", &driver)
    #expect(themes().last == "cvd-dark" && driver.session.memory.theme == nil)
  }

  @Test func `mouse and runs ask for what they need`() throws {
    var driver = try driver(runs: [Shapes.run(3, Shapes.defaults)])
    give("mouse on", &driver)
    #expect(driver.takeWork() == [.mouse(true)] && driver.session.memory.mouse == true)
    give("runs restore 11", &driver)
    #expect(driver.takeWork() == [.effect(.readConfig(run: 11))])
    give("save out/net", &driver)
    #expect(driver.takeWork() == [.effect(.export(run: 3, prefix: "out/net", overwriting: false))])
    let workspace = try #require(driver.session.workspace)
    var other = workspace.config
    try other.set(ConfigPath(.quantEnable, layer: "conv1"), text: "false", graph: workspace.graph)
    driver.send(.news(.runConfig(run: 11, other)))
    #expect(driver.session.workspace?.config == other)
    #expect(driver.session.workspace?.history.undoLabel == "config of run 11 restored")
  }

  @Test func `commands wait for the model`() throws {
    var driver = ScreenDriver(AppModel(title: "shapes", look: Look()))
    give("set batch_num 4", &driver)
    #expect(driver.screen.contains("the model is not open yet"))
  }

  @Test(arguments: [
    ("a 'b c' d", ["a", "b c"], "d"), ("a ", ["a"], ""), ("", [], ""), ("name:\"x y", ["name:\"x"], "y"),
    ("'a b", [], "a b"),
  ]) func `words hold together in quotes`(text: String, complete: [String], last: String) {
    let words = PaletteWords(text)
    #expect(words.complete == complete && words.last == last)
  }
}
