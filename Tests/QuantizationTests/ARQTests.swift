import Quantization
import Tensors
import Testing

@Suite("ARQ") struct ARQTests {
  @Test func `steps and codes of two channels are those worked out by hand`() throws {
    // Channel 0: largest magnitude 2.54 > 0: 2.54/127 = 0.02. Channel 1: -1.28 <= 0: 1.28/128 = 0.01.
    let w = Tensor(shape: [2, 3], [2.54, -1, 0.011, 1.27, -1.28, 0.004])
    let scales = try ARQ.scales(w, axis: 0)
    #expect(scales == [2.54 / 127, 1.28 / 128] as [Float])
    // -1/0.02 = -50, 0.011/0.02 = 0.55 -> 1; 1.27/0.01 = 127, 0.004/0.01 = 0.4 -> 0.
    #expect(ARQ.codes(w, scales: scales, axis: 0) == [127, -50, 1, 127, -128, 0])
    let fake = ARQ.fakeQuantized(w, scales: scales, axis: 0)
    #expect(fake.array == [127 * scales[0], -50 * scales[0], scales[0], 127 * scales[1], -128 * scales[1], 0])
  }

  @Test func `equal magnitudes take the negative side`() throws {
    #expect(try ARQ.scales(Tensor(shape: [2], [-4, 4]), axis: nil) == [4 / Float(128)])
  }

  @Test func `any axis can be the channels`() throws {
    // As [2, 2, 2] with channels on axis 1: {1, 2, 5, 6} and {3, 4, 7, 8}.
    let w = Tensor(shape: [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(try ARQ.scales(w, axis: 1) == [6 / Float(127), 8 / Float(127)])
    #expect(try ARQ.scales(w, axis: 2) == [7 / Float(127), 8 / Float(127)])
    #expect(try ARQ.scales(w, axis: nil) == [8 / Float(127)])
    let scales = try ARQ.scales(w, axis: 1)
    let codes = ARQ.codes(w, scales: scales, axis: 1)
    // 3 / (8/127) = 47.6; 5 / (6/127) = 105.8; 7 / (8/127) = 111.1
    #expect(codes == [21, 42, 48, 64, 106, 127, 111, 127])
  }

  @Test func `a channel of tiny weights becomes zero`() throws {
    let w = Tensor(shape: [3, 1], [1e-9, -1e-6, 0])
    let scales = try ARQ.scales(w, axis: 0)
    #expect(scales == [1, 1, 1])
    #expect(ARQ.fakeQuantized(w, scales: scales, axis: 0).array == [0, 0, 0])
  }

  @Test func `NaN and infinite weights are refused with the library's words`() {
    #expect(throws: ARQ.Failure.notANumber) { try ARQ.scales(Tensor(shape: [3], [1, .nan, .infinity]), axis: nil) }
    #expect(
      ARQ.Failure.notANumber.diagnostics.map(\.text) == ["Exist NaN in input data, cannot do ARQ quantize."])
    #expect(throws: ARQ.Failure.illegalScale(.infinite, channel: 1)) {
      try ARQ.scales(Tensor(shape: [2, 1], [1, -.infinity]), axis: 0)
    }
    #expect(
      ARQ.Failure.illegalScale(.infinite, channel: 1).diagnostics.map(\.text)
        == ["Not support scale is +inf.", "ArqQuantCPU scale is illegal."])
  }

  @Test func `a quotient that only float32 takes for a tie rounds by the double one`() throws {
    // Weights within an ulp of a tie, with the step 26 / 127: on some the float32 quotient rounds to the tie itself.
    let s: Float = 26 / 127
    var found = false
    for k in 1...120 {
      let tie = (Float(k) + 0.5) * s
      for w in [tie.nextDown, tie, tie.nextUp] {
        let exact = Double(w) / Double(s)
        let want = Int8(exact.rounded(.toNearestOrAwayFromZero))
        let t = Tensor(shape: [1], [w])
        #expect(ARQ.codes(t, scales: [s], axis: nil) == [want])
        let float = ARQ.codes(t, scales: [s], axis: nil, quotient: .float)
        #expect(float == [Int8((w / s).rounded(.toNearestOrAwayFromZero))])
        if float != [want] { found = true }
      }
    }
    #expect(found, "the two quotients never differ on these weights: the test shows nothing")
  }

  @Test(arguments: [0, 1, 2]) func `threads change nothing`(_ axis: Int) throws {
    // More than two parts of 65536 weights, whose ends cut through channels.
    let w = Tensor(shape: [37, 91, 67], DataKind.signed.values(37 * 91 * 67, seed: 12))
    let scales = try ARQ.scales(w, axis: axis)
    #expect(ARQ.codes(w, scales: scales, axis: axis, threads: 3) == ARQ.codes(w, scales: scales, axis: axis))
    let fake = ARQ.fakeQuantized(w, scales: scales, axis: axis)
    #expect(ARQ.fakeQuantized(w, scales: scales, axis: axis, threads: 3) == fake)
    // The definition, weight by weight.
    let inner = w.shape.count(from: axis + 1)
    for i in stride(from: 0, to: w.count, by: 101) {
      let s = scales[i / inner % w.shape[axis]]
      let code = (Double(w[i]) / Double(s)).rounded(.toNearestOrAwayFromZero)
      #expect(fake[i] == Float(min(max(code, -128), 127)) * s)
    }
  }

  @Test func `weights without elements have step 1`() throws {
    #expect(try ARQ.scales(Tensor(shape: [2, 0]), axis: 0) == [1, 1])
  }
}
