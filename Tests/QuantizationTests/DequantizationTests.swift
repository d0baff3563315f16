import Diagnostics
import Quantization
import Testing

@Suite("Dequantization") struct DequantizationTests {
  @Test func `bias is rounded half to even in units of the accumulator`() throws {
    // deq = 0.5 * {1, 4} = {0.5, 2}
    let deq = Dequantization.scales(data: 0.5, weights: [1, 4])
    #expect(deq == [0.5, 2])
    #expect(try Dequantization.quantizedBias([1.25, -5], deq: deq, layer: "conv1") == [2, -2])
    #expect(try Dequantization.quantizedBias([1.75, 0.2, -3], deq: [0.5], layer: "conv1") == [4, 0, -6])
  }

  @Test func `a bias beyond int32 is refused with the library's words`() throws {
    #expect(try Dequantization.quantizedBias([-2_147_483_648], deq: [1], layer: "c") == [Int32.min])
    do throws(DiagnosticError) {
      _ = try Dequantization.quantizedBias([1, 3], deq: [1, 1e-9], layer: "conv1")
      Issue.record("not refused")
    } catch {
      // 3 / 1e-9 in float32 is 3000000000 (spacing 256: 2999999999.9 is nearest to 3000000000).
      #expect(
        error.diagnostics.first?.text
          == "Quantized bias 3000000000.0 of layer \"conv1\" exceed int32 range:[-2147483648.0, 2147483647.0], "
          + "please add it to skip layer.")
    }
    #expect(throws: DiagnosticError.self) { try Dequantization.quantizedBias([.nan], deq: [1], layer: "c") }
    #expect(throws: DiagnosticError.self) { try Dequantization.quantizedBias([2_147_483_648], deq: [1], layer: "c") }
  }

  @Test func `the deployed word has scale, shift and weight offset in their bytes`() {
    // 1.0 is 0x3f800000.
    #expect(Dequantization.word(scale: 1) == 0x3f80_0000)
    #expect(Dequantization.word(scale: 1, shift: 5) == 0x05_3f80_0000)
    #expect(Dequantization.word(scale: -2, shift: 1, weightOffset: -1) == 0xff01_c000_0000)
  }
}
