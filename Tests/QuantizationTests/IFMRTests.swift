import Quantization
import Tensors
import Testing

@Suite("IFMR") struct IFMRTests {
  static func tensor(_ values: [Float]) -> Tensor { Tensor(shape: [values.count], values) }

  static func search(_ values: [Float], _ p: IFMR.Parameters, threads: Int = 1) throws(IFMRError) -> IFMR.Result {
    try tensor(values).withView { view throws(IFMRError) in try IFMR.search([view], p, threads: threads) }
  }

  static func error(_ values: [Float], _ found: IFMR.Result) -> Double {
    tensor(values).withView { found.meanSquaredError([$0], threads: 1) }
  }

  /// Three candidates of 2 bits: ratios 0.5, 1, 1.5.
  static func coarse(withOffset: Bool) -> IFMR.Parameters {
    IFMR.Parameters(
      numBits: 2, withOffset: withOffset, searchRange: (0.5, 1.5), searchStep: 0.5, maxPercentile: 1, minPercentile: 1)
  }

  @Test func `the winner of eight values is the one worked out by hand`() throws {
    // max 2, steps 3. Upper 1: s = 1/3, only 2 -> 1 errs: 1/8. Upper 2: s = 2/3, each 1 -> 4/3 errs 1/9: 5/72.
    // Upper 3: s = 1, no error. Offset: -round(0/1) - 2.
    let values: [Float] = [0, 0, 1, 1, 1, 1, 1, 2]
    let r = try Self.search(values, Self.coarse(withOffset: true))
    #expect(r.candidates == 3 && r.best == 2)
    #expect(r.scale == 1 && r.offset == -2)
    #expect(r.clipMin == 0 && r.clipMax == 3 && Self.error(values, r) == 0)
    #expect(r.rangeMin == 0 && r.rangeMax == 2)
  }

  @Test func `without an offset the larger magnitude is searched, here the negative one`() throws {
    // A = -4, lim = 2. |A| 2: s = 1, errors 4 (-4 -> -2) and 1 (3 -> 2). |A| 4: s = 2, only 3 -> 4 errs: 1.
    // |A| 6: s = 3: -4, -2 and 2 err by 1 each. As code 2 does not exist, 3 finally becomes 2: mse 1/5.
    let r = try Self.search([-4, -2, 0, 2, 3], Self.coarse(withOffset: false))
    #expect(r.best == 1 && r.scale == 2 && r.offset == 0)
    #expect(r.clipMin == -4 && r.clipMax == 4)
    #expect(Self.error([-4, -2, 0, 2, 3], r) == 0.2)
  }

  @Test func `equal magnitudes take the negative side, whose codes reach further`() throws {
    // All three errors are equal to those of [3, 0] (mirrored); |A| = 3, lim = 2.
    let r = try Self.search([-3, 3], Self.coarse(withOffset: false))
    #expect(r.percentileMax == 3 && r.percentileMin == -3)
    // Ratio 1: s = 1.5, both exact. Were the positive side taken (lim 1), s would be 3.
    #expect(r.best == 1 && r.scale == 1.5)
  }

  @Test(
    arguments: [
      (0.7, 1.3, 0.01, 60), (0.8, 1.2, 0.02, 21), (0.3, 1.7, 0.1, 15), (0.5, 2.0, 0.05, 31), (0.95, 1.05, 0.001, 100),
    ] as [(Float, Float, Float, Int)])
  func `candidates are counted in float32`(_ from: Float, _ to: Float, _ step: Float, _ count: Int) throws {
    // Counts recorded from the algorithm library (amct-facts 2.1).
    let p = IFMR.Parameters(searchRange: (from, to), searchStep: step)
    #expect(try p.candidateCount() == count)
    #expect(try Self.search([1, 2, 3], p).candidates == count)
  }

  @Test(arguments: [true, false]) func `all zeros give step 1`(_ withOffset: Bool) throws {
    let values = [Float](repeating: 0, count: 100)
    let r = try Self.search(values, .init(withOffset: withOffset))
    #expect(r.best == 0 && r.scale == 1 && r.offset == (withOffset ? -128 : 0) && Self.error(values, r) == 0)
  }

  @Test func `a negative constant keeps its exact step`() throws {
    // max' = 0, so every candidate is (0 - -2)/255 and the first wins; offset = -round(-255) - 128 = 127.
    let r = try Self.search(Array(repeating: -2, count: 64), .init())
    #expect(r.best == 0 && r.scale == 2 / Float(255) && r.offset == 127)
    #expect(r.clipMax == 0 && r.clipMin == -2)
  }

  @Test func `data near zero are not divided by a tiny step`() throws {
    let r = try Self.search([1e-20, -1e-20, 0], .init())
    #expect(r.scale == 1 && r.offset == -128)
  }

  @Test func `one bad value anywhere is refused, and NaN is named first`() {
    var data = [Float](repeating: 1, count: 5000)
    data[4321] = -.infinity
    #expect(throws: IFMRError.infiniteData) { try Self.search(data, .init()) }
    data[17] = .nan
    #expect(throws: IFMRError.notANumberData) { try Self.search(data, .init()) }
    #expect(IFMRError.notANumberData.diagnostics.map(\.text) == ["IFMR calibration data has nan value."])
    #expect(IFMRError.infiniteData.diagnostics.map(\.text) == ["IFMR calibration data has inf value."])
  }

