import Kernels
import Quantization
import Tensors
import Testing

/// Every answer is compared with the plain sums of all candidates, which `CandidateErrorsTests` checks by the definition.
@Suite("Candidate race") struct CandidateRaceTests {
  /// One search of 60 candidates over three images of 40 x 1750 values.
  private struct Case {
    static let (images, channels, pixels) = (3, 40, 1750)
    /// In C order.
    let data: Tensor
    /// The same values, channels last.
    let turned: Tensor
    let scale: [Float]
    let upper: [Float]
    let clip: CandidateErrors.Clip
    let range: (min: Float, max: Float)
    let sums: [Float]

    init(_ kind: DataKind, symmetric: Bool, seed: UInt64) {
      let (images, channels, pixels) = (Self.images, Self.channels, Self.pixels)
      let values = kind.values(images * channels * pixels, seed: seed)
      data = Tensor(shape: [values.count], values)
      turned = Tensor(
        shape: [values.count],
        (0..<values.count).map { i in
          let (image, rest) = i.quotientAndRemainder(dividingBy: channels * pixels)
          return values[image * channels * pixels + rest % channels * pixels + rest / channels]
        })
      range = (values.min() ?? 0, values.max() ?? 0)
      // As in most data, the ends are beyond nearly all values.
      let top = max(range.max, 0)
      upper = (0..<60).map { (0.7 + Float($0) * 0.01) * top }
      let low = min(range.min, 0)
      scale = upper.map { symmetric ? $0 / 127 : ($0 - low) / 255 }
      clip = symmetric ? .symmetric : .from(low)
      var errors = CandidateErrors(scale: scale, upper: upper, clip: clip, elements: values.count)
      errors.add([data.view], Parallel(threads: 1))
      sums = errors.sums
    }

    /// The data in one order or the other, cut in two, or half in one order and half in the other.
    var ways: [(String, [ActivationSegment])] {
      let order = ActivationSegment.Order.channelsLast(channels: Self.channels, pixels: Self.pixels)
      let image = Self.channels * Self.pixels
      return [
        ("plain", [ActivationSegment(data.view.slice(0, 777)), .init(data.view.slice(777, data.count - 777))]),
        ("channels last", [ActivationSegment(turned.view, order: order)]),
        (
          "both",
          [
            ActivationSegment(data.view.slice(0, image)),
            .init(turned.view.slice(image, data.count - image), order: order),
          ]
        ),
      ]
    }

    func race(_ segments: [ActivationSegment], threads: Int, _ set: CandidateErrors.InstructionSet) -> CandidateRace {
      CandidateRace(
        scale: scale, upper: upper, clip: clip, segments, Parallel(threads: threads), instructionSet: set)
    }

    var best: Int { sums.indices.reduce(0) { sums[$1] < sums[$0] ? $1 : $0 } }
  }

  @Test(arguments: DataKind.allCases, [false, true])
  func `the winner and all sums are those of the definition, in any order of memory`(
    _ kind: DataKind, _ symmetric: Bool
  ) {
    let c = Case(kind, symmetric: symmetric, seed: 71)
    defer { withExtendedLifetime(c) {} }
    let all = Array(0..<60)
    for (way, segments) in c.ways {
      for set in CandidateErrors.InstructionSet.available where set != .portable {
        let race = c.race(segments, threads: 3, set)
        #expect(race.winner(all, range: c.range) == c.best, "\(kind) \(way) \(set)")
        let exact = race.sums(all)
        #expect(exact.map(\.candidate) == all)
        #expect(exact.map(\.low.bitPattern) == c.sums.map(\.bitPattern), "\(kind) \(way) \(set)")
        let estimates = race.estimates(all)
        #expect(estimates.count == 60)
        for e in estimates {
          #expect(e.low <= c.sums[e.candidate] && c.sums[e.candidate] <= e.high, "\(kind) \(way) \(set) \(e)")
          // 2^-10 is far above what halfway terms leave open, and far below what a lost value or part would.
          #expect(e.high <= e.low * (1 + 0x1p-10) || !e.high.isFinite, "\(kind) \(way) \(set) \(e)")
        }
      }
    }
  }

  @Test(arguments: DataKind.allCases, [false, true])
  func `no floor is above a sum that the bound covers`(_ kind: DataKind, _ slicewise: Bool) {
    let c = Case(kind, symmetric: false, seed: 5)
    defer { withExtendedLifetime(c) {} }
    let all = Array(0..<60)
    let race = c.race(c.ways[1].1, threads: 1, .best)
    for place in [0, 20, 40, 59] {
      // Units from fine ones to some larger than most terms.
      for factor in [1, 1.5, 30, 1000] as [Float] {
        let bound = c.sums[place] * factor
        for (floor, sum) in zip(
          race.floors(all, range: c.range, bound: bound, slicewise: slicewise), c.sums) where sum <= bound
        {
          #expect(floor <= Double(sum), "\(kind) \(bound)")
        }
      }
    }
  }

