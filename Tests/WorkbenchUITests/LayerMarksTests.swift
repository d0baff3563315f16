import Quantization
import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// Marks, and changes that go to several layers.
@Suite("Layer marks") struct LayerMarksTests {
  private func find(_ filter: String, _ driver: inout ScreenDriver<AppModel>) {
    driver.press("/ ctrl-u")
    driver.type(filter)
    driver.press("Enter")
  }

  private func config(_ driver: ScreenDriver<AppModel>) throws -> QuantConfig {
    try #require(driver.session.workspace).config
  }

  @Test func `Space marks and goes on, a second time takes the mark away`() throws {
    var driver = try Shapes.driver()
    // The cursor is on conv1, the second layer.
    driver.press("space space")
    #expect(driver.session.marks == ["conv1", "conv1_bn"])
    driver.press("k space")
    #expect(driver.session.marks == ["conv1"])
    driver.press("M")
    #expect(driver.session.marks.isEmpty && driver.screen.contains("1 mark cleared"))
  }

  @Test func `V marks from here to there, Esc leaves the range`() throws {
    var driver = try Shapes.driver()
    driver.press("V j j Esc")
    #expect(driver.session.marks.isEmpty)
    driver.press("V k k V")
    #expect(driver.session.marks == ["conv1", "conv1_bn", "conv1_scale"])
  }

  @Test func `star marks what the filter finds, and an edit is one step that says what refused it`() throws {
    var driver = try Shapes.driver()
    find("conv3_dw", &driver)
    driver.press("*")
    // conv3_dw, its BatchNorm, Scale and ReLU.
    #expect(driver.session.marks == ["conv3_dw", "conv3_dw_bn", "conv3_dw_scale", "conv3_dw_relu"])
    let before = try config(driver)
    driver.press("b")
    #expect(try config(driver).effective(layer: "conv3_dw", input: 0)?.numBits == 12)
    #expect(driver.screen.contains("2 layers: num_bits -> 12, 2 refused: conv3_dw_bn (fused into conv3_dw)"))
    let log = driver.session.log.map(\.text)
    #expect(log.contains("conv3_dw_scale refused num_bits -> 12: fused into conv3_dw"))
    driver.press("u")
    #expect(try config(driver) == before)
  }

  @Test func `x makes marked layers float as long as one is quantised, D brings the defaults back`() throws {
    var driver = try Shapes.driver()
    find("type:Conv", &driver)
    driver.press("*")
    let before = try config(driver)
    let names = driver.session.marks
    driver.press("x")
    #expect(try names.allSatisfy { name in try !config(driver).isEnabled(name) })
    driver.press("x")
    #expect(try names.allSatisfy { name in try config(driver).isEnabled(name) })
    driver.press("x b D")
    #expect(try config(driver) == before)
    driver.press("u u u")
    #expect(try names.allSatisfy { name in try config(driver).isEnabled(name) })
  }

  @Test func `a field of the form goes to all marked layers`() throws {
    var driver = try Shapes.driver()
    find("name:conv?", &driver)
    driver.press("* Esc Enter j Enter ctrl-u 1 0 Enter")
    for name in ["conv1", "conv5"] {
      #expect(try config(driver).effective(layer: name, input: 0)?.numBits == 10, "\(name)")
    }
    #expect(driver.screen.contains("2 layers: num_bits -> 10"))
    #expect(try #require(driver.session.workspace).history.entries.count == 1)
  }

  @Test func `the dot repeats the last change on the present layer`() throws {
    var driver = try Shapes.driver()
    driver.press(".")
    #expect(driver.screen.contains("no layer was changed yet"))
    driver.press("b")
    find("name:conv5", &driver)
    driver.press(".")
    #expect(try config(driver).effective(layer: "conv5", input: 0)?.numBits == 12)
    #expect(driver.session.workspace?.history.undoLabel == "conv5: num_bits -> 12")
  }

  @Test func `p pastes what y copied`() throws {
    var driver = try Shapes.driver()
    driver.press("b y")
    find("name:concat4", &driver)
    driver.press("p")
    #expect(driver.screen.contains("Paste settings to concat4 from") && driver.screen.contains("copied last"))
    driver.press("Enter")
    // One input's settings serve both of the concat.
    for input in 0...1 { #expect(try config(driver).effective(layer: "concat4", input: input)?.numBits == 12) }
    #expect(driver.session.workspace?.history.undoLabel == "concat4: settings of conv1")
  }

  @Test func `paste finds another layer by its name, and does not paste what is illegal there`() throws {
    var driver = try Shapes.driver()
    let before = try config(driver)
    find("name:fc6", &driver)
    driver.press("p")
    driver.type("conv5")
    driver.press("Enter")
    // Convolutions are channel-wise, which an InnerProduct must not be.
    #expect(driver.screen.contains("channel_wise"))
    #expect(try config(driver) == before)
  }

  @Test func `without a layer under the cursor marks are changed all the same`() throws {
    var driver = try Shapes.driver()
    driver.press("space g b")
    #expect(try config(driver).effective(layer: "conv1", input: 0)?.numBits == 12)
  }
}
