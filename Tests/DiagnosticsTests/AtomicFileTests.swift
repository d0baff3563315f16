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
    try AtomicFile.write(path: path) { file throws(DiagnosticError) in
      try file.write("head ")
      try file.write(large)
      try file.write(Array(" tail".utf8))
    }
    #expect(try text(path) == "head " + large + " tail")
    let mode = try FileManager.default.attributesOfItem(atPath: folder + "/a")[.posixPermissions] as? Int
    #expect((mode ?? 0) & 0o007 == 0, "folders are closed to others")
  }

  @Test func `a body that fails leaves the older file and no temporary one`() throws {
    let path = folder + "/kept"
    try AtomicFile.write(path: path, text: "old")
    #expect(throws: DiagnosticError.self) {
      try AtomicFile.write(path: path) { file throws(DiagnosticError) in
        try file.write("new")
        throw DiagnosticError("stop")
      }
    }
    #expect(try text(path) == "old")
    #expect(try names() == ["kept"])
  }

  @Test func `a link keeps pointing at the file that is replaced`() throws {
    try AtomicFile.write(path: folder + "/real", text: "old")
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "real")
    try AtomicFile.write(path: folder + "/link", text: "new")
    #expect(try text(folder + "/real") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "real")
  }

  @Test func `a device is written and stays a device`() throws {
    try AtomicFile.write(path: "/dev/null", text: "gone")
    #expect(
      try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
        == .typeCharacterSpecial)
  }

  @Test func `a full disk is named with the file`() {
    let error = #expect(throws: DiagnosticError.self) { try AtomicFile.write(path: "/dev/full", text: "x") }
    #expect(error?.description == "error: cannot write /dev/full: No space left on device")
  }

  @Test func `a file in the place of a folder is an error`() throws {
    try AtomicFile.write(path: folder + "/file", text: "x")
    for path in [folder + "/file/out", folder + "/file/sub/out", folder] {
      #expect(throws: DiagnosticError.self, "\(path)") { try AtomicFile.write(path: path, text: "x") }
    }
    #expect(try names() == ["file"])
  }
}
