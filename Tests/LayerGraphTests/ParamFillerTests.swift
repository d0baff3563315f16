import CaffeFormat
import LayerGraph
import Tensors
import TestSupport
import Testing

/// Ranges and moments follow Caffe's `filler.hpp`: fan_in = count / shape[0], fan_out = count / shape[1].
@Suite struct ParamFillerTests {
  private func fill(_ type: String, _ shape: Shape, _ fields: [ProtoField] = [], seed: UInt64 = 1) -> [Float] {
    let message = ProtoMessage("FillerParameter", fields: [ProtoField("type", .string(type))] + fields)
    var filler = ParamFiller(seed: seed)
    return filler.fill(ParamBlobSpec("weights", shape, .weight, filler: message)).array
  }

  private func deviation(_ v: [Float]) -> Double {
    let mean = v.reduce(0.0) { $0 + Double($1) } / Double(v.count)
    return (v.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(v.count)).squareRoot()
  }

  private func variance(_ name: String) -> ProtoField {
    ProtoField("variance_norm", .enumeration(name: name, number: 0))
  }

  @Test func `without a filler blobs are zero, constants are their value`() {
    var filler = ParamFiller(seed: 1)
    #expect(filler.fill(ParamBlobSpec("weights", [2, 2], .weight)).array == [0, 0, 0, 0])
    #expect(fill("constant", [3], [ProtoField("value", .real(2.5))]) == [2.5, 2.5, 2.5])
  }

  @Test func `uniform values fill their range`() {
    let v = fill("uniform", [100, 100], [ProtoField("min", .real(-2)), ProtoField("max", .real(3))])
    #expect(v.allSatisfy { $0 >= -2 && $0 < 3 })
    #expect((v.min() ?? 0) < -1.99 && (v.max() ?? 0) > 2.99)
  }

  @Test func `xavier ends at the root of 3 over the fan`() {
    // [8, 4, 5, 5]: fan_in = 800 / 8 = 100, fan_out = 800 / 4 = 200, average 150.
    for (norm, fan) in [("FAN_IN", 100.0), ("FAN_OUT", 200.0), ("AVERAGE", 150.0)] {
      let end = Float((3 / fan).squareRoot())
      let v = fill("xavier", [8, 4, 5, 5], [variance(norm)])
      #expect(v.allSatisfy { abs($0) <= end }, "\(norm)")
      #expect((v.max() ?? 0) > 0.97 * end && (v.min() ?? 0) < -0.97 * end, "\(norm)")
    }
  }

  @Test func `msra and gaussian have their deviation`() {
    // 16000 values: the deviation's own error is 1 / sqrt(32000) = 0.6 %; 3 % is five times that.
    let msra = deviation(fill("msra", [40, 16, 5, 5]))
    // fan_in = 400: sqrt(2 / 400) = 0.0707.
    #expect(abs(msra / 0.0707107 - 1) < 0.03)
    let gaussian = fill("gaussian", [40, 400], [ProtoField("mean", .real(3)), ProtoField("std", .real(0.5))])
    #expect(abs(deviation(gaussian) / 0.5 - 1) < 0.03)
    #expect(abs(gaussian.reduce(0, +) / 16000 - 3) < 0.02)
  }

  @Test func `rows of a positive unit ball sum to one`() {
    let v = fill("positive_unitball", [3, 50])
    for row in 0..<3 { #expect(abs(v[row * 50..<row * 50 + 50].reduce(0, +) - 1) < 1e-5) }
    #expect(v.allSatisfy { $0 >= 0 })
  }

  @Test func `bilinear weights are the interpolation kernel`() {
    // f = ceil(w / 2), c = (w - 1) / (2 f), a line is 1 - |x / f - c|.
    // Width 4: f = 2, c = 3/4. Width 3: f = 2, c = 1/2.
    for (width, line) in [(4, [0.25, 0.75, 0.75, 0.25]), (3, [0.5, 1, 0.5])] as [(Int, [Float])] {
      #expect(fill("bilinear", [1, 1, width, width]) == line.flatMap { y in line.map { $0 * y } })
    }
  }

  @Test func `the same seed gives the same values, another seed others`() {
    #expect(fill("gaussian", [64], seed: 7) == fill("gaussian", [64], seed: 7))
    #expect(fill("gaussian", [64], seed: 7) != fill("gaussian", [64], seed: 8))
  }

  @Test func `plausible values fit their meaning`() {
    var filler = ParamFiller(seed: 2)
    let variance = filler.plausible(ParamBlobSpec("variance", [100], .variance)).array
    #expect(variance.allSatisfy { $0 >= 0.5 && $0 < 1.5 })
    #expect(filler.plausible(ParamBlobSpec("factor", [1], .factor)).array == [1])
    // fan_in = 50: deviation sqrt(2 / 50) = 0.2.
    #expect(abs(deviation(filler.plausible(ParamBlobSpec("weights", [100, 50], .weight)).array) / 0.2 - 1) < 0.06)
  }
}
