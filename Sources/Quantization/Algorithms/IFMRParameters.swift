extension IFMR {
  /// What a search tries.
  package struct Parameters: Sendable {
    package var numBits: Int
    package var withOffset: Bool
    /// Factors of the clipping bound, from and to.
    package var searchRange: (Float, Float)
    package var searchStep: Float
    /// The part of the values below the maximum, in (0.5, 1].
    package var maxPercentile: Float
    /// The part of the values above the minimum, in (0.5, 1].
    package var minPercentile: Float

    package init(
      numBits: Int = 8, withOffset: Bool = true, searchRange: (Float, Float) = (0.7, 1.3), searchStep: Float = 0.01,
      maxPercentile: Float = 0.999999, minPercentile: Float = 0.999999
    ) {
      self.numBits = numBits
      self.withOffset = withOffset
      self.searchRange = searchRange
      self.searchStep = searchStep
      self.maxPercentile = maxPercentile
      self.minPercentile = minPercentile
    }

    /// More candidates than this are refused: they could only differ in the last bits.
    package static let candidateLimit = 1_000_000

    /// `trunc((to - from) / step + 1)` in float32; 60 for the defaults.
    ///
    /// - Throws: `illegalParameter` when the search cannot be made with these values.
    /// - Source: amct-facts 2.1, step 2.
    package func candidateCount() throws(IFMRError) -> Int {
      let (from, to) = searchRange
      if !Scheme.legalBits.contains(numBits) { throw .illegalParameter("The num_bits must be in range [8, 16]") }
      if !(from > 0) { throw .illegalParameter("search_range[0] must be greater than zero") }
      if !(from < to && to.isFinite) { throw .illegalParameter("search_range[0] must be less than search_range[1]") }
      if !(searchStep > 0) { throw .illegalParameter("The search_step must be greater than zero") }
      for (name, value) in [("max", maxPercentile), ("min", minPercentile)] where !(value > 0.5 && value <= 1) {
        throw .illegalParameter("The \(name)_percentile must be greater than 0.5 and less than or equal to 1.0")
      }
      let count = (to - from) / searchStep + 1
      if !(count <= Float(Self.candidateLimit)) {
        throw .illegalParameter("The search_step \(searchStep) makes more than \(Self.candidateLimit) candidates")
      }
      return Int(count)
    }

    /// The rank that a percentile means among `count` values: 1 is the extreme itself.
    ///
    /// `count - floor(percentile * count)`, the product in float32, at least 1.
    /// - Source: amct-facts 2.1, step 1.
    static func rank(_ percentile: Float, of count: Int) -> Int {
      if abs(Double(percentile) - 1) < .ulpOfOne { return 1 }
      return min(max(count - Int((percentile * Float(count)).rounded(.down)), 1), count)
    }
  }
}
