import CaffeFormat
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Datasets
@testable import QuantEngine

/// The pictures are those of Tests/DatasetsTests/Fixtures: rgb8.png has the rows (255,0,0) (0,255,0) (0,0,255) and
/// (10,20,30) (40,50,60) (70,80,90), grey8.png 0 100 200 and 50 150 250.
@Suite("Make an LMDB") struct MakeLMDBTests {
  private static let fixtures =
    String(#filePath.dropLast("QuantEngineTests/MakeLMDBTests.swift".count)) + "DatasetsTests/Fixtures/"
  private let folder = NSTemporaryDirectory() + "cortado-lmdb-" + UUID().uuidString

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func list(_ lines: String) throws -> String {
    try lines.write(toFile: folder + "/list.txt", atomically: true, encoding: .utf8)
    return folder + "/list.txt"
  }

  private func copy(_ fixture: String, as name: String) throws {
    try FileManager.default.createDirectory(atPath: folder + "/sub", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Self.fixtures + fixture, toPath: folder + "/" + name)
  }

  private func entries(_ path: String) throws -> [(key: String, datum: Datum)] {
    let file = try LMDBFile(path + "/data.mdb", named: path, limit: nil)
    return try file.entries.map {
      let key = String(decoding: file.bytes($0.key), as: UTF8.self)
      return (key, try Datum(file.bytes($0.value), name: key))
    }
  }

  @Test func `keys, labels and planes are those of Caffe's tool`() throws {
    try copy("rgb8.png", as: "sub/a.png")
    try copy("grey8.png", as: "b.png")
    let result = try MakeLMDBJob(spec: list("sub/a.png 3\nb.png -1\nsub/a.png 12\n"), out: folder + "/db").run { _, _ in
    }
    #expect(result.count == 3 && result.labelled == 3 && result.shapes.map(\.count) == [3])
    let read = try entries(folder + "/db")
    #expect(read.map(\.key) == ["00000000_sub/a.png", "00000001_b.png", "00000002_sub/a.png"])
    #expect(read.map(\.datum.label) == [3, -1, 12])
    // Blue, green, red.
    let planes: [UInt8] = [0, 0, 255, 30, 60, 90, 0, 255, 0, 20, 50, 80, 255, 0, 0, 10, 40, 70]
    #expect(read[0].datum.data == planes && read[2].datum.data == planes)
    #expect(read[1].datum.data == [0, 100, 200, 50, 150, 250, 0, 100, 200, 50, 150, 250, 0, 100, 200, 50, 150, 250])
    #expect(read.allSatisfy { ($0.datum.channels, $0.datum.height, $0.datum.width) == (3, 2, 3) })
  }

  @Test func `resized samples are rounded to nearest`() throws {
    try copy("grey8.png", as: "b.png")
    var job = MakeLMDBJob(spec: try list("b.png 1"), out: folder + "/db")
    job.isGray = true
    job.resize = .exact(.init(height: 1, width: 3))
    _ = try job.run { _, _ in }
    // The middle of both rows: 25, 125, 225.
    #expect(try entries(folder + "/db")[0].datum.data == [25, 125, 225])
    job.resize = .exact(.init(height: 1, width: 1))
    job.out = folder + "/one"
    _ = try job.run { _, _ in }
    // Middle column, middle of the rows.
    #expect(try entries(folder + "/one")[0].datum.data == [125])
  }

  @Test func `encoded keeps files, and packs anew what was changed`() throws {
    try copy("rgb8.png", as: "sub/a.png")
    try copy("colour.jpg", as: "c.jpg")
    var job = MakeLMDBJob(spec: try list("sub/a.png 3\nc.jpg 4"), out: folder + "/db")
    job.isEncoded = true
    let kept = try job.run { _, _ in }
    #expect(Set(kept.shapes.map(\.storage)) == ["PNG", "JPEG"])
    let read = try entries(folder + "/db")
    for (entry, name) in zip(read, ["rgb8.png", "colour.jpg"]) {
      #expect(entry.datum.isEncoded)
      #expect(try entry.datum.data == Array(Data(contentsOf: URL(fileURLWithPath: Self.fixtures + name))))
    }
    job.encodedKind = .png
    job.isGray = true
    job.out = folder + "/grey"
    _ = try job.run { _, _ in }
    let grey = try entries(folder + "/grey")[0].datum
    let image = try ImageDecoder.decode(FileBytes(copying: grey.data, path: "x"), at: .init(file: "x"))
    #expect(image.channels == 1 && image.height == 2)
    // 0.299 R + 0.587 G + 0.114 B: 76.245, 149.685, 29.07; 18.15, 48.15, 78.15
    #expect(image.pixels == [76, 150, 29, 18, 48, 78])
  }

  @Test func `arrays of numbers become float data`() throws {
    try NumpyFile.write(Tensor(shape: [2, 1, 1, 2], [0.5, -3, 4, 1e-3]), to: folder + "/x.npy")
    try NumpyFile.write([7, 9] as [Int64], shape: [2], to: folder + "/l.npy")
    var job = MakeLMDBJob(spec: folder + "/x.npy", out: folder + "/db")
    job.labels = folder + "/l.npy"
    _ = try job.run { _, _ in }
    let read = try entries(folder + "/db")
    #expect(read.map(\.datum.floatData) == [[0.5, -3], [4, 1e-3]])
    #expect(read.map(\.datum.label) == [7, 9] && read[0].key == "00000000_x.npy[0]")
    let source = try ImageSource(folder + "/db", options: .init(datumDecoder: { try DatumImage(decoding: $0) }))
    #expect(try source.info(1) == ImageInfo(shape: [1, 1, 2], storage: "float32"))
    job.isGray = true
    job.out = folder + "/no"
    #expect(throws: QuantError.self) { try job.run { _, _ in } }
    #expect(!FileManager.default.fileExists(atPath: folder + "/no"))
  }

  @Test func `shuffling keeps every image and its label, the same way for the same seed`() throws {
    var text = ""
    for i in 0..<20 {
      try copy("grey8.png", as: "\(i).png")
      text += "\(i).png \(i)\n"
    }
    var job = MakeLMDBJob(spec: try list(text), out: folder + "/a")
    job.shuffleSeed = 5
    job.threads = 3
    _ = try job.run { _, _ in }
    job.out = folder + "/b"
    job.threads = 1
    _ = try job.run { _, _ in }
    let (a, b) = (try entries(folder + "/a"), try entries(folder + "/b"))
    #expect(a.map(\.key) == b.map(\.key))
    #expect(a.map(\.datum.label) != (0..<20).map { $0 } && Set(a.map(\.datum.label)) == Set(0..<20))
    for entry in a { #expect(entry.key.hasSuffix("_\(entry.datum.label ?? -1).png")) }
  }

  @Test func `bad images are named and nothing is written`() throws {
    try copy("rgb8.png", as: "a.png")
    try Data([0xff, 0xd8, 0xff, 0, 1]).write(to: URL(fileURLWithPath: folder + "/bad.jpg"))
    let error = #expect(throws: QuantError.self) {
      try MakeLMDBJob(spec: list("a.png 1\nbad.jpg 2"), out: folder + "/db").run { _, _ in }
    }
    #expect(error?.status == .badInput && error?.diagnostics.first?.location?.file == folder + "/bad.jpg")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.png", "bad.jpg", "list.txt", "sub"])
    try copy("colour.jpg", as: "c.jpg")
    var job = MakeLMDBJob(spec: try list("a.png 1\nc.jpg 2"), out: folder + "/db")
    job.checksSize = true
    #expect(throws: QuantError.self) { try job.run { _, _ in } }
    let long = String(repeating: "x", count: 200)
    try FileManager.default.createDirectory(atPath: folder + "/\(long)/\(long)", withIntermediateDirectories: true)
    try copy("rgb8.png", as: "\(long)/\(long)/\(long).png")
    let key = #expect(throws: QuantError.self) {
      try MakeLMDBJob(spec: list("\(long)/\(long)/\(long).png 1"), out: folder + "/db").run { _, _ in }
    }
    #expect(key?.diagnostics.first?.text.contains("more than the 511 of an LMDB") == true)
  }

  @Test func `info counts shapes and labels`() throws {
    try copy("rgb8.png", as: "a.png")
    try copy("grey8.png", as: "b.png")
    let info = try DatasetInfo(list("a.png 3\nb.png 3\na.png 12\nb.png\na.png 3")) { _, _ in }
    #expect(info.kind == "list" && info.count == 5 && info.labelled == 4)
    #expect(info.labels == [.init(label: 3, count: 3), .init(label: 12, count: 1)])
    #expect(
      info.shapes == [
        .init(shape: [3, 2, 3], storage: "PNG", count: 3), .init(shape: [1, 2, 3], storage: "PNG", count: 2),
      ])
    #expect(info.first.map(\.label) == [3, 3, 12, nil, 3])
  }
}
