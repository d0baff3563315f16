import ScreenTesting
import Testing

@testable import WorkbenchUI

@Suite("Ladder sheet") struct LadderSheetTests {
  @Test func `a long reason is shown whole, Esc changes nothing`() throws {
    let config = try Shapes.project().config
    var driver = try Shapes.driver("60x16", runs: [Shapes.run(1, Shapes.defaults, config: config)])
    driver.press("6 g l G")
    #expect(driver.screen.contains("Ladder of conv3_dw"))
    #expect(driver.screen.contains("when all above is not enough"))
    driver.press("Esc")
    #expect(driver.session.sheets.isEmpty)
    #expect(driver.model[TuneScreen.self].proposal(for: "conv3_dw")?.text == "bits 12")
  }
}
