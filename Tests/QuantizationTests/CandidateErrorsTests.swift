import Kernels
import Quantization
import Tensors
import Testing

/// Kinds of data that reach every branch of the kernel.
enum DataKind: String, CaseIterable {
  /// Half zeros, as after a ReLU.
  case rectified
  case signed
  /// Multiples of half a step: ties everywhere.
  case ties
  /// Flat, so that many values are clipped.
  case flat
  /// Values around and far below the smallest that the fast way takes.
  case tiny
  /// A few values of 1e19 and more, whose squares overflow.
  case huge
  /// Signs in long runs, with negative and positive zeros.
  case runs

  func values(_ count: Int, seed: UInt64) -> [Float] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { i in
      let v = random.normal()
      switch self {
      case .rectified: return max(v, 0)
      case .signed: return v * 0.3 + 0.1
      case .ties: return (v * 40).rounded() * 0.5
      case .flat: return random.uniform(-1, 1)
      case .tiny: return i % 3 == 0 ? v : v * Float(sign: .plus, exponent: -40 - i % 90, significand: 1)
      case .huge: return i % 97 == 0 ? v * 1e19 : v
      case .runs: return i / 3000 % 2 == 0 ? abs(v) : i % 2 == 0 ? -abs(v) : i % 4 == 1 ? -0.0 : 0.0
      }
    }
  }
}

@Suite("Candidate errors") struct CandidateErrorsTests {
  /// The definition, one candidate after the other.
  static func plain(_ x: [Float], scale: [Float], upper: [Float], low: Float?) -> [Float] {
    let count = Float(x.count)
    return zip(scale, upper).map { s, high in
      var sum: Float = 0
      for v in x {
        let clipped = min(max(v, low ?? -high), high)
        let quotient = clipped / s
        let code = quotient.rounded(.toNearestOrAwayFromZero)
        let back = code * s
        let error = back - v
        let square = error * error
        sum += square / count
      }
      return sum
    }
  }

  static func check(_ x: [Float], low: Float?, top: Float, bits: Int, candidates: Int, _ label: String) {
    let tensor = Tensor(shape: [x.count], x)
    defer { withExtendedLifetime(tensor) {} }
    let steps = Float(low == nil ? 1 << (bits - 1) - 1 : 1 << bits - 1)
    let upper = (0..<candidates).map { (0.7 + Float($0) * 0.01) * top }
    let scale = upper.map { low == nil ? $0 / steps : ($0 - (low ?? 0)) / steps }
    let want = plain(x, scale: scale, upper: upper, low: low)
    for set in CandidateErrors.InstructionSet.available {
      for threads in [1, 3] {
        var errors = CandidateErrors(
          scale: scale, upper: upper, clip: low.map { .from($0) } ?? .symmetric, elements: x.count, instructionSet: set)
        let first = x.count / 3
        errors.add([tensor.view.slice(0, first)], Parallel(threads: threads))
        errors.add([tensor.view.slice(first, x.count - first)], Parallel(threads: threads))
        #expect(errors.sums.map(\.bitPattern) == want.map(\.bitPattern), "\(label) \(bits) bits, \(set), \(threads)")
      }
    }
  }

  @Test(arguments: DataKind.allCases, [8, 12, 16])
  func `every instruction set sums as the definition does, bit for bit`(_ kind: DataKind, _ bits: Int) {
    let count = 3001
    let x = kind.values(count, seed: UInt64(bits) * 31)
    // 61 candidates make a group of four vectors; 37 one of two and one of one.
    Self.check(x, low: nil, top: 2.3, bits: bits, candidates: 61, "symmetric \(kind)")
    Self.check(x, low: -1.1, top: 2.3, bits: bits, candidates: 37, "from -1.1 \(kind)")
    Self.check(x, low: 0, top: 3, bits: bits, candidates: 5, "from 0 \(kind)")
    Self.check(x, low: -2, top: 0, bits: bits, candidates: 3, "up to 0 \(kind)")
  }

  @Test(arguments: [1, 2, 7, 15, 16, 17, 33, 1023, 1024, 1025])
  func `short data are summed in full`(_ count: Int) {
    Self.check(DataKind.signed.values(count, seed: 9), low: -0.5, top: 1, bits: 8, candidates: 60, "\(count) values")
  }

  @Test func `quotients just below a half round down`() {
    // 0.49999997 / 1 and its like at other codes; adding a half and cutting would round the first one up.
    let x: [Float] = [0.49999997, 0.5, 0.50000006, 1.4999999, 1.5, 2.5, 126.49999, 126.5, 127.49999, -0.49999997, -0.5]
    let tensor = Tensor(shape: [x.count], x)
    defer { withExtendedLifetime(tensor) {} }
    for set in CandidateErrors.InstructionSet.available {
      var errors = CandidateErrors(
        scale: [1], upper: [128], clip: .symmetric, elements: 1, instructionSet: set)
      errors.add([tensor.view], Parallel(threads: 1))
      // 0, 1, 1, 1, 2, 3, 126, 127, 127, 0, -1
      let codes: [Float] = [0, 1, 1, 1, 2, 3, 126, 127, 127, 0, -1]
      var sum: Float = 0
      for (v, code) in zip(x, codes) { sum += (code - v) * (code - v) }
      #expect(errors.sums == [sum], "\(set)")
    }
  }

  #if !DEBUG
    @Test(arguments: [(DataKind.signed, 8_000_000), (DataKind.rectified, 20_000_000)])
    func `long sums drift exactly as the definition's`(_ kind: DataKind, _ count: Int) {
      Self.check(kind.values(count, seed: 77), low: -1.5, top: 4.9, bits: 8, candidates: 20, "\(count) \(kind)")
    }
  #endif
}
