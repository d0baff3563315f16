import Quantization
import Tensors
import Testing

/// Learnt ranges and shift searches as the published C++ algorithm library computes them: a dozen cases of each in
/// `Goldens`, and all others beside the package. All must agree bit for bit.
@Suite("Library goldens") struct LibraryGoldenTests {
  struct Learnt: Decodable {
    struct Case: Decodable {
      let name: String
      let input: GoldenInput
      let inputFnv: String?
      let clipMax, clipMin: Float
      let fixedMin: Bool
      let results: [Outcome]
    }
    struct Outcome: Decodable {
      let numBits: Int
      let scaleBits: String
      let lowInt, offsetRecord: Int
      let clipLo, clipHi: Float
      let outFnv, codesFnv: String
    }
    struct Check: Decodable {
      struct Pair: Decodable { let max, min, prevMax, prevMin: Float }
      let input: Pair
      let out: Pair
      let flip: Bool

      enum CodingKeys: String, CodingKey {
        case input = "in"
        case out, flip
      }
    }
    let cases: [Case]
    let clipCheck: [Check]
  }

  @Test func `learnt clipping gives the library's grid and values`() throws {
    let cases = try AlgorithmGoldens.sets(Learnt.self, "ulq.json").flatMap(\.cases)
    #expect(cases.count >= 12)
    for c in cases where (c.input.n ?? 0) <= AlgorithmGoldens.sizeLimit {
      let x = c.input.make()
      if let want = c.inputFnv { try #require(fnv(x) == want, "input of \(c.name)") }
      for r in c.results {
        let label: Comment = "\(c.name), \(r.numBits) bits"
        let grid = try ULQ.Grid(
          clipMin: c.clipMin, clipMax: c.clipMax, fixedMin: c.fixedMin, numBits: r.numBits)
        #expect(String(grid.scale.bitPattern, radix: 16) == r.scaleBits, label)
        #expect(grid.lowInt == r.lowInt && grid.offset == r.offsetRecord, label)
        #expect(grid.clipLow == r.clipLo && grid.clipHigh == r.clipHi, label)
        let y = x.map(grid.fakeQuantized)
        #expect(fnvOfValues(y) == r.outFnv, label)
        let codes = y.map { Int16(($0 / grid.scale).rounded(.toNearestOrEven)) + Int16(grid.offset) }
        #expect(fnv(codes) == r.codesFnv, label)
      }
    }
  }

  @Test func `a bad learnt range is repaired as the library does`() throws {
    for c in try AlgorithmGoldens.sets(Learnt.self, "ulq.json").flatMap(\.clipCheck) {
      var range = ULQ.ClipRange(max: c.input.max, min: c.input.min, lastMax: c.input.prevMax, lastMin: c.input.prevMin)
      let wasEmpty = range.check()
      #expect(wasEmpty == c.flip, "\(c.input)")
      #expect(
        range == ULQ.ClipRange(max: c.out.max, min: c.out.min, lastMax: c.out.prevMax, lastMin: c.out.prevMin),
        "\(c.input)")
    }
  }

  struct Shifts: Decodable {
    struct Case: Decodable {
      let name: String
      let channels: Int
      let input: GoldenInput
      let deqScale: [Float]
      let s32Fnv: String
      let nV2: [Int]
      let nV2Tensor: Int

    }
    let cases: [Case]
  }

  @Test func `shift searches find the library's shifts`() throws {
    let cases = try AlgorithmGoldens.sets(Shifts.self, "searchn.json").flatMap(\.cases)
    #expect(cases.count >= 12)
    for c in cases {
      let values = c.input.make()
      let y = Tensor(shape: [values.count], values)
      let length = values.count / c.channels
      let s32 = (0..<c.channels).flatMap {
        let (row, deq) = ($0, c.deqScale[c.deqScale.count == 1 ? 0 : $0])
        return y.withView { SearchN.accumulators($0.slice(row * length, length), deq: deq) }
      }
      #expect(fnv(s32) == c.s32Fnv, "\(c.name)")
      let found = y.withView { SearchN.search($0, rows: c.channels, deq: c.deqScale) }
      #expect(found.perRow == c.nV2 && found.tensor == c.nV2Tensor, "\(c.name)")
    }
  }
}
