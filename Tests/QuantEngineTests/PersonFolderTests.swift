import Foundation
import Testing

@testable import QuantEngine

@Suite("Person folders") struct PersonFolderTests {
  @Test func `the variable wins over the home, the home over the account`() {
    #expect(PersonFolder.state.path(["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/cortado")
    #expect(PersonFolder.cache.path(["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/h/.cache/cortado")
    #expect(PersonFolder.config.path(["XDG_CONFIG_HOME": "", "HOME": ""]) == NSHomeDirectory() + "/.config/cortado")
  }
}
