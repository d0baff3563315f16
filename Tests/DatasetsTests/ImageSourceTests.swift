import Diagnostics
import Foundation
import Tensors
import Testing

@testable import Datasets

@Suite("Image source") struct ImageSourceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Reads a label and 2 x 1 x 2 samples after it.
  private let decoder: DatumDecoder = { bytes in
    guard bytes.count == 5 else { throw DiagnosticError("\(bytes.count) bytes") }
    return DatumImage(channels: 2, height: 1, width: 2, label: Int(bytes[0]), content: .bytes(Array(bytes[1...])))
  }

  /// Three entries, put out of order.
  private func makeDatabase() throws -> String {
    let path = folder.path + "/lmdb"
    let entries: [(String, UInt8)] = [("00000002_c", 7), ("00000000_a", 5), ("00000001_b", 6)]
    try writeLMDB(
      path,
      entries.map { key, label in
        let samples: [UInt8] = [0, 1, 2, 3].map { label * 10 + $0 }
        return (Array(key.utf8), [label] + samples)
      })
    return path
  }

  @Test func `a folder gives its images in byte order and nothing else`() throws {
    for name in ["b.JPG", "a10.png", "a9.png", "B.jpeg", "é.jpg", "Z.Png"] { try folder.copy("rgb8.png", as: name) }
    for name in ["a.txt", "b.jpg.bak", ".png", "jpg", "c.gif"] { try folder.write(name, "x") }
    try FileManager.default.createDirectory(atPath: folder.path + "/sub.jpg", withIntermediateDirectories: false)
    for spec in [folder.path, folder.path + "/"] {
      let source = try ImageSource(spec)
      let names = (0..<source.count).map { source.name($0) }
      #expect(names == ["B.jpeg", "Z.Png", "a10.png", "a9.png", "b.JPG", "é.jpg"].map { folder.path + "/" + $0 })
      #expect(source.kind == "folder")
      #expect(try source.label(0) == nil)
    }
  }

  @Test func `a folder without images is an error`() {
    #expect(message { _ = try ImageSource(folder.path) } == folder.path + ": error: there are no images in this folder")
    #expect(
      message { _ = try ImageSource(folder.path + "/no") }.hasSuffix(
        "there are no images here: No such file or directory"))
  }

  @Test func `a list keeps its order, its labels and blanks in paths`() throws {
    try folder.copy("rgb8.png", as: "z.png")
    try folder.copy("grey8.png", as: "my cat.png")
    let absolute = Fixture.path("colour.jpg")
    try folder.write("list.txt", "\u{feff}z.png 3\r\n\n  my cat.png\t12  \nmy cat.png\n\(absolute) -1")
    let source = try ImageSource(folder.path + "/list.txt")
    #expect(
      (0..<source.count).map { source.name($0) } == [
        folder.path + "/z.png", folder.path + "/my cat.png", folder.path + "/my cat.png", absolute,
      ])
    #expect(try (0..<source.count).map { try source.label($0) } == [3, 12, nil, -1])
    // First row of rgb8.png in BGR planes: blue 0 0 255.
    #expect(try source.tensor(0, [3, 2, 3]).array.prefix(3) == [0, 0, 255])
  }

  @Test func `missing files of a list are named with their lines`() throws {
    try folder.copy("rgb8.png", as: "a.png")
    try folder.write("list.txt", "a.png 1\nb.png 2\n\nc.png")
    let path = folder.path + "/list.txt"
    #expect(
      message { _ = try ImageSource(path) }
        == "\(path):2: error: no such file: '\(folder.path)/b.png'\n"
        + "\(path):4: error: no such file: '\(folder.path)/c.png'"
    )
    #expect(try ImageSource(path, options: .init(limit: 1)).count == 1)
  }

  @Test func `a binary file is no list`() throws {
    try folder.write("x.bin", [65, 0, 66])
    #expect(message { _ = try ImageSource(folder.path + "/x.bin") }.contains("neither a list of images nor an array"))
  }

  @Test func `a single image is a source of one`() throws {
    #expect(try ImageSource(Fixture.path("grey8.png")).tensor(0, [1, 2, 3]).array == [0, 100, 200, 50, 150, 250])
  }

  @Test func `uint8 arrays are images in any of three layouts`() throws {
    let path = folder.path + "/a.npy"
    try NumpyFile.write([1, 2, 3, 4, 5, 6, 7, 8] as [UInt8], shape: [2, 2, 2], to: path)
    #expect(try ImageSource(path).tensor(1, [1, 2, 2]).array == [5, 6, 7, 8])
    #expect(try ImageSource(path).tensor(0, [3, 2, 2]).array == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])
    try NumpyFile.write([1, 2, 3, 4, 5, 6] as [UInt8], shape: [1, 1, 2, 3], to: path)
    #expect(try ImageSource(path).tensor(0, [3, 1, 2]).array == [1, 4, 2, 5, 3, 6])
    try NumpyFile.write([1, 2, 3, 4, 5, 6] as [UInt8], shape: [1, 3, 1, 2], to: path)
    #expect(try ImageSource(path).tensor(0, [3, 1, 2]).array == [1, 2, 3, 4, 5, 6])
  }

  @Test func `the array's order and the net's order together decide about swapping`() throws {
    let path = folder.path + "/a.npy"
    try NumpyFile.write([1, 2, 3] as [UInt8], shape: [1, 1, 1, 3], to: path)
    func load(_ stored: ChannelOrder, _ wanted: ChannelOrder?) throws -> [Float] {
      try ImageSource(path, options: .init(npyOrder: stored)).tensor(0, [3, 1, 1], .init(channelOrder: wanted)).array
    }
    #expect(try load(.rgb, .bgr) == [3, 2, 1])
    #expect(try load(.bgr, .bgr) == [1, 2, 3])
    #expect(try load(.rgb, nil) == [1, 2, 3])
  }

  @Test func `float arrays are ready input unless the user preprocesses`() throws {
    let path = folder.path + "/f.npy"
    try NumpyFile.write(Tensor(shape: [2, 1, 1, 2], [1, 2, 3, 4]), to: path)
    let source = try ImageSource(path)
    #expect(try source.tensor(1, [1, 1, 2], Preprocessing(scale: 10, origin: .net)).array == [3, 4])
    #expect(try source.tensor(1, [1, 1, 2], Preprocessing(mean: .values([1]), scale: 10)).array == [20, 30])
    #expect(
      message { _ = try source.tensor(0, [1, 2, 2]) }
        == "\(path): error: image 0: its shape is [1, 1, 2], the net's input is [1, 2, 2]")
  }

  @Test func `an array that holds no images is refused`() throws {
    let path = folder.path + "/i.npy"
    try NumpyFile.write([1] as [Int64], shape: [1, 1, 1], to: path)
    #expect(message { _ = try ImageSource(path) }.contains("an array of int64 with shape [1, 1, 1] holds no images"))
    try NumpyFile.write([UInt8](repeating: 0, count: 16), shape: [1, 2, 2, 4], to: path)
    #expect(message { _ = try ImageSource(path) }.contains("holds no images"))
  }

  @Test func `a database is read in the order of its keys`() throws {
    let path = try makeDatabase()
    for spec in [path, path + "/data.mdb"] {
      let source = try ImageSource(spec, options: .init(datumDecoder: decoder))
      #expect((0..<source.count).map { source.name($0) } == ["00000000_a", "00000001_b", "00000002_c"])
      #expect(try (0..<source.count).map { try source.label($0) } == [5, 6, 7])
      #expect(try source.tensor(2, [2, 1, 2]).array == [70, 71, 72, 73])
      #expect(source.kind == "LMDB")
    }
    let limited = try ImageSource(path, options: .init(limit: 2, datumDecoder: decoder))
    #expect(limited.count == 2 && limited.totalCount == 3)
  }

  @Test func `bad entries are named by their key`() throws {
    let path = try makeDatabase()
    let broken = try ImageSource(path, options: .init(datumDecoder: { _ in throw DiagnosticError("no wire type") }))
    #expect(
      message { _ = try broken.tensor(0, [2, 1, 2]) }
        == "\(path): error: entry '00000000_a': this is no Datum: no wire type")
    let lying = try ImageSource(
      path,
      options: .init(datumDecoder: { _ in
        DatumImage(channels: .max, height: .max, width: 2, label: nil, content: .bytes([1, 2]))
      }))
    #expect(message { _ = try lying.tensor(0, [2, 1, 2]) }.contains("2 samples for channels, height, width"))
  }

  @Test func `an encoded entry is decoded`() throws {
    let path = try makeDatabase()
    let png = try Fixture.bytes("rgb8.png")
    let source = try ImageSource(
      path,
      options: .init(datumDecoder: { _ in
        DatumImage(channels: 0, height: 0, width: 0, label: 1, content: .encoded(png))
      }))
    #expect(try source.tensor(0, [3, 2, 3]).array.prefix(3) == [0, 0, 255])
  }

  @Test func `labels beside the images serve those that carry none`() throws {
    let path = folder.path + "/a.npy"
    try NumpyFile.write([UInt8](repeating: 0, count: 12), shape: [3, 2, 2], to: path)
    try NumpyFile.write([4, 5, 6] as [UInt8], shape: [3], to: folder.path + "/l.npy")
    try folder.write("l.txt", "7\n8\r\n9\n")
    #expect(try ImageSource(path, labels: folder.path + "/l.npy").label(2) == 6)
    #expect(try ImageSource(path, labels: folder.path + "/l.txt").label(1) == 8)
    #expect(try ImageSource(path, options: .init(limit: 2), labels: folder.path + "/l.txt").label(1) == 8)
    try folder.write("short.txt", "7\n8")
    #expect(message { _ = try ImageSource(path, labels: folder.path + "/short.txt") }.contains("2 labels for 3 images"))
    try folder.write("bad.txt", "7\nx\n1.5\na.jpg 3")
    let text = message { _ = try ImageSource(path, labels: folder.path + "/bad.txt") }
    #expect(text.contains("/bad.txt:2: error: a label is one whole number a line, not 'x'"))
    #expect(text.contains("/bad.txt:3: error:") && text.contains("/bad.txt:4: error:"))
  }
}
