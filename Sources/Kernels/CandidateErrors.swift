import CKernels
import Tensors

/// The running errors of all candidates of one activation search.
///
/// `error[i] = sum_j (round(clip(x_j) / s_i) * s_i - x_j)^2 / L` with round = half away from zero, as one float32
/// accumulator per candidate sums it in data order: bit for bit, whatever the machine and the number of threads.
package struct CandidateErrors: Sendable {
  /// What the machine must have; every set gives the same bits.
  package enum InstructionSet: Int32, CaseIterable, Sendable {
    case portable, fusedMultiplyAdd, avx512

    package static var best: InstructionSet { InstructionSet(rawValue: ck_best_isa()) ?? .portable }
    package static var available: [InstructionSet] { allCases.filter { $0.rawValue <= best.rawValue } }
  }

  /// Where values are clipped.
  package enum Clip: Sendable {
    /// To `low ... upper bound`, low <= 0.
    case from(Float)
    /// To `-upper bound ... upper bound`.
    case symmetric
  }

  private let count: Int
  private let scale: [Float]
  private let upper: [Float]
  private let clip: Clip
  private let divisor: Float
  private let instructionSet: InstructionSet
  private var error: [Float]

  /// - Parameters:
  ///   - scale: legal steps, at least FLT_EPSILON and at most its reciprocal; every bound is at most 2^16 steps.
  ///   - upper: clipping bound of each candidate, >= 0.
  ///   - elements: L, the number of values that all `add`s together bring.
  package init(
    scale: [Float], upper: [Float], clip: Clip, elements: Int, instructionSet: InstructionSet = .best
  ) {
    precondition(!scale.isEmpty && scale.count == upper.count, "one upper bound for each of the steps")
    let lanes = Int(CK_IFMR_LANES)
    let padding = (lanes - scale.count % lanes) % lanes
    count = scale.count
    self.scale = scale + Array(repeating: scale[0], count: padding)
    self.upper = upper + Array(repeating: upper[0], count: padding)
    self.clip = clip
    divisor = Float(elements)
    self.instructionSet = instructionSet
    error = Array(repeating: 0, count: scale.count + padding)
  }

  /// Sum of each candidate so far.
  package var sums: [Float] { Array(error.prefix(count)) }

  /// Adds the next values, which must be finite. Threads share the candidates, never one candidate's sum.
  package mutating func add(_ segments: [FloatView], _ parallel: Parallel) {
    let lanes = Int(CK_IFMR_LANES)
    let groups = error.count / lanes
    let parts = min(parallel.threads, groups)
    let (low, symmetric): (Float, Int32) =
      switch clip {
      case .from(let low): (low, 0)
      case .symmetric: (0, 1)
      }
    let (divisor, set) = (divisor, instructionSet.rawValue)
    scale.withUnsafeBufferPointer { scale in
      upper.withUnsafeBufferPointer { upper in
        error.withUnsafeMutableBufferPointer { error in
          guard let scale = scale.baseAddress, let upper = upper.baseAddress, let error = error.baseAddress else {
            return
          }
          let pointers = Pointers(scale: scale, upper: upper, error: error)
          parallel.forEach(parts) { part in
            let first = part * groups / parts * lanes
            let end = (part + 1) * groups / parts * lanes
            var search = ck_ifmr(
              scale: pointers.scale + first, high: pointers.upper + first, error: pointers.error + first,
              candidates: end - first, low: low, count: divisor, symmetric: symmetric)
            for x in segments { ck_ifmr_accumulate(x.pointer, x.count, &search, set) }
          }
        }
      }
    }
  }

  private struct Pointers: @unchecked Sendable {
    // Sendable: each part writes its own candidates only.
    let scale: UnsafePointer<Float>
    let upper: UnsafePointer<Float>
    let error: UnsafeMutablePointer<Float>
  }
}
