import Kernels
import Tensors

/// Searches the step and offset of an activation: the clipping bound whose quantization error is smallest.
///
/// The data's ends are order statistics (percentiles), made to include 0. Candidates scale the upper end, or both ends
/// without an offset; each one's error is the mean of `(round(clip(x) / s) * s - x)^2` as one float32 accumulator
/// sums it in data order, so that the same candidate wins as in the original. The first of equal errors wins.
/// - Source: amct-facts 2.1.
package enum IFMR {
  package struct Result: Sendable, Hashable, Codable {
    package var scale: Float
    package var offset: Int
    package var candidates: Int
    /// Index of the winner.
    package var best: Int
    /// The winner's clipping bounds.
    package var clipMin: Float
    package var clipMax: Float
    /// Smallest and largest value seen.
    package var rangeMin: Float
    package var rangeMax: Float
    /// The data's ends after percentile and zero crossing.
    package var percentileMin: Float
    package var percentileMax: Float
    let numBits: Int

    /// Mean squared error of data quantized with these factors, summed in double.
    package func meanSquaredError(_ segments: [FloatView], threads: Int) -> Double {
      FakeQuantizer(DataFactors(Scheme(numBits: numBits), scale: scale, offset: offset))
        .meanSquaredError(segments, threads: threads)
    }
  }

  /// - Parameters:
  ///   - segments: their concatenation is the data; nothing is copied.
  ///   - threads: how many may work; the result doesn't depend on it.
  ///   - progress: called on the calling thread with the number of values done and all values.
  /// - Throws: when the data are empty, infinite or not a number, no candidate is legal, or a parameter is senseless.
  package static func search(
    _ segments: [FloatView], _ p: Parameters, threads: Int, progress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws(IFMRError) -> Result {
    try search(segments.map { ActivationSegment($0) }, p, threads: threads, progress: progress)
  }

  /// As above; segments may lie in memory in another order than the data's.
  package static func search(
    _ segments: [ActivationSegment], _ p: Parameters, threads: Int,
    progress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws(IFMRError) -> Result {
    let count = try p.candidateCount()
    let views = segments.map(\.view)
    let total = views.reduce(0) { $0 + $1.count }
    if total == 0 { throw .noData }
    let parallel = Parallel(threads: threads)
    let data = OrderStatistics(
      views, largest: Parameters.rank(p.maxPercentile, of: total),
      smallest: Parameters.rank(p.minPercentile, of: total), parallel)
    if data.hasNaN { throw .notANumberData }
    if data.hasInfinity { throw .infiniteData }
    let (max, min) = (Swift.max(data.largest, 0), Swift.min(data.smallest, 0))
    let candidates = try Candidates(p, count: count, max: max, min: min)
    let scheme = Scheme(numBits: p.numBits)
    let best: Int
    if CandidateRace.pays(elements: total, steps: scheme.steps) {
      let race = CandidateRace(
        scale: candidates.scale, upper: candidates.upper, clip: p.withOffset ? .from(candidates.low) : .symmetric,
        segments, parallel)
      best = race.winner(candidates.legal, range: (data.min, data.max))
      progress?(total, total)
    } else {
      let ordered = ActivationSegment.inOrder(segments, parallel)
      best = candidates.best(errors(of: candidates, ordered.views, total, p, parallel, progress))
      withExtendedLifetime(ordered.copies) {}
    }

    let scale = candidates.scale[best]
    let offset = p.withOffset ? -Int((min / scale).rounded(.toNearestOrAwayFromZero)) + scheme.qmin : 0
    return Result(
      scale: scale, offset: offset, candidates: count, best: best,
      clipMin: p.withOffset ? min : -candidates.upper[best], clipMax: candidates.upper[best], rangeMin: data.min,
      rangeMax: data.max, percentileMin: min, percentileMax: max, numBits: p.numBits)
  }

  /// About this many candidate errors are computed between two progress calls.
  private static let errorsPerRound = 500_000_000

  private static func errors(
    of candidates: Candidates, _ segments: [FloatView], _ total: Int, _ p: Parameters, _ parallel: Parallel,
    _ progress: ((Int, Int) -> Void)?
  ) -> [Float] {
    var errors = CandidateErrors(
      scale: candidates.scale, upper: candidates.upper, clip: p.withOffset ? .from(candidates.low) : .symmetric,
      elements: total)
    let rounds = Pieces(segments, size: max(4096, errorsPerRound / candidates.count))
    var done = 0
    for i in 0..<rounds.count {
      errors.add(rounds[i], parallel)
      done += rounds[i].reduce(0) { $0 + $1.count }
      progress?(done, total)
    }
    return errors.sums
  }
}
