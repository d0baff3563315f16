import Kernels
import Tensors

/// What stands where a recurrent layer's state goes into its matrices: nothing, a quantizer, or somebody who looks.
struct StateTap {
  /// Quantizes the values and back.
  var rounding: Rounding?
  /// Takes the values as they come, in order of time: `[T * perStep, N, D]`.
  var kept: MutableFloatView?
  /// How many times a step feeds values of all streams to matrices.
  let perStep: Int

  /// Lets the values of all streams through, `[N, D]`.
  /// - Parameters:
  ///   - time: the step.
  ///   - turn: which of the step's times it is, from 0.
  func pass(_ values: [Double], at time: Int, turn: Int = 0) -> [Double] {
    if let kept {
      let start = (time * perStep + turn) * values.count
      for (i, value) in values.enumerated() { kept[start + i] = Float(value) }
    }
    guard let rounding else { return values }
    return values.map { value in
      let code = (Float(value) / rounding.scale).rounded(.toNearestOrAwayFromZero)
      return code.isNaN ? 0 : Double(min(max(code, Float(rounding.low)), Float(rounding.high)) * rounding.scale)
    }
  }
}