  @Test func `no data are refused`() {
    #expect(throws: IFMRError.noData) { try IFMR.search([] as [FloatView], .init(), threads: 1) }
    #expect(throws: IFMRError.noData) { try Self.search([], .init()) }
  }

  @Test func `data too wide for any step are refused with the library's words`() {
    // 0.7 * 1e10 / 255 is far above 2^23; the error names the first candidate's step.
    do throws(IFMRError) {
      _ = try Self.search([0, 1e10], .init())
      Issue.record("not refused")
    } catch {
      let step = UInt(0.7 * Float(1e10) / 255)
      #expect(
        error.diagnostics.map(\.text) == [
          "Not support scale greater than 1 / FLT_EPSILON. currentScale: \(step).000000",
          "IfmrQuantWithOffset scale is illegal.",
        ])
    }
    #expect(throws: IFMRError.illegalScale(.infinite, withOffset: true)) {
      try Self.search([-3.3e38, 3.3e38], .init(searchRange: (0.9, 1.1)))
    }
  }

  @Test func `illegal candidates never win while another is legal`() throws {
    // 255 * 2^23 * 1.2: ratios up to 0.83 are legal, the best would be near 1.
    let top = Float(255) * 8_388_608 * 1.2
    let r = try Self.search([0, top, top / 2, top / 3], .init())
    #expect(r.best > 0 && r.best <= 13 && r.scale <= 8_388_608)
  }

  @Test func `one outlier is left out by the percentile`() throws {
    // L - floor(0.6 * 5) = 2: the second largest and the second smallest.
    let r = try Self.search([5, -9, 1, 1000, -2], .init(maxPercentile: 0.6, minPercentile: 0.6))
    #expect(r.percentileMax == 5 && r.percentileMin == -2)
    #expect(r.rangeMax == 1000 && r.rangeMin == -9)
  }

  @Test func `percentiles cross zero`() throws {
    let r = try Self.search([-5, -4, -3, -2, -1], .init(maxPercentile: 0.6, minPercentile: 0.6))
    #expect(r.percentileMax == 0 && r.percentileMin == -4)
  }

  @Test func `senseless parameters are refused in words`() {
    func text(_ p: IFMR.Parameters) -> String? {
      do throws(IFMRError) {
        _ = try Self.search([1, 2], p)
        return nil
      } catch {
        return error.diagnostics.first?.text
      }
    }
    #expect(text(.init(numBits: 17)) == "The num_bits must be in range [8, 16]")
    #expect(text(.init(searchRange: (0, 1))) == "search_range[0] must be greater than zero")
    #expect(text(.init(searchRange: (1, 1))) == "search_range[0] must be less than search_range[1]")
    #expect(text(.init(searchStep: 0)) == "The search_step must be greater than zero")
    #expect(text(.init(searchStep: .nan)) == "The search_step must be greater than zero")
    #expect(text(.init(searchStep: 1e-9)) == "The search_step 1e-09 makes more than 1000000 candidates")
    #expect(
      text(.init(maxPercentile: 0.5)) == "The max_percentile must be greater than 0.5 and less than or equal to 1.0")
  }

  @Test func `segments count as their concatenation and threads change nothing`() throws {
    let data = DataKind.signed.values(30_011, seed: 5)
    let whole = Self.tensor(data)
    let p = IFMR.Parameters(maxPercentile: 0.999, minPercentile: 0.95)
    defer { withExtendedLifetime(whole) {} }
    let want = try IFMR.search([whole.view], p, threads: 1)
    for cuts in [[1], [16], [1000, 1000, 29_000], [7, 30_000]] {
      var segments: [FloatView] = []
      var start = 0
      for cut in cuts + [data.count] where cut > start {
        segments.append(whole.view.slice(start, cut - start))
        start = cut
      }
      for threads in [1, 2, 3, 64] {
        let got = try IFMR.search(segments, p, threads: threads)
        #expect(got.scale == want.scale && got.offset == want.offset && got.best == want.best, "\(cuts) \(threads)")
        let error = got.meanSquaredError(segments, threads: threads)
        #expect(error.isApproximately(want.meanSquaredError([whole.view], threads: 1)), "\(cuts) \(threads)")
        #expect(got.rangeMin == want.rangeMin && got.rangeMax == want.rangeMax)
      }
    }
  }

  @Test func `progress ends with all values`() throws {
    var calls: [(Int, Int)] = []
    let x = Self.tensor(DataKind.rectified.values(10_000, seed: 1))
    _ = try x.withView {
      try IFMR.search(
        [$0.slice(0, 6000), $0.slice(6000, 4000)], .init(searchStep: 0.000006), threads: 2,
        progress: { calls.append(($0, $1)) })
    }
    #expect(calls.count >= 2 && calls.allSatisfy { $0.1 == 10_000 })
    #expect(calls.last?.0 == 10_000 && zip(calls, calls.dropFirst()).allSatisfy { $0.0 < $1.0 })
  }
}

extension Double {
  /// Equal up to the order of a sum, and to near ties that the error's kernel may round the other way.
  func isApproximately(_ other: Double) -> Bool { abs(self - other) <= 1e-9 * Swift.max(abs(self), abs(other)) }
}
