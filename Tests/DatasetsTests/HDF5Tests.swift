import Diagnostics
import Foundation
import Tensors
import Testing

@testable import Datasets

/// The files are h5py's, see Fixtures/make_hdf5.py; the numbers here are those of that script.
@Suite("HDF5") struct HDF5Tests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func list(_ lines: String...) throws -> String {
    try folder.write("list.txt", lines.joined(separator: "\n"))
    return folder.path + "/list.txt"
  }

  @Test func `a file tells its sets of numbers and what else it holds`() throws {
    let file = try HDF5File(Fixture.path("three.h5"))
    #expect(
      file.sets == [
        .init(name: "box", shape: [3, 2], element: "float32"),
        .init(name: "data", shape: [3, 1, 2, 2], element: "float32"),
        .init(name: "label", shape: [3], element: "float32"),
      ])
    #expect(file.others == ["names"])
    #expect(try HDF5File(Fixture.path("two.h5")).sets.map(\.element) == ["int16", "float64", "int64"])
  }

  @Test func `items are read in any number type and byte order`() throws {
    let source = try ImageSource(Fixture.path("two.h5"), options: .init())
    #expect(source.kind == "HDF5" && source.count == 2)
    #expect(try source.tensor(0, [1, 2, 2]).array == [100, 101, 102, 103])
    #expect(try source.tensor(1, [1, 2, 2]).array == [104, 105, 106, 107])
    #expect(try [source.label(0), source.label(1)] == [7, 8])
    #expect(source.name(1) == Fixture.path("two.h5") + "[1]")
    #expect(try source.info(0) == ImageInfo(shape: [1, 2, 2], storage: "float64"))
  }

  @Test func `a list joins its files, relative to its folder`() throws {
    try folder.copy("three.h5", as: "a.h5")
    try folder.copy("two.h5", as: "b.h5")
    let source = try ImageSource(try list("a.h5", "", folder.path + "/b.h5", "a.h5"))
    #expect(source.count == 8)
    let firsts = try (0..<8).map { try source.tensor($0, [1, 2, 2]).array[0] }
    #expect(firsts == [0, 4, 8, 100, 104, 0, 4, 8])
    #expect(try (0..<8).map { try source.label($0) } == [2, 0, 1, 7, 8, 2, 0, 1])
    #expect(source.columnShape("box") == [2] && source.columnShape("names") == nil)
    var pair = Tensor(shape: [2])
    try pair.withMutable { view throws(DiagnosticError) in try source.column("box", 4, into: view) }
    #expect(pair.array == [-2, 2])
    try pair.withMutable { view throws(DiagnosticError) in try source.column("box", 1, into: view) }
    #expect(pair.array == [1, 1.5])
  }

  @Test func `numbers are ready input unless the user preprocesses`() throws {
    let source = try ImageSource(Fixture.path("three.h5"))
    #expect(try source.tensor(1, [1, 2, 2], Preprocessing(scale: 10, origin: .net)).array == [4, 5, 6, 7])
    #expect(try source.tensor(1, [1, 2, 2], Preprocessing(mean: .values([4]), scale: 10)).array == [0, 10, 20, 30])
    #expect(
      message { _ = try source.tensor(0, [1, 4, 1]) }.hasSuffix("its shape is [1, 2, 2], the net's input is [1, 4, 1]"))
  }

  @Test func `the set is that of the net's input`() throws {
    var options = ImageSource.Options()
    (options.inputName, options.labelName) = ("box", "label")
    let source = try ImageSource(Fixture.path("three.h5"), options: options)
    #expect(try source.tensor(2, [2]).array == [2, 2.5])
    #expect(try source.label(2) == 1)
    options.inputName = "dat"
    #expect(
      message { _ = try ImageSource(Fixture.path("three.h5"), options: options) }
        == Fixture.path("three.h5") + ": error: there is no data set 'dat' for the net's input\n"
        + "help: did you mean 'data'?\nhelp: its data sets are box, data, label")
  }

  @Test func `files that do not fit are named with both places`() throws {
    let path = try list(Fixture.path("three.h5"), Fixture.path("wide.h5"))
    let text = message { _ = try ImageSource(path) }
    #expect(text.hasPrefix(Fixture.path("wide.h5") + ": error: the items of 'data' have shape [1, 2, 3] here"))
    #expect(text.contains(Fixture.path("three.h5") + ": note: they have [1, 2, 2] here"))
    let missing = try list("a.h5", "b.h5")
    #expect(
      message { _ = try ImageSource(missing) }
        == "\(missing):1: error: no such file: '\(folder.path)/a.h5'\n"
        + "\(missing):2: error: no such file: '\(folder.path)/b.h5'")
    #expect(message { _ = try ImageSource(Fixture.path("empty.h5")) }.contains("no data sets of numbers"))
    #expect(
      message { _ = try ImageSource(Fixture.path("wide.h5")).label(0) }.hasSuffix(
        "the label is 0.5, which is no whole number"))
  }

  @Test func `what is no HDF5 is refused, and cut off files are refused by the library's own words`() throws {
    try folder.write("x.h5", "hello")
    #expect(
      message { _ = try ImageSource(folder.path + "/x.h5") } == folder.path + "/x.h5: error: this is no HDF5 file")
    let whole = try Fixture.bytes("three.h5")
    try folder.write("cut.h5", Array(whole.prefix(600)))
    #expect(message { _ = try ImageSource(folder.path + "/cut.h5") }.contains("cut.h5: error: cannot read this: "))
  }

  @Test func `damaged files are read or refused`() throws {
    let whole = try Fixture.bytes("three.h5")
    var random = SeededRandom(seed: 4)
    var refused = 0
    for _ in 0..<200 {
      var copy = whole
      for _ in 0..<4 {
        copy[Int.random(in: 8..<copy.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      try folder.write("bad.h5", copy)
      do {
        let source = try ImageSource(folder.path + "/bad.h5")
        for i in 0..<min(source.count, 5) { _ = try source.tensor(i, [1, 2, 2]) }
      } catch { refused += 1 }
    }
    #expect(refused > 20, "the damage must be found sometimes, or this test hits nothing")
  }

  @Test func `tensors for inputs come from sets by name`() throws {
    let three = Fixture.path("three.h5")
    let words = try TensorInputs(["data=\(three)", "box=\(three)"])
    let bound = try words.bound(to: [("data", [3, 1, 2, 2]), ("box", [3, 2])])
    #expect(bound.batchCount == 1)
    #expect(bound.batch(0).map(\.array) == [(0..<12).map(Float.init), [0, 0.5, 1, 1.5, 2, 2.5]])
    // One more leading axis counts batches.
    let batches = try TensorInputs(["data=\(three)"]).bound(to: [("data", [1, 2, 2])])
    #expect(batches.batchCount == 3 && batches.batch(2)[0].array == [8, 9, 10, 11])
    #expect(
      message { _ = try TensorInputs(["other=\(three)"]) }.contains("there is no data set 'other' in this"))
  }
}
