import Kernels

extension IFMR {
  /// The clipping bounds that a search tries, with their steps.
  struct Candidates {
    /// The fixed lower bound, with an offset; else the negative of each upper bound.
    let low: Float
    private(set) var upper: [Float] = []
    private(set) var scale: [Float] = []
    private(set) var isLegal: [Bool] = []

    /// `ratio_i = from + i * step`; everything in float32, each operation rounded by itself.
    ///
    /// With an offset: `upper = ratio * max`, `scale = (upper - min) / (2^n - 1)`.
    /// Without: `upper = ratio * |A|` with A the larger of max and min by magnitude (a tie takes min),
    /// `scale = upper / lim` with `lim = 2^(n-1) - 1` when A > 0, else `2^(n-1)`. Illegal candidates keep their place.
    ///
    /// - Parameters:
    ///   - max: upper end of the data, >= 0.
    ///   - min: lower end, <= 0.
    /// - Throws: `illegalScale` when no candidate is legal.
    /// - Source: amct-facts 1.3, 2.1.
    init(_ p: Parameters, count: Int, max: Float, min: Float) throws(IFMRError) {
      let scheme = Scheme(numBits: p.numBits)
      let extreme = abs(max) > abs(min) ? max : min
      let limit = extreme > 0 ? Float(scheme.qmax) : -Float(scheme.qmin)
      low = min
      var first: ScaleError?
      for i in 0..<count {
        let ratio = p.searchRange.0 + Float(i) * p.searchStep
        let bound = p.withOffset ? ratio * max : ratio * abs(extreme)
        do throws(ScaleError) {
          scale.append(
            try Scheme.sanitized(p.withOffset ? (bound - min) / Float(scheme.steps) : bound / limit))
          isLegal.append(true)
        } catch {
          if first == nil { first = error }
          scale.append(.nan)
          isLegal.append(false)
        }
        upper.append(bound)
      }
      guard let legal = isLegal.firstIndex(of: true) else {
        throw .illegalScale(first ?? .notANumber, withOffset: p.withOffset)
      }
      // The kernel needs legal numbers everywhere; what it finds for these places is never looked at.
      for i in 0..<count where !isLegal[i] { (scale[i], upper[i]) = (scale[legal], upper[legal]) }
    }

    var count: Int { scale.count }

    var legal: [Int] { isLegal.indices.filter { isLegal[$0] } }

    /// The first legal candidate with the smallest error.
    func best(_ errors: [Float]) -> Int {
      var best: Int?
      for i in errors.indices where isLegal[i] {
        if let b = best, !(errors[i] < errors[b]) { continue }
        best = i
      }
      return best ?? 0
    }
  }
}
