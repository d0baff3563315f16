import Diagnostics
import Foundation
import Testing

@Suite("Atomic file") struct AtomicFileTests {
  private let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "cortado-atomic-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
  private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

  @Test func `missing parent folders are made and small and large pieces keep their order`() throws {
    let path = folder + "/a/b/file"
    let large = String(repeating: "x", count: 200_000)
    try AtomicFile.write(path) {
      try $0.write("head ")
      try $0.write(large)
      try $0.write(Array(" tail".utf8))
    }
    #expect(try text(path) == "head " + large + " tail")
    let mode = try FileManager.default.attributesOfItem(atPath: folder + "/a")[.posixPermissions] as? Int
    #expect((mode ?? 0) & 0o007 == 0, "folders are closed to others")
  }

  @Test func `a body that fails leaves the older file and no temporary one`() throws {
    struct Stop: Error {}
    let path = folder + "/kept"
    try AtomicFile.write(path, text: "old")
    #expect(throws: Stop.self) {
      try AtomicFile.write(path) {
        try $0.write("new")
        throw Stop()
      }
    }
    #expect(try text(path) == "old")
    #expect(try names() == ["kept"])
  }

  @Test func `a link keeps pointing at the file that is replaced`() throws {
    try AtomicFile.write(folder + "/real", text: "old")
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "real")
    try AtomicFile.write(folder + "/link", text: "new")
    #expect(try text(folder + "/real") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "real")
  }

  @Test func `a device is written and stays a device`() throws {
    try AtomicFile.write("/dev/null", text: "gone")
    #expect(try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType == .typeCharacterSpecial)
  }

  @Test func `a full disk is told apart and named`() {
    let error = #expect(throws: FileWriteError.self) { try AtomicFile.write("/dev/full", text: "x") }
    #expect(error?.isDiskFull == true)
    #expect(error?.diagnostics.first?.lines == ["/dev/full: error: cannot write this: No space left on device"])
  }

  @Test func `a file in the place of a folder is an error that names it`() throws {
    try AtomicFile.write(folder + "/file", text: "x")
    let error = #expect(throws: FileWriteError.self) { try AtomicFile.write(folder + "/file/sub/out", text: "x") }
    #expect(error?.code == ENOTDIR)
    #expect(throws: FileWriteError.self) { try AtomicFile.write(folder, text: "x") }
  }
}
