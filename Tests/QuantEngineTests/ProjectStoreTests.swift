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

  @Test func `models take the new prefix, whatever theirs was; other files stay`() throws {
    let copies = ProjectStore.copies(
      of: ["/runs/0001/net_deploy_model.prototxt", "/runs/0001/other.txt", "/x/quant.json"],
      to: try OutputPrefix("out/mine"))
    #expect(
      copies == [
        .init(from: "/runs/0001/net_deploy_model.prototxt", to: "out/mine_deploy_model.prototxt"),
        .init(from: "/x/quant.json", to: "out/mine_quant.json", name: "mine"),
      ])
  }

  @Test func `the name in quant.json becomes that of the prefix, the rest stays byte for byte`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // An escaped quote in the old name, a key of the same name further down.
    let from = try write("a_quant.json", "{\n  \"name\": \"a\\\"b\", \"graph\": [ {\"name\":\"inner\"} ]\n}\n")
    let to = folder + "/new_quant.json"
    #expect(try ProjectStore.export([.init(from: from, to: to, name: "n\u{e9}w")], overwriting: false).isEmpty)
    #expect(text(to) == "{\n  \"name\": \"n\u{e9}w\", \"graph\": [ {\"name\":\"inner\"} ]\n}\n")
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
