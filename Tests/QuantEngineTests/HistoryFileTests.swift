import Foundation
import QuantEngine
import Testing

@Suite("HistoryFile") struct HistoryFileTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("history-\(UUID().uuidString)")
    .path

  private func withFile(_ body: (HistoryFile) throws -> Void) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(HistoryFile(ProjectFolder(path: folder + "/.cortado")))
  }

  @Test func `lines are appended, and a project without history is empty`() throws {
    try withFile { file in
      #expect(file.read() == "")
      try file.begin(with: ["a"])
      try file.append(["b", "c"])
      #expect(file.read() == "a\nb\nc\n")
      #expect(!FileManager.default.fileExists(atPath: file.oldPath))
    }
  }

  @Test func `a new history keeps the one before beside it`() throws {
    try withFile { file in
      try file.begin(with: ["old"])
      try file.begin(with: ["new"])
      #expect(file.read() == "new\n")
      #expect(try String(contentsOfFile: file.oldPath, encoding: .utf8) == "old\n")
    }
  }

  @Test func `a history that has gone is not begun in its middle`() throws {
    try withFile { file in
      #expect(throws: QuantError.self) { try file.append(["b"]) }
      #expect(!FileManager.default.fileExists(atPath: file.path))
    }
  }
}
