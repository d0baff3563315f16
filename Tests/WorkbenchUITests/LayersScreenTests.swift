import LayerGraph
import QuantEngine
import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Screen 2: what its keys do, and how it looks at the sizes it must work at.
@Suite("Layers screen") struct LayersScreenTests {
  private func isOn(_ layer: String, _ driver: ScreenDriver<AppModel>) throws -> Bool {
    try #require(driver.session.workspace).config.isEnabled(layer)
  }

  private func goTo(_ layer: String, _ driver: inout ScreenDriver<AppModel>) throws {
    driver.press("/")
    driver.type("name:\(layer)")
    driver.press("Enter")
    #expect(driver.session.selectedRow?.name == layer)
  }

  private func graph(_ driver: ScreenDriver<AppModel>) throws -> Graph { try #require(driver.session.workspace).graph }

  @Test(arguments: ["120x40", "80x24", "60x16", "59x15"]) func `layers at each size`(_ size: String) throws {
    try Shapes.driver(size, runs: [Shapes.run(1, Shapes.defaults)]).expect("app/layers-\(size)")
  }

  @Test func `layers with box lines`() throws { try Shapes.driver(glyphs: .box).expect("app/layers-box") }

  @Test(arguments: ["120x40", "80x24"]) func `a field is edited in place`(_ size: String) throws {
    var driver = try Shapes.driver(size)
    driver.press("Enter j Enter backspace 7")
    try driver.expect("app/edit-\(size)")
    driver.press("Enter")
    #expect(driver.screen.contains("must be in range [8, 16]"), "\(driver.screen)")
    driver.press("backspace 1 2 Enter")
    #expect(driver.screen.contains("conv1 num_bits: 8 -> 12 (u undoes)"))
    #expect(
      driver.session.workspace?.config.value(ConfigPath(.activationBits, layer: "conv1"), try graph(driver))?.text
        == "12"
    )
    driver.press("u")
    #expect(
      driver.session.workspace?.config.value(ConfigPath(.activationBits, layer: "conv1"), try graph(driver))?.text
        == "8")
  }

  @Test func `x makes a layer float and u takes it back`() throws {
    var driver = try Shapes.driver()
    try goTo("conv3_dw", &driver)
    driver.press("x")
    #expect(try !isOn("conv3_dw", driver))
    #expect(driver.screen.contains("conv3_dw: quantised -> float (u undoes)"))
    driver.press("u")
    #expect(try isOn("conv3_dw", driver))
    driver.press("ctrl-r")
    #expect(try !isOn("conv3_dw", driver))
  }

  @Test func `b goes round 8, 12, 16 on all inputs in one step of undo`() throws {
    var driver = try Shapes.driver()
    try goTo("concat4", &driver)
    func bits(_ input: Int) throws -> Int? {
      try #require(driver.session.workspace).config.effective(layer: "concat4", input: input)?.numBits
    }
    for expected in [12, 16, 8] {
      driver.press("b")
      #expect(try bits(0) == expected)
      #expect(try bits(1) == expected)
    }
    driver.press("u u u")
    #expect(try bits(1) == 8)
    #expect(try #require(driver.session.workspace).history.canUndo == false)
  }

  @Test func `a fused layer says where its settings are`() throws {
    var driver = try Shapes.driver()
    try goTo("conv1_bn", &driver)
    driver.press("x")
    #expect(driver.screen.contains("conv1_bn is fused into conv1"))
    #expect(try #require(driver.session.workspace).history.canUndo == false)
  }

  @Test func `D puts a whole layer back in one step`() throws {
    var driver = try Shapes.driver()
    try goTo("conv3_dw", &driver)
    let fresh = try #require(driver.session.workspace).config
    driver.press("b x D")
    #expect(try #require(driver.session.workspace).config == fresh)
    driver.press("u")
    #expect(try !isOn("conv3_dw", driver))
  }

  @Test func `a filter that finds nothing says so, and Esc clears it`() throws {
    var driver = try Shapes.driver()
    driver.press("/")
    driver.type("type:LSTM")
    driver.press("Enter")
    #expect(driver.screen.contains("no layer fits the filter 'type:LSTM'"))
    driver.press("Esc")
    #expect(driver.model[LayersScreen.self].rows.shown.count == 47)
  }
}
