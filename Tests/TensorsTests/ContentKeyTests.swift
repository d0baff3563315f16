import Testing

@testable import Tensors

@Suite("Content key") struct ContentKeyTests {
  /// Made by the Python package xxhash 4.1.0: `xxhash.xxh3_128_hexdigest(bytes)`.
  @Test(
    arguments: [
      ([], "99aa06d3014798d86001c324468d497f"), (Array("cortado".utf8), "fcdcc18902c3a2edabf8e9a8e5c3f257"),
      (Array(0...255), "f1f8a93f50849ac39408a4433b952d71"),
    ] as [([UInt8], String)])
  func `of memory is XXH3`(_ bytes: [UInt8], _ hex: String) {
    #expect(bytes.withUnsafeBytes { ContentKey(of: $0).description } == hex)
  }

  private func key(_ body: (borrowing ContentHasher) -> Void) -> ContentKey {
    let hasher = ContentHasher("test")
    body(hasher)
    return hasher.key
  }

  @Test func `parts do not run into each other`() {
    #expect(
      key {
        $0.add("ab"); $0.add("c")
      }
        != key {
          $0.add("a"); $0.add("bc")
        })
    #expect(
      key {
        $0.add("ab"); $0.add("c")
      }
        == key {
          $0.add("ab"); $0.add("c")
        })
    #expect(ContentHasher("a").key != ContentHasher("b").key)
  }

  @Test func `of a tensor tells shapes and bits apart`() {
    let tensors = [
      Tensor(shape: [2, 3], repeating: 1), Tensor(shape: [3, 2], repeating: 1), Tensor(shape: [6], repeating: 1),
      Tensor(shape: [6], repeating: 0), Tensor(shape: [6], repeating: -0.0),
    ]
    #expect(Set(tensors.map { tensor in key { $0.add(tensor) } }).count == tensors.count)
  }

  @Test func `grows part by part`() {
    let hasher = ContentHasher("test")
    hasher.add(1)
    let first = hasher.key
    hasher.add(2)
    #expect(hasher.key != first)
    #expect(
      hasher.key
        == key {
          $0.add(1); $0.add(2)
        })
  }
}
