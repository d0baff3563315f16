import Foundation
import QuantEngine
import Testing

@Suite("ProjectStore") struct ProjectStoreTests {
  private let folder = NSTemporaryDirectory() + "/cortado-store-\(UUID().uuidString)"

  private func write(_ name: String, _ text: String) throws -> String {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `models take the new prefix in place of the old stem`() {
    let run = FinishedRun(
      number: 1, folder: RunFolder(path: "/runs/0001"), progress: JobProgress(), config: nil, comparison: nil,
      files: ["/runs/0001/net_deploy_model.prototxt", "/runs/0001/other.txt"])
    #expect(
      ProjectStore.copies(of: run, stem: "net", to: "out/mine")
        == [.init(from: "/runs/0001/net_deploy_model.prototxt", to: "out/mine_deploy_model.prototxt")])
  }

  @Test func `nothing is copied while one file is in the way, all of it when told to overwrite`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (a, b) = (try write("a", "new a"), try write("b", "new b"))
    let old = try write("old", "old")
    let fresh = folder + "/deep/fresh"
    let copies = [ProjectStore.Copy(from: a, to: fresh), ProjectStore.Copy(from: b, to: old)]
    #expect(try ProjectStore.export(copies, overwriting: false) == [old])
    #expect(text(old) == "old")
    #expect(text(fresh) == nil)
    #expect(try ProjectStore.export(copies, overwriting: true).isEmpty)
    #expect(text(old) == "new b")
    #expect(text(fresh) == "new a")
  }

  @Test func `a source that is gone is told and leaves the old file`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let old = try write("old", "old")
    #expect(throws: QuantError.self) {
      try ProjectStore.export([.init(from: folder + "/gone", to: old)], overwriting: true)
    }
    #expect(text(old) == "old")
  }
}
