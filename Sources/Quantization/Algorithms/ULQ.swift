/// The learnt clipping range of an activation in retraining, and the grid it stands for.
///
/// - Source: amct-facts 2.7.
package enum ULQ {
  /// `scale = (clip_max - clip_min) / (2^n - 1)`, `lowInt = round(clip_min / scale)`, all in float32.
  package struct Grid: Hashable, Sendable {
    package let scheme: Scheme
    package let scale: Float
    /// The lowest grid point in steps; round = half away from zero.
    package let lowInt: Int

    /// - Parameter fixedMin: takes 0 for `clipMin`, as after a ReLU.
    /// - Throws: `ScaleError` when the range is empty, reversed or not finite.
    package init(clipMin: Float, clipMax: Float, fixedMin: Bool = false, numBits: Int) throws(ScaleError) {
      let clipMin = fixedMin ? 0 : clipMin
      scheme = Scheme(numBits: numBits)
      scale = (clipMax - clipMin) / Float(scheme.steps)
      let low = (clipMin / scale).rounded(.toNearestOrAwayFromZero)
      guard scale > 0, scale.isFinite, let lowInt = Int(exactly: low), abs(lowInt) <= 1 << 24 else {
        throw scale == .infinity ? .infinite : .notANumber
      }
      self.lowInt = lowInt
    }

    /// The offset that a record stores.
    package var offset: Int { -lowInt + scheme.qmin }
    /// Grid points at the ends; the upper one may lie beyond `clip_max` by up to half a step.
    package var clipLow: Float { scale * Float(lowInt) }
    package var clipHigh: Float { scale * Float(lowInt + scheme.steps) }

    /// `rint(clip(x, clipLow, clipHigh) / scale) * scale`; rint = half to even.
    package func fakeQuantized(_ x: Float) -> Float {
      let clipped = x < clipLow ? clipLow : x > clipHigh ? clipHigh : x
      return (clipped / scale).rounded(.toNearestOrEven) * scale
    }
  }

  /// The clipping range as it is learnt: what the last good one was, and repair of a bad one.
  package struct ClipRange: Hashable, Sendable {
    package var max: Float
    package var min: Float
    package private(set) var lastMax: Float
    package private(set) var lastMin: Float

    package init(max: Float, min: Float, lastMax: Float, lastMin: Float) {
      (self.max, self.min, self.lastMax, self.lastMin) = (max, min, lastMax, lastMin)
    }

    /// Puts back the last good pair where the range is empty, or the last good end where one is on the wrong side of 0;
    /// the good end is remembered all the same.
    ///
    /// - Returns: whether the range was empty or reversed.
    package mutating func check() -> Bool {
      if max <= min {
        (max, min) = (lastMax, lastMin)
        return true
      }
      if max < 0 {
        max = lastMax
        lastMin = min
      } else if min > 0 {
        min = lastMin
        lastMax = max
      } else {
        (lastMax, lastMin) = (max, min)
      }
      return false
    }
  }
}
