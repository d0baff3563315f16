import Foundation
import Testing

@testable import Datasets

@Suite struct `A LevelDB` {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `is refused with what to do, as a folder and by one of its files`() throws {
    for name in ["CURRENT", "MANIFEST-000004", "000005.ldb", "LOCK"] { try folder.write(name, "MANIFEST-000004\n") }
    for spec in [folder.path, folder.path + "/", folder.path + "/000005.ldb", folder.path + "/CURRENT"] {
      let text = message { _ = try ImageSource(spec) }
      #expect(text.hasPrefix("\(spec): error: this is a LevelDB, which is not read\n"))
      #expect(text.contains("cortado dataset make-lmdb LIST OUT") && text.contains("convert_imageset --backend=lmdb"))
    }
  }

  @Test func `is not every folder with a file named CURRENT`() throws {
    try folder.write("CURRENT", "x")
    try folder.copy("grey8.png", as: "a.png")
    #expect(try ImageSource(folder.path).kind == "folder")
  }
}