  @Test func `floors tell most candidates apart`() {
    // Otherwise the race is right, but no faster.
    for kind in [DataKind.signed, .rectified] {
      let c = Case(kind, symmetric: false, seed: 9)
      defer { withExtendedLifetime(c) {} }
      let least = c.sums[c.best]
      let floors = c.race(c.ways[0].1, threads: 1, .best).floors(
        Array(0..<60), range: c.range, bound: least, slicewise: false)
      #expect(floors.count { $0 > Double(least) } > 40, "\(kind)")
      #expect(floors[c.best] > 0.9 * Double(least))
    }
  }

  #if !DEBUG
    @Test func `slices bring the floors of long drifting sums nearer`() {
      // Terms of a sum over 8 million values are about as large as its unit.
      let x = Tensor(shape: [8_000_000], DataKind.signed.values(8_000_000, seed: 77))
      defer { withExtendedLifetime(x) {} }
      let upper = (0..<32).map { 1.2 + Float($0) * 0.02 }, scale = upper.map { ($0 + 1.5) / 255 }
      var errors = CandidateErrors(scale: scale, upper: upper, clip: .from(-1.5), elements: x.count)
      errors.add([x.view], Parallel(threads: 2))
      let all = Array(0..<32)
      let race = CandidateRace(
        scale: scale, upper: upper, clip: .from(-1.5), [ActivationSegment(x.view)], Parallel(threads: 2))
      let (low, high) = x.array.reduce(into: (Float(0), Float(0))) { ($0.0, $0.1) = (min($0.0, $1), max($0.1, $1)) }
      let best = errors.sums.indices.reduce(0) { errors.sums[$1] < errors.sums[$0] ? $1 : $0 }
      #expect(race.winner(all, range: (low, high)) == best)
      #expect(race.sums(all).map(\.low.bitPattern) == errors.sums.map(\.bitPattern))
      for bound in [errors.sums[best], errors.sums[best] * 1.1, errors.sums[best] * 2] {
        let plain = race.floors(all, range: (low, high), bound: bound, slicewise: false)
        let sliced = race.floors(all, range: (low, high), bound: bound, slicewise: true)
        for (i, sum) in errors.sums.enumerated() where sum <= bound {
          // The products of terms and counts are rounded, and there are more of them.
          #expect(plain[i] * (1 - 1e-6) <= sliced[i] && sliced[i] <= Double(sum))
        }
        if bound == errors.sums[best] {
          #expect(sliced[best] > 0.85 * Double(bound), "\(plain[best]) \(sliced[best]) of \(bound)")
        }
      }
    }
  #endif

  @Test func `sums full of halfway terms stay within what is known, and the first of equals wins`() {
    // In steps of 1 up to 255, 767 errs by 512, whose square is 2^18: divided by 2^18, the sum starts with 1, and its
    // unit is 2^-23. 0.875 errs by 1/8: 2^-6 / 2^18, half a unit. A sum that is even stays, so it ends as 1, though half
    // of the 2^18 values could have made it larger. Up to 200, the first error is 567, and the sum is at least 1.2.
    let count = 1 << 18
    let x = Tensor(shape: [count], (0..<count).map { $0 == 0 ? 767 : $0 % 2 == 0 ? 0.875 : 3 })
    defer { withExtendedLifetime(x) {} }
    let scale = [Float](repeating: 1, count: 8), upper: [Float] = [255, 255, 255, 255, 255, 255, 200, 200]
    var errors = CandidateErrors(scale: scale, upper: upper, clip: .from(0), elements: count)
    errors.add([x.view], Parallel(threads: 1))
    let race = CandidateRace(
      scale: scale, upper: upper, clip: .from(0), [ActivationSegment(x.view)], Parallel(threads: 2))
    #expect(race.winner(Array(2..<8), range: (0, 767)) == 2)
    #expect(race.sums(Array(0..<8)).map(\.low) == errors.sums)
    #expect(race.sums([0]).map(\.low) == [1])
    #expect(race.estimates([0]).allSatisfy { $0.low == 1 && $0.high > 1.01 && $0.high < 1.02 })
  }

  @Test func `small data and fine steps are left to the plain way`() {
    #expect(!CandidateRace.pays(elements: 1000, steps: 255))
    #expect(!CandidateRace.pays(elements: 1 << 20, steps: 65535))
    #expect(!CandidateRace.pays(elements: 1 << 20, steps: 255, instructionSet: .portable))
  }
}
