import Tensors
import Testing

@testable import Engine

@Suite struct ArenaPlacementTests {
  private typealias Extent = ArenaPlacement.Extent

  @Test func `buffers that are never live together share memory`() {
    // Each lives one step longer than its successor begins: two places of 64 bytes serve the chain.
    let chain = (0..<6).map { Extent(bytes: 64, first: $0, last: $0 + 1) }
    let (offsets, bytes) = ArenaPlacement.place(chain)
    #expect(bytes == 128)
    #expect(offsets == [0, 64, 0, 64, 0, 64])
  }

  @Test func `sizes are rounded up to 64 bytes and empty buffers take nothing`() {
    let (offsets, bytes) = ArenaPlacement.place([
      Extent(bytes: 1, first: 0, last: 9), Extent(bytes: 0, first: 0, last: 9), Extent(bytes: 65, first: 0, last: 9),
    ])
    // Largest first: 65 takes 128 bytes at 0, 1 takes 64 behind it.
    #expect(offsets == [128, 0, 0])
    #expect(bytes == 192)
  }

  @Test func `a kept buffer is live to the end`() {
    let (offsets, bytes) = ArenaPlacement.place([
      Extent(bytes: 64, first: 0, last: .max), Extent(bytes: 64, first: 5, last: 6),
      Extent(bytes: 64, first: 9, last: 9),
    ])
    #expect(offsets == [0, 64, 64])
    #expect(bytes == 128)
  }

  @Test(arguments: 1...50)
  func `live buffers never overlap`(_ seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let extents = (0..<60).map { _ in
      let first = Int(random.next() % 40) - 1
      let kept = random.next() % 10 == 0
      return Extent(
        bytes: Int(random.next() % 2000), first: first, last: kept ? .max : first + Int(random.next() % 12))
    }
    let (offsets, bytes) = ArenaPlacement.place(extents)
    for i in extents.indices {
      #expect(offsets[i] >= 0 && offsets[i] % 64 == 0, "seed \(seed), buffer \(i)")
      #expect(offsets[i] + extents[i].bytes <= bytes, "seed \(seed), buffer \(i)")
      for k in 0..<i {
        let live = extents[i].first <= extents[k].last && extents[k].first <= extents[i].last
        let apart = offsets[i] + extents[i].bytes <= offsets[k] || offsets[k] + extents[k].bytes <= offsets[i]
        let bothHold = extents[i].bytes > 0 && extents[k].bytes > 0
        #expect(!live || apart || !bothHold, "seed \(seed): buffers \(i) and \(k) overlap")
      }
    }
  }
}
