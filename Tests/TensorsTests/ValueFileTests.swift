import Foundation
import Testing

@testable import Tensors

@Suite("Value file") struct ValueFileTests {
  private let path = NSTemporaryDirectory() + "values-" + UUID().uuidString

  /// Writes two pieces; the file is removed when `body` is done.
  private func written(_ body: () throws -> Void) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var (a, b) = (Tensor(shape: [3], [1, .nan, -0.0]), Tensor(shape: [2], [4, .infinity]))
    #expect(a.withMutable { a in b.withMutable { ValueFile.write(path, [a, $0]) } })
    try body()
  }

  private func read(_ lengths: [Int]) -> (isWhole: Bool, bits: [UInt32]) {
    var all = Tensor(shape: [lengths.reduce(0, +)])
    let isWhole = all.withMutable { view in
      var at = 0
      let pieces = lengths.map { length in
        defer { at += length }
        return view.slice(at, length)
      }
      return ValueFile.read(path, into: pieces)
    }
    return (isWhole, all.array.map(\.bitPattern))
  }

  @Test func `gives back the bits, however they are cut into pieces`() throws {
    try written {
      let bits = [1, .nan, -0.0, 4, .infinity].map { (x: Float) in x.bitPattern }
      #expect(read([3, 2]) == (true, bits))
      #expect(read([5]) == (true, bits))
    }
  }

  @Test func `of another length counts as none`() throws {
    try written { #expect(!read([4]).isWhole && !read([6]).isWhole) }
    #expect(!read([5]).isWhole, "no file")
  }

  @Test(arguments: 0..<52) func `with a flipped bit counts as none`(_ at: Int) throws {
    // 32 bytes of header, 5 floats.
    try written {
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(bytes.count == 52)
      bytes[at] ^= 0x10
      try bytes.write(to: URL(fileURLWithPath: path))
      #expect(!read([5]).isWhole)
    }
  }

  @Test func `that cannot be written leaves nothing`() {
    var values = Tensor(shape: [2])
    #expect(!values.withMutable { ValueFile.write("/nowhere/at/all", [$0]) })
  }
}
