import Foundation
import Testing

@testable import Datasets

/// What is written is read by the reader of this project, which knows nothing of liblmdb.
@Suite("LMDB writer") struct LMDBWriterTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }

  @Test func `thousands of entries in several transactions are all there`() throws {
    let path = folder.path + "/deep/er/db/"
    let writer = try LMDBWriter(path)
    for i in 0..<2500 { try writer.put(Array("\(100_000 + i)".utf8), [UInt8(i % 251), UInt8(i / 251)]) }
    try writer.finish()
    let file = try LMDBFile(path + "data.mdb", named: path, limit: nil)
    #expect(file.count == 2500)
    let wanted: [[UInt8]] = (0..<2500).map { [UInt8($0 % 251), UInt8($0 / 251)] }
    #expect(file.entries.map { file.bytes($0.value) } == wanted)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/deep/er") == ["db"])
  }

  @Test func `nothing is left when it does not come to its end`() throws {
    do {
      let writer = try LMDBWriter(folder.path + "/db")
      try writer.put([1], [2])
      #expect(try names.count == 1)
    }
    #expect(try names.isEmpty)
  }

  @Test func `what is there is not touched`() throws {
    try folder.write("db", "mine")
    #expect(
      message { _ = try LMDBWriter(folder.path + "/db") }.hasPrefix(
        folder.path + "/db: error: there is something here already"))
    // Somebody else is faster.
    let writer = try LMDBWriter(folder.path + "/other")
    try writer.put([1], [2])
    try FileManager.default.createDirectory(
      atPath: folder.path + "/other", withIntermediateDirectories: false)
    try folder.write("other/file", "theirs")
    #expect(message { try writer.finish() }.contains("cannot write \(folder.path)/other: Directory not empty"))
    #expect(try names == ["db", "other"])
  }
}
