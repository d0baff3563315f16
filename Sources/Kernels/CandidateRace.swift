import CKernels
import Tensors

/// Finds the candidate whose `CandidateErrors` sum is smallest without adding up all of them in data order.
///
/// Counts of the values by bin give each candidate a floor: a number that its float32 sum, drift included, passes unless
/// it is above a bound. The few candidates with the lowest floors are summed; the least of their sums is the bound, and
/// whoever's floor is above it cannot win. The others are summed as well. A sum is known up to the terms halfway between
/// two floats, whose rounding depends on the order; only where that leaves the winner open, all values are added in
/// order.
package struct CandidateRace: Sendable {
  private let scale: [Float]
  private let upper: [Float]
  private let clip: CandidateErrors.Clip
  private let divisor: Float
  private let instructionSet: CandidateErrors.InstructionSet
  private let parallel: Parallel
  private let segments: [ActivationSegment]
  private let parts: [ActivationSegment.Part]
  private let largestPart: Int

  /// Candidates summed before the bound is known.
  private static let favourites = 4
  private static let binCount = 1 << 15
  private static let partSize = 1 << 15
  /// Fewer values are summed faster than looked at slice by slice.
  private static let leastSlicedElements: Float = 3e6
  /// Fewer values are summed faster than sorted out.
  private static let leastElements = 1 << 17

  /// Whether floors are worth their time: bins must be much finer than steps.
  package static func pays(elements: Int, steps: Int, instructionSet: CandidateErrors.InstructionSet = .best) -> Bool {
    elements >= leastElements && elements <= 1 << 30 && steps <= 1 << 9 && instructionSet != .portable
  }

  /// - Parameters: as for `CandidateErrors`.
  package init(
    scale: [Float], upper: [Float], clip: CandidateErrors.Clip, _ segments: [ActivationSegment], _ parallel: Parallel,
    instructionSet: CandidateErrors.InstructionSet = .best
  ) {
    precondition(!scale.isEmpty && scale.count == upper.count, "one upper bound for each of the steps")
    self.scale = scale
    self.upper = upper
    self.clip = clip
    self.parallel = parallel
    self.instructionSet = instructionSet
    self.segments = segments
    divisor = Float(segments.reduce(0) { $0 + $1.view.count })
    parts = segments.flatMap { $0.parts(of: Self.partSize) }
    largestPart = parts.map(\.count).max() ?? 0
  }

  /// The first candidate with the smallest sum.
  ///
  /// - Parameters:
  ///   - contenders: the candidates that count, in order of index; not empty.
  ///   - range: smallest and largest value of the data.
  package func winner(_ contenders: [Int], range: (min: Float, max: Float)) -> Int {
    guard contenders.count > Self.favourites, let bins = Self.bins(range) else {
      return winner(among: estimates(contenders))
    }
    let table = BinTable(segments, bins, parallel)
    let rough = roughBound(contenders, table)
    let guess = floors(contenders, table, bound: rough)
    let order = contenders.indices.sorted { (guess[$0], $0) < (guess[$1], $1) }.map { contenders[$0] }
    var known = estimates(Array(order.prefix(Self.favourites)))
    let bound = known.map(\.high).reduce(.infinity, min)
    var others = order.dropFirst(Self.favourites).sorted()
    // Floors for another bound of the same binade are the same.
    let isRough = ck_binade(bound) == ck_binade(rough)
    let first =
      isRough
      ? others.map { other in contenders.firstIndex(of: other).map { guess[$0] } ?? 0 }
      : floors(others, table, bound: bound)
    // Not "floor <= bound": a floor that is not a number proves nothing.
    others = zip(others, first).filter { !($0.1 > Double(bound)) }.map(\.0)
    if divisor >= Self.leastSlicedElements {
      let second = floors(others, table, bound: bound, slicewise: true)
      others = zip(others, second).filter { !($0.1 > Double(bound)) }.map(\.0)
    }
    known += estimates(others)
    return winner(among: known)
  }

  private func winner(among known: [Estimate]) -> Int {
    let bound = known.map(\.high).reduce(.infinity, min)
    let open = known.filter { !($0.low > bound) }.sorted { $0.candidate < $1.candidate }
    if open.count == 1 { return open[0].candidate }
    let exact = open.allSatisfy { $0.low == $0.high } ? open : sums(open.map(\.candidate))
    var best = exact[0]
    for other in exact where other.low < best.low { best = other }
    return best.candidate
  }

  // MARK: floors

  /// Numbers that the sums of `candidates` pass, each unless it is above `bound`.
  package func floors(
    _ candidates: [Int], range: (min: Float, max: Float), bound: Float, slicewise: Bool
  ) -> [Double] {
    guard let bins = Self.bins(range) else { return candidates.map { _ in 0 } }
    return floors(candidates, BinTable(segments, bins, parallel), bound: bound, slicewise: slicewise)
  }

  /// `nil` for ranges that float32 cannot cut finely.
  private static func bins(_ range: (min: Float, max: Float)) -> ck_bins? {
    let low = min(range.min, 0)
    let width = (max(range.max, 0) - low) / Float(binCount - 1)
    return width > 1e-30 && width < 1e30 ? ck_bins(low: low, width: width, bins: UInt32(binCount)) : nil
  }

  /// About the smallest sum: where floors are a good guess.
  private func roughBound(_ contenders: [Int], _ table: BinTable) -> Float {
    // With a small unit, floors are the sums without drift, less what the bins leave open.
    let range = table.bins.width * Float(table.bins.bins)
    let some = stride(from: 0, to: contenders.count, by: max(1, contenders.count / 8)).map { contenders[$0] }
    return floors(some, table, bound: range * range * 0x1p-44).min().map { Float($0) } ?? 0
  }

  /// - Parameter slicewise: closer floors, because what a sum can be before and after a slice tells its unit there.
  private func floors(_ candidates: [Int], _ table: BinTable, bound: Float, slicewise: Bool = false) -> [Double] {
    var out = [Double](repeating: 0, count: candidates.count)
    // Entering binades may cost a sum so much altogether.
    let allowance = Double(ck_binade(bound)) * 0x1p-21
    withSearch { search in
      parallel.update(&out) { i, floor in
        var (search, bins) = (search.value, table.bins)
        let which = UInt32(candidates[i])
        if slicewise {
          var gains = table.slices.map { $0.withTaken { ck_ifmr_floor($0, &bins, &search, which, bound, 0) } }
          // Twice, as closer gains of the later slices tell more of the earlier ones.
          for _ in 0..<2 where !(floor > Double(bound)) {
            floor = 0
            var later = gains.reduce(0, +)
            for (k, slice) in table.slices.enumerated() {
              // If the final sum is at most `bound`, the one after this slice is that less what later ones add.
              later -= gains[k]
              let ceiling = Float(Double(bound) - later + 2 * allowance).nextUp
              let top = min(bound, max(ceiling, bound * 0x1p-20))
              gains[k] = slice.withTaken { ck_ifmr_floor($0, &bins, &search, which, top, floor) }
              floor += gains[k]
            }
          }
        } else {
          floor = table.all.withTaken { ck_ifmr_floor($0, &bins, &search, which, bound, 0) }
        }
        floor -= allowance
      }
    }
    return out
  }

  // MARK: sums

  /// What is known of the float32 sum of a candidate: it is not outside `low...high`.
  package struct Estimate: Sendable {
    package let candidate: Int
    package fileprivate(set) var low: Float = 0
    package fileprivate(set) var high: Float = 0
  }

  /// Threads share the candidates and meet at the end only.
  private func shared(_ candidates: [Int], _ body: @Sendable (inout [Estimate], Search) -> Void) -> [Estimate] {
    if candidates.isEmpty { return [] }
    let count = min(parallel.threads, candidates.count)
    var shares = (0..<count).map { share in
      stride(from: share, to: candidates.count, by: count).map { Estimate(candidate: candidates[$0]) }
    }
    withSearch { search in parallel.update(&shares) { _, share in body(&share, search) } }
    return shares.flatMap(\.self)
  }

  /// Sums up to halfway terms.
  package func estimates(_ candidates: [Int]) -> [Estimate] {
    shared(candidates) { share, search in
      let room = TensorStorage(uninitialized: largestPart)
      for part in parts { add(part, search, room, to: &share) }
    }
  }

  /// Sums as one float32 accumulator gives them.
  package func sums(_ candidates: [Int]) -> [Estimate] {
    shared(candidates) { share, search in
      var search = search.value
      let room = TensorStorage(uninitialized: largestPart)
      let which = share.map { UInt32($0.candidate) }
      var sums = [Float](repeating: 0, count: share.count)
      for part in parts {
        let x = part.inOrder(room)
        ck_ifmr_add_in_order(x.pointer, x.count, &search, which, which.count, &sums, instructionSet.rawValue)
      }
      for (i, sum) in sums.enumerated() { (share[i].low, share[i].high) = (sum, sum) }
    }.sorted { $0.candidate < $1.candidate }
  }

  private func add(_ part: ActivationSegment.Part, _ search: Search, _ room: TensorStorage, to share: inout [Estimate])
  {
    var (search, rows) = (search.value, part.rows)
    let which = share.map { UInt32($0.candidate) }
    var made = [Int64](repeating: 0, count: share.count)
    var halfway = made
    ck_ifmr_steps(&rows, &search, which, which.count, share.map(\.low), &made, &halfway, instructionSet.rawValue)
    // What has to be added in order: the low ends, and the high ends that differ.
    var (late, lateSums): ([(index: Int, isHigh: Bool)], [Float]) = ([], [])
    for (i, sum) in share.enumerated() {
      let inside = Int64(sum.high.significandBitPattern) + made[i] + halfway[i]
      if made[i] >= 0, sum.low.exponentBitPattern == sum.high.exponentBitPattern, inside < 1 << 23 {
        // Bit patterns of one binade count its units.
        share[i].low = Float(bitPattern: sum.low.bitPattern + UInt32(made[i]))
        share[i].high = Float(bitPattern: sum.high.bitPattern + UInt32(made[i] + halfway[i]))
        continue
      }
      late.append((i, false))
      lateSums.append(sum.low)
      if sum.low != sum.high {
        late.append((i, true))
        lateSums.append(sum.high)
      }
    }
    if late.isEmpty { return }
    let x = part.inOrder(room)
    ck_ifmr_add_in_order(
      x.pointer, x.count, &search, late.map { which[$0.index] }, late.count, &lateSums, instructionSet.rawValue)
    // The low end comes first, and is both where there is one.
    for (end, sum) in zip(late, lateSums) {
      if !end.isHigh { share[end.index].low = sum }
      share[end.index].high = sum
    }
  }

  private struct Search: @unchecked Sendable {
    // Sendable: only read.
    let value: ck_ifmr
  }

  private func withSearch(_ body: (Search) -> Void) {
    let (low, symmetric): (Float, Int32) =
      switch clip {
      case .from(let low): (low, 0)
      case .symmetric: (0, 1)
      }
    scale.withUnsafeBufferPointer { scale in
      upper.withUnsafeBufferPointer { upper in
        guard let scale = scale.baseAddress, let upper = upper.baseAddress else { return }
        body(
          Search(
            value: ck_ifmr(
              scale: scale, high: upper, error: nil, candidates: self.scale.count, low: low, count: divisor,
              symmetric: symmetric)))
      }
    }
  }
}
