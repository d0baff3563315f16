import Diagnostics
import Tensors
import Testing

@testable import Datasets

@Suite("Batch reader") struct BatchReaderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `batches follow each other and the last may be smaller`() throws {
    let path = folder.path + "/a.npy"
    try NumpyFile.write((0..<5).map { UInt8($0) }, shape: [5, 1, 1], to: path)
    let reader = BatchReader(try ImageSource(path), .none, inputShape: [2, 1, 1, 1])
    #expect(reader.batchCount(size: 2) == 3)
    #expect(try reader.batch(1, size: 2) == Tensor(shape: [2, 1, 1, 1], [2, 3]))
    #expect(try reader.batch(2, size: 2) == Tensor(shape: [1, 1, 1, 1], [4]))
    #expect(try reader.tensor(of: [4, 0, 4]).array == [4, 0, 4])
  }

  @Test func `the number of threads does not change a batch`() throws {
    let path = folder.path + "/a.npy"
    var random = SeededRandom(seed: 1)
    try NumpyFile.write((0..<40 * 48).map { _ in UInt8(random.next() & 255) }, shape: [40, 4, 4, 3], to: path)
    let source = try ImageSource(path)
    let p = Preprocessing(resize: .exact(.init(height: 5, width: 3)), mean: .values([3]), scale: 0.1)
    let one = try BatchReader(source, p, inputShape: [1, 3, 5, 3], threads: 1).batch(0, size: 40)
    let many = try BatchReader(source, p, inputShape: [1, 3, 5, 3], threads: 7).batch(0, size: 40)
    #expect(one == many)
  }

  @Test func `all bad images of a batch are named in order, a bad mean once`() throws {
    for name in ["a.png", "c.png"] { try folder.write(name, "no image") }
    for name in ["b.png", "d.png"] { try folder.copy("rgb8.png", as: name) }
    let source = try ImageSource(folder.path)
    let reader = BatchReader(source, .none, inputShape: [1, 3, 2, 3])
    let error = #expect(throws: DiagnosticError.self) { try reader.batch(0, size: 4) }
    #expect(error?.diagnostics.map(\.location?.file) == [folder.path + "/a.png", folder.path + "/c.png"])
    let wrong = BatchReader(source, .init(mean: .values([1, 2])), inputShape: [1, 3, 2, 3])
    let second = #expect(throws: DiagnosticError.self) { try wrong.tensor(of: [1, 3]) }
    #expect(second?.diagnostics.count == 1)
  }
}
