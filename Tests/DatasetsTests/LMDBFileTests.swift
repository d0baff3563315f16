import Diagnostics
import Foundation
import Tensors
import Testing

@testable import Datasets

/// The databases are written by liblmdb, so it is the reference for what is read.
@Suite("LMDB file") struct LMDBFileTests {
  private let folder: TemporaryFolder
  private var data: String { folder.path + "/db/data.mdb" }

  init() throws { folder = try TemporaryFolder() }

  private func read(_ path: String, limit: Int? = nil) throws -> [(key: [UInt8], value: [UInt8])] {
    let file = try LMDBFile(path, named: "db", limit: limit)
    return file.entries.map { (file.bytes($0.key), file.bytes($0.value)) }
  }

  /// Entries in an order of their own, with keys as Caffe's tools make them and values from nothing to several pages.
  private func entries(_ count: Int) -> [(key: [UInt8], value: [UInt8])] {
    (0..<count).map { i in
      let shuffled = i * 7919 % count
      let key = String(repeating: "0", count: 8 - "\(shuffled)".count) + "\(shuffled)_n\(shuffled % 13)/img.JPEG"
      let size = shuffled % 50 == 0 ? 9000 + shuffled : shuffled % 300
      return (Array(key.utf8), (0..<size).map { UInt8(($0 * 31 + shuffled) & 255) })
    }
  }

  @Test(arguments: [1, 2, 100, 5000])
  func `all entries come in the order of their keys, through several levels of pages and large values`(_ count: Int)
    throws
  {
    let written = entries(count)
    try writeLMDB(folder.path + "/db", written)
    let wanted = written.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    let got = try read(data)
    #expect(got.map(\.key) == wanted.map(\.key))
    #expect(got.map(\.value) == wanted.map(\.value))
    #expect(try read(data, limit: 3).map(\.key) == Array(wanted.map(\.key).prefix(3)))
    #expect(try LMDBFile(data, named: "db", limit: 1).count == count)
  }

  @Test func `the newest transaction counts`() throws {
    for round in 1...4 { try writeLMDB(folder.path + "/db", [([UInt8(round)], [UInt8(round * 2)])]) }
    #expect(try read(data).map(\.value) == [[2], [4], [6], [8]])
  }

  @Test func `an empty database has no entries`() throws {
    try writeLMDB(folder.path + "/db", [])
    #expect(try read(data).isEmpty)
  }

  @Test func `other files and cut off ones are refused`() throws {
    try writeLMDB(folder.path + "/db", entries(60))
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: data)))
    for length in [0, 100, 4096, 8192, 12288, whole.count - 4096] {
      try folder.write("cut", Array(whole[..<length]))
      #expect(
        message { _ = try read(folder.path + "/cut") }.contains("db: error: cannot read this LMDB: it is cut off"))
    }
    try folder.write("zeros", [UInt8](repeating: 0, count: 20000))
    #expect(
      message { _ = try read(folder.path + "/zeros") }
        == "db: error: cannot read this LMDB: it has another magic number")
  }

  @Test func `a damaged database is read or refused, never a trap`() throws {
    try writeLMDB(folder.path + "/db", entries(300))
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: data)))
    var random = SeededRandom(seed: 9)
    var refused = 0
    for _ in 0..<400 {
      var copy = whole
      // Page headers, node tables and meta pages lie at the beginning of pages: hit those more often.
      for _ in 0..<8 {
        let page = Int.random(in: 0..<copy.count / 4096, using: &random) * 4096
        let offset = Int.random(in: 0..<(Bool.random(using: &random) ? 160 : 4096), using: &random)
        copy[page + offset] = UInt8.random(in: 0...255, using: &random)
      }
      try folder.write("bad", copy)
      do { _ = try read(folder.path + "/bad") } catch { refused += 1 }
    }
    #expect(refused > 50, "the damage must be found often, or this test hits nothing")
  }

  @Test func `pages that run in a circle are refused`() throws {
    try writeLMDB(folder.path + "/db", entries(300))
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: data)))
    // Point every child of every branch page (flag 1 at byte 10) at that page.
    for page in 2..<bytes.count / 4096 where bytes[page * 4096 + 10] == 1 && bytes[page * 4096] == UInt8(page & 255) {
      let lower = Int(bytes[page * 4096 + 12]) | Int(bytes[page * 4096 + 13]) << 8
      for i in 0..<(lower - 16) / 2 {
        let pointer = page * 4096 + 16 + 2 * i
        let node = page * 4096 + (Int(bytes[pointer]) | Int(bytes[pointer + 1]) << 8)
        (bytes[node], bytes[node + 1]) = (UInt8(page & 255), UInt8(page >> 8))
      }
    }
    try folder.write("circle", bytes)
    #expect(message { _ = try read(folder.path + "/circle") }.hasSuffix("its pages run in a circle"))
  }
}
