import QuantEngine
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Screen 8: all messages.
@Suite("Log screen") struct LogScreenTests {
  /// A run that found conv1's factors, warned, and failed pool1.
  private func driver(_ size: String = "120x40") throws -> ScreenDriver<AppModel> {
    var driver = try Shapes.driver(size)
    driver.send(.news(.started(run: 1)))
    driver.send(.news(.events(Shapes.events(until: .failed))))
    driver.send(.news(.failed([.warning("disk nearly full", help: ["delete old runs"])])))
    driver.press("8")
    return driver
  }

  private func shown(_ driver: ScreenDriver<AppModel>) -> [String] { driver.model[LogScreen.self].rows.map(\.text) }

  @Test(arguments: ["120x40", "80x24", "60x16"]) func `looks as it should`(size: String) throws {
    var driver = try driver(size)
    driver.press("l l l")
    try driver.expect("app/log-\(size)")
  }

  @Test func `a long message can be read whole in the log`() throws {
    var driver = try Shapes.driver("60x16")
    let end = "the end of it all"
    driver.send(.news(.failed([.error("this is a long story about a file that cannot be written, and \(end)")])))
    driver.press("8")
    #expect(driver.screen.contains(end), "\(driver.screen)")
    // Wrapped, the line itself is whole.
    driver.press("W")
    #expect(driver.screen.contains(end) && !driver.screen.contains("whole message"), "\(driver.screen)")
  }

  @Test func `levels of screen and file are apart`() throws {
    var driver = try driver()
    #expect(!shown(driver).contains { $0.hasPrefix("conv1: found scale") })
    // info -> warning -> error -> debug
    driver.press("l")
    #expect(shown(driver) == ["pool1: not finite: 312 values, first image 044.png", "warning: disk nearly full"])
    driver.press("l")
    #expect(shown(driver) == ["pool1: not finite: 312 values, first image 044.png"])
    driver.press("l")
    #expect(shown(driver).contains { $0.hasPrefix("conv1: found scale 0.0165 clip -1.955 .. 2.25") })
    driver.press("s Enter")
    guard case .effect(.write(let all, let path, _)) = driver.takeWork().last else {
      Issue.record("nothing is written")
      return
    }
    #expect(path == "cortado.log" && all.contains(" DEBUG conv1: found scale"))
    // debug -> info -> warning: the file level alone decides what is written.
    driver.press("L L s Enter")
    guard case .effect(.write(let some, _, _)) = driver.takeWork().last else {
      Issue.record("nothing is written")
      return
    }
    #expect(some.split(separator: "\n").count == 2 && some.contains(" ERROR pool1") && some.contains(" WARNING "))
  }

  @Test func `words filter while they are typed, and Esc shows all again`() throws {
    var driver = try driver()
    let all = shown(driver)
    driver.press("/")
    driver.type("pool1 FINITE")
    #expect(shown(driver) == ["pool1: not finite: 312 values, first image 044.png"])
    driver.press("Enter")
    driver.press("Esc")
    #expect(shown(driver) == all)
    driver.press("Esc")
    #expect(driver.session.screen == ScreenID(LayersScreen.self))
  }

  @Test func `Enter goes to the layer of the line`() throws {
    var driver = try driver()
    driver.press("Enter")
    // The last line is about the disk.
    #expect(driver.session.screen == ScreenID(LogScreen.self) && driver.screen.contains("about no layer"))
    driver.press("/")
    driver.type("pool1")
    driver.press("Enter Enter")
    #expect(driver.session.screen == ScreenID(LayersScreen.self) && driver.session.selectedRow?.name == "pool1")
  }

  @Test func `it stays at the end until the person looks elsewhere`() throws {
    var driver = try driver()
    func say(_ text: String) { driver.send(.news(.failed([.warning(text)]))) }
    say("first")
    #expect(driver.model[LogScreen.self].selected(driver.session)?.text == "warning: first")
    driver.press("k")
    let now = driver.model[LogScreen.self].selected(driver.session)
    say("second")
    #expect(driver.model[LogScreen.self].selected(driver.session) == now)
    driver.press("f")
    #expect(driver.model[LogScreen.self].selected(driver.session)?.text == "warning: second")
  }

  @Test func `old lines go when there are too many`() throws {
    var driver = try Shapes.driver()
    let before = driver.session.log.count
    for number in 0..<(LogLine.limit + 1 - before) { driver.send(.news(.written(path: "\(number)"))) }
    #expect(driver.session.log.count == LogLine.limit + 1 - LogLine.limit / 10)
    driver.press("8")
    #expect(driver.model[LogScreen.self].selected(driver.session)?.text == "wrote \(LogLine.limit - before)")
  }
}
