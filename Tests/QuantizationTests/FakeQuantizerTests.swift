import Diagnostics
import Quantization
import Tensors
import Testing

@Suite("Fake quantizer") struct FakeQuantizerTests {
  static func run(_ x: [Float], bits: Int = 8, scale: Float, offset: Int) -> (codes: [Int16], values: [Float]) {
    let q = FakeQuantizer(DataFactors(Scheme(numBits: bits), scale: scale, offset: offset))
    let t = Tensor(shape: [x.count], x)
    return (t.withView(q.codes), q.fakeQuantized(t).array)
  }

  @Test func `halves go away from zero and the offset comes after rounding`() {
    let r = Self.run([0.5, 1.5, -0.5, -1.5, 0.49999997, -2.4], scale: 1, offset: 3)
    #expect(r.codes == [4, 5, 2, 1, 3, 1])
    #expect(r.values == [1, 2, -1, -2, 0, -2])
  }

  @Test func `values beyond the codes saturate by their sign`() {
    let x: [Float] = [300, -300, .infinity, -.infinity, 1e38, -1e38]
    let r = Self.run(x, scale: 1, offset: -28)
    #expect(r.codes == [127, -128, 127, -128, 127, -128])
    #expect(r.values == [155, -100, 155, -100, 155, -100])
  }

  @Test func `NaN becomes the code of zero`() {
    let r = Self.run([.nan, 1], scale: 0.5, offset: -49)
    #expect(r.codes == [-49, -47] && r.values == [0, 1])
  }

  @Test func `zeros come back positive`() {
    let r = Self.run([-0.0, -0.2], scale: 1, offset: 0)
    #expect(r.values.allSatisfy { $0 == 0 && $0.sign == .plus })
  }

  @Test func `twelve bits reach their own limits`() {
    let r = Self.run([5000, -5000], bits: 12, scale: 1, offset: 100)
    #expect(r.codes == [2047, -2048] && r.values == [1947, -2148])
  }

  @Test(arguments: [1, 5, 16, 100, 200_003]) func `vectors and odd ends agree with the definition`(_ count: Int) {
    let x = DataKind.signed.values(count, seed: 3)
    let s: Float = 0.0123
    let t = Tensor(shape: [count], x)
    let q = FakeQuantizer(DataFactors(Scheme(numBits: 8), scale: s, offset: -20))
    let want = x.map { min(max(($0 / s).rounded(.toNearestOrAwayFromZero), -108), 147) * s }
    #expect(q.fakeQuantized(t, threads: 3).array == want)
    let squares = zip(x, want).map { Double($1 - $0) * Double($1 - $0) }
    let error = t.withView { q.meanSquaredError([$0], threads: 2) }
    #expect(error.isApproximately(squares.reduce(0, +) / Double(count)))
  }

  @Test func `a Quant layer's reciprocal gives the step it stands for`() throws {
    // 52.24302 is stored for the step 0.019141313 (amct-facts 1.7; golden recip_conv1 of the algorithm library).
    let q = try FakeQuantizer(scheme: Scheme(numBits: 8), reciprocal: 52.24302, offset: -49)
    #expect(q.factors.scale == 0.019141313)
    #expect(q.factors.reciprocal == 52.24302)
  }

  @Test func `illegal reciprocals are refused with the layer's words`() {
    func text(_ reciprocal: Float, offset: Int = 0) -> String? {
      do throws(DiagnosticError) {
        _ = try FakeQuantizer(scheme: Scheme(numBits: 8), reciprocal: reciprocal, offset: offset)
        return nil
      } catch { return error.diagnostics.first?.text }
    }
    #expect(text(.infinity) == "quant param scale should not be inf!")
    #expect(text(0) == "quant param scale should be greater than DBL_EPSILON!")
    #expect(text(-1) == "quant param scale should be greater than DBL_EPSILON!")
    #expect(text(.nan) == "quant param scale should be greater than DBL_EPSILON!")
    #expect(text(1, offset: 128) == "the offset 128 is not in -128...127")
    #expect(text(1e-10) == nil)
  }

  @Test func `steps are sanitised in the library's order`() throws {
    #expect(try Scheme.sanitized(0) == 1 && Scheme.sanitized(-5) == 1)
    #expect(try Scheme.sanitized(.ulpOfOne) == .ulpOfOne && Scheme.sanitized(Float.ulpOfOne.nextDown) == 1)
    #expect(try Scheme.sanitized(8_388_608) == 8_388_608)
    #expect(throws: ScaleError.tooLarge(8_388_610)) { try Scheme.sanitized(8_388_610) }
    #expect(throws: ScaleError.infinite) { try Scheme.sanitized(.infinity) }
    #expect(throws: ScaleError.notANumber) { try Scheme.sanitized(.nan) }
    // printf("%f", FLT_MAX) in C.
    let text = ScaleError.tooLarge(.greatestFiniteMagnitude).text
    #expect(text.hasSuffix(": 340282346638528859811704183484516925440.000000"))
  }
}
