import Diagnostics
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// The config file of the workbench.
@Suite("Settings") struct SettingsTests {
  private func read(_ text: String) -> (settings: Settings, problems: [String]) {
    let (settings, problems) = Settings.read(text, file: "config")
    return (settings, problems.map { $0.lines[0] })
  }

  @Test func `values are read, comments and empty lines are not`() {
    let (settings, problems) = read(
      "# mine\ntheme = light\r\nglyphs=ascii\n\n mouse = on\nlang = zh_CN\npace = 20\nbell = off\n")
    #expect(problems.isEmpty)
    #expect(settings.theme == "light" && settings.glyphs == .ascii && settings.mouse == true)
    #expect(settings.lang == .chinese && settings.pace == 20 && settings.bell == nil)
    #expect(Settings().bell == 30)
  }

  @Test(arguments: [
    ("glyps = box", "config:1:1: error: unknown key 'glyps'"),
    ("theme = a\npace = fast", "config:2:8: error: pace is a number of frames a second, 1 to 60, not 'fast'"),
    ("  mouse = maybe", "config:1:11: error: mouse is on or off, not 'maybe'"),
    ("just words", "config:1:1: error: a line is 'key = value'"),
    ("bell = 1\nbell = 2", "config:2:1: error: 'bell' stands twice"),
    ("key.fly = F", "config:1:1: error: unknown action 'fly'"),
    ("key.undo = ctrl-", "config:1:12: error: unknown key 'ctrl-'"),
    ("key.undo = F9\nkey.redo = z F9", "config:2:14: error: key 'F9' is given to 'redo' and to 'undo'"),
  ]) func `a mistake has its place`(text: String, problem: String) {
    #expect(read(text).problems == [problem])
  }

  @Test func `what is right beside a mistake holds`() {
    let (settings, problems) = read("pace = 0\ntheme = mono\nkey.fly = F\nkey.undo = z\n")
    #expect(problems.count == 2 && settings.theme == "mono" && settings.keys.keys == ["undo": [.character("z")]])
  }

  @Test func `screens that never meet can share a key`() {
    // The log's level and the comparison's order are on different screens.
    #expect(read("key.level = F9\nkey.order = F9").problems.isEmpty)
  }

  private func driver(_ text: String) throws -> ScreenDriver<AppModel> {
    var around = Surroundings()
    (around.settings, around.problems) = Settings.read(text, file: "config")
    var driver = ScreenDriver(AppModel(title: "shapes", look: Look(), around: around), size: "120x40")
    driver.send(.news(.opened(try Shapes.project())))
    _ = driver.takeRequests()
    return driver
  }

  @Test func `mistakes are in the log and stop nothing`() throws {
    var driver = try driver("theem = x\n")
    driver.press("8")
    #expect(driver.screen.contains("config:1:1: error: unknown key 'theem'"))
    #expect(driver.screen.contains("did you mean 'theme'?"))
  }

  @Test func `a key given to an action does that and no longer what it did`() throws {
    // j moved down, and undo was on u.
    var driver = try driver("key.undo = j\n")
    driver.press("x")
    #expect(driver.session.workspace?.history.undoLabel != nil)
    driver.press("u")
    #expect(driver.session.workspace?.history.undoLabel != nil)
    driver.press("j")
    #expect(driver.session.workspace?.history.undoLabel == nil)
    driver.press("?")
    driver.type("take back")
    #expect(driver.screen.contains("j              undo"))
  }

  @Test func `an action without a key is still in the palette`() throws {
    var driver = try driver("key.toggle = none\n")
    driver.press("x")
    #expect(driver.session.workspace?.history.undoLabel == nil)
    driver.press(":")
    driver.type("toggle")
    driver.press("Enter")
    #expect(driver.session.workspace?.history.undoLabel != nil)
  }

  @Test(arguments: [
    (["LC_ALL": "zh_CN.UTF-8", "LANG": "en_US"], Language.chinese), (["LANG": "zh_CN.UTF-8"], .chinese),
    (["LC_ALL": "", "LANG": "zh_TW"], .chinese), (["LC_ALL": "C", "LANG": "zh_CN"], .english), ([:], .english),
  ]) func `the language comes from the environment`(environment: [String: String], language: Language) {
    #expect(Language(environment: environment) == language)
  }
}
