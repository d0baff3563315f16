import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// The history as commands for a shell.
@Suite("Edit commands") struct EditCommandsTests {
  @Test func `each edit is a comment and its commands, on the way to the state only`() throws {
    var driver = try Shapes.driver("120x40")
    // An abandoned branch, then two edits, and one of the whole net.
    driver.press("b u x j j j j b")
    driver.press(":")
    driver.type("set batch_num 4")
    driver.press("Enter")
    let workspace = try #require(driver.session.workspace)
    let commands = EditCommands(of: workspace.history, to: workspace.history.current, file: "it's/config.json")
    #expect(
      commands.text == """
        # conv1: quantised -> float
        cortado config set conv1 quant_enable=false --config 'it'\\''s/config.json'
        # pool1: num_bits 8 -> 12
        cortado config set pool1 activation_quant_params.num_bits=12 --config 'it'\\''s/config.json'
        # batch_num = 4
        cortado config set batch_num=4 --config 'it'\\''s/config.json'

        """)
    #expect(commands.count == 3)
    #expect(EditCommands(of: workspace.history, to: 0, file: "c").text.isEmpty)
  }

  @Test func `y in the history copies them`() throws {
    var driver = try Shapes.driver("120x40")
    driver.press("x U y")
    let copied = driver.takeRequests().compactMap { request -> String? in
      if case .copy(let text) = request { text } else { nil }
    }
    #expect(copied.count == 1 && copied[0].contains("cortado config set conv1 quant_enable=false --config "))
    driver.press("Esc")
    #expect(driver.screen.contains("copied: 1 command that make this config"))
  }
}
