import ScreenTesting
import Testing

@testable import WorkbenchUI

/// The files that were written.
@Suite("Written sheet") struct WrittenSheetTests {
  private static let files = [
    WrittenFile(path: "out/net_deploy_model.prototxt", bytes: 9_876, sha256: String(repeating: "0a", count: 32)),
    WrittenFile(
      path: "out/net_deploy_weights.caffemodel", bytes: 1_234_567, sha256: String(repeating: "b1", count: 32)),
  ]

  @Test(arguments: ["120x40", "80x24", "60x16"]) func `names, sizes and digests`(_ size: String) throws {
    var driver = try Shapes.driver(size)
    driver.send(.news(.exported(run: 3, prefix: "out/net", files: Self.files)))
    try driver.expect("app/written-\(size)")
  }

  @Test func `y copies what sha256sum checks`() throws {
    var driver = try Shapes.driver("80x24")
    driver.send(.news(.exported(run: 3, prefix: "out/net", files: Self.files)))
    _ = driver.takeRequests()
    driver.press("y")
    let digest = String(repeating: "0a", count: 32) + "  out/net_deploy_model.prototxt\n"
    #expect(
      driver.takeRequests().contains {
        if case .copy(let text) = $0 { text.hasPrefix(digest) } else { false }
      })
    #expect(driver.session.sheets.isEmpty)
  }
}
