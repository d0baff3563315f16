import Diagnostics
import LayerGraph
import QuantEngine
import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// The workbench by keys: what each screen shows, at the sizes it must work at.
@Suite("Screens of the workbench") struct AppScreenTests {
  @Test(arguments: ["120x40", "80x24", "60x16", "59x15"]) func `layers at each size`(_ size: String) throws {
    try Shapes.driver(size, runs: [Shapes.run(1, Shapes.defaults)]).expect("app/layers-\(size)")
  }

  @Test func `layers with box lines`() throws { try Shapes.driver(glyphs: .box).expect("app/layers-box") }

  @Test func `before the model is read the screen says so and asks for it`() throws {
    let driver = ScreenDriver(AppModel(title: "shapes", look: Look()))
    #expect(driver.requests == [.effect(.open)])
    #expect(driver.screen.contains("reading shapes"))
  }

  @Test func `a model that cannot be read is explained`() throws {
    var driver = ScreenDriver(AppModel(title: "shapes", look: Look()))
    let place = SourceLocation(file: "shapes.prototxt", line: 3, column: 7)
    driver.send(.news(.refused([.error("unknown field 'nmae'", at: place, help: ["did you mean 'name'?"])])))
    #expect(driver.screen.contains("shapes.prototxt:3:7: error: unknown field 'nmae'"))
    #expect(driver.screen.contains("did you mean 'name'?"))
    driver.press("q")
    #expect(driver.takeRequests().last == .quit(status: 0))
  }

  @Test(arguments: ["120x40", "80x24"]) func `a field is edited in place`(_ size: String) throws {
    var driver = try Shapes.driver(size)
    driver.press("Enter j Enter backspace 7")
    try driver.expect("app/edit-\(size)")
    driver.press("Enter")
    #expect(driver.screen.contains("must be in range [8, 16]"), "\(driver.screen)")
    driver.press("backspace 1 2 Enter")
    #expect(driver.screen.contains("conv1 num_bits: 8 -> 12 (u undoes)"))
    #expect(driver.model.workspace?.config.value(ConfigPath(.activationBits, layer: "conv1"), try graph(driver))?.text == "12")
    driver.press("u")
    #expect(driver.model.workspace?.config.value(ConfigPath(.activationBits, layer: "conv1"), try graph(driver))?.text == "8")
  }

  private func graph(_ driver: ScreenDriver<AppModel>) throws -> Graph { try #require(driver.model.workspace).graph }

  @Test(arguments: ["120x40", "80x24"]) func `a run is watched live`(_ size: String) throws {
    var driver = try Shapes.driver(size)
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.send(.news(.events(Shapes.events(until: .searching))))
    driver.advance(by: .seconds(41))
    try driver.expect("app/run-\(size)")
  }

  @Test func `the start sheet compares images with what the config asks for`() throws {
    var driver = try Shapes.driver("80x24")
    driver.press("r")
    try driver.expect("app/start-80x24")
    // 64 images at 8 a batch: 8 batches are all, 9 are too many.
    driver.press("+ + + + + + + +")
    #expect(driver.screen.contains("72 of 64 found"))
    #expect(!driver.screen.contains("Enter start"))
    driver.press("Enter")
    #expect(driver.takeRequests().isEmpty)
    driver.press("r - Enter")
    let wanted = try #require(driver.model.workspace).config
    #expect(wanted.batchNum == 8)
    #expect(driver.takeRequests() == [.effect(.start(wanted))])
  }

  @Test(arguments: ["120x40", "80x24", "60x16"]) func `compare shows bars and what changed`(_ size: String) throws {
    let runs = [Shapes.run(2, Shapes.repaired), Shapes.run(1, Shapes.defaults)]
    var driver = try Shapes.driver(size, runs: runs)
    driver.press("5")
    try driver.expect("app/compare-\(size)")
  }

  @Test func `empty screens say what will be there and which key fills them`() throws {
    var driver = try Shapes.driver("80x24")
    driver.press("5")
    #expect(driver.screen.contains("No run yet") && driver.screen.contains("r starts one"))
    driver.press("4")
    #expect(driver.screen.contains("No run yet") && driver.screen.contains("r starts one"))
  }

  @Test func `help lists the keys of the screen from the key table`() throws {
    var driver = try Shapes.driver("80x24")
    driver.press("5 ?")
    try driver.expect("app/help-80x24")
    driver.type("undo")
    #expect(driver.screen.contains("take back the last edit"))
    #expect(driver.screen.contains("(now off:"))
    driver.press("Esc Esc")
    #expect(!driver.screen.contains("Help:"))
  }

  @Test func `too small a terminal can still be left`() throws {
    var driver = try Shapes.driver("59x15")
    driver.press("q")
    #expect(driver.takeRequests() == [.quit(status: 0)])
  }
}
