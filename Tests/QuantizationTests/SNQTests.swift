import Kernels
import Quantization
import Tensors
import Testing

@Suite("SNQ") struct SNQTests {
  struct Goldens: Decodable {
    struct Case: Decodable {
      let name: String
      let shape: [Int]
      let axis: Int
      let initAlgo: String
      let minDistance: Double?
      let input: GoldenInput
      let scaleFnv: String
      let centres: [Int8]
      let iterations: Int
      let codesFnv, fakeFnv: String
      let mse: Double
    }
    let cases: [Case]
  }

  /// Goldens/snq.py computes them with numpy by plain k-means.
  @Test func `levels, codes and values are those of a plain k-means`() throws {
    for set in try AlgorithmGoldens.sets(Goldens.self, "snq.json") {
      #expect(set.cases.count >= 12)
      for c in set.cases {
        let label = Comment(rawValue: c.name)
        var parameters = SNQ.Parameters()
        parameters.start = try #require(ClusterStart(rawValue: c.initAlgo))
        parameters.minDistance = c.minDistance ?? parameters.minDistance
        let axis = c.axis < 0 ? nil : c.axis
        let found = try SNQ.quantize(Tensor(shape: Shape(c.shape), c.input.make()), axis: axis, parameters)
        #expect(fnv(found.scales) == c.scaleFnv, label)
        #expect(found.centres == c.centres, label)
        #expect(found.iterations == c.iterations, label)
        #expect(fnv(found.codes) == c.codesFnv, label)
        #expect(fnvOfValues(found.fakeQuantized.array) == c.fakeFnv, label)
        #expect(abs(found.meanSquaredError - c.mse) <= 1e-9 * c.mse, label)
      }
    }
  }

  /// The largest magnitude 63.5 makes a step of 0.5, so x = 0, 1, 2, 10, 127. Uniform start: 127 / 16 = 7.9375 apart,
  /// from 3.96875. Below the first midpoint 7.9375 lie 0, 1, 2 (mean 1), below the second one 10, above the last one
  /// 127; the other centres stay. The second iteration moves nothing. (2.5 * 7.9375 = 19.84, 27.78, 35.72, 43.66,
  /// 51.59, 59.53, 67.47, 75.41, 83.34, 91.28, 99.22, 107.16, 115.09.)
  @Test func `five weights get the levels worked out by hand`() throws {
    let found = try SNQ.quantize(Tensor(shape: [5], [0, 0.5, 1, 5, 63.5]), axis: nil)
    #expect(found.scales == [0.5])
    #expect(found.centres == [1, 10, 20, 28, 36, 44, 52, 60, 67, 75, 83, 91, 99, 107, 115, 127])
    #expect(found.codes == [0, 0, 0, 1, 15])
    #expect(found.fakeQuantized.array == [0.5, 0.5, 0.5, 5, 63.5])
    #expect(found.iterations == 2)
    // (0.25 + 0 + 0.25) / 5
    #expect(found.meanSquaredError == 0.1)
  }

  @Test func `channels have steps of their own and one set of levels`() throws {
    // Channel 1 is channel 0 times 8: the same quotients, so the same codes.
    let row: [Float] = [0, 0.5, 1, 5, 63.5]
    let found = try SNQ.quantize(Tensor(shape: [2, 5], row + row.map { 8 * $0 }), axis: 0)
    #expect(found.scales == [0.5, 4])
    #expect(found.codes == [0, 0, 0, 1, 15, 0, 0, 0, 1, 15])
    #expect(found.fakeQuantized.array.suffix(5) == [4, 4, 4, 40, 508])
    // As [5, 2] with channels on axis 1, the layout of Deconvolution.
    let turned = Tensor(shape: [5, 2], row.flatMap { [$0, 8 * $0] })
    let other = try SNQ.quantize(turned, axis: 1)
    #expect(other.scales == found.scales && other.centres == found.centres)
    #expect(other.codes == [0, 0, 0, 0, 0, 0, 1, 1, 15, 15])
  }

  /// Channel 0 as above with 2 for the small ones: x = 4, 4, 4, 127; channel 1 has step 1: x = 1e-9 four times. Cluster
  /// 0 has the mean 12/7, level 2, which would make 2 of 1e-9; so it becomes 0.
  @Test func `a channel of tiny weights becomes zero`() throws {
    let found = try SNQ.quantize(Tensor(shape: [2, 4], [2, 2, 2, 63.5, 1e-9, 1e-9, 1e-9, -1e-9]), axis: 0)
    #expect(found.scales == [0.5, 1])
    #expect(found.centres == [0, 12, 20, 28, 36, 44, 52, 60, 67, 75, 83, 91, 99, 107, 115, 127])
    #expect(found.fakeQuantized.array == [0, 0, 0, 63.5, 0, 0, 0, 0])
  }

  @Test(arguments: ClusterStart.allCases)
  func `weights without spread come back as they are`(_ start: ClusterStart) throws {
    let parameters = SNQ.Parameters(maxIteration: 500, minDistance: 1e-10, start: start)
    let zero = try SNQ.quantize(Tensor(shape: [2, 3]), axis: 0, parameters)
    #expect(zero.scales == [1, 1] && zero.centres.allSatisfy { $0 == 0 })
    #expect(zero.fakeQuantized.array.allSatisfy { $0 == 0 } && zero.meanSquaredError == 0)
    // 0.5 is 127 steps of 0.5 / 127.
    let constant = try SNQ.quantize(Tensor(shape: [2, 2], [0.5, 0.5, 0.5, 0.5]), axis: nil, parameters)
    #expect(constant.centres == Array(repeating: 127, count: 16))
    #expect(constant.codes == [0, 0, 0, 0], "of equal levels the first")
    #expect(constant.fakeQuantized.array.allSatisfy { abs($0 - 0.5) < 1e-7 })
    let none = try SNQ.quantize(Tensor(shape: [0, 3]), axis: 0, parameters)
    #expect(none.codes.isEmpty && none.scales.isEmpty && none.centres.count == 16 && none.iterations == 0)
    #expect(none.meanSquaredError == 0)
    let one = try SNQ.quantize(Tensor(shape: [1], [-3]), axis: nil, parameters)
    #expect(one.fakeQuantized.array == [-3] && one.scales == [3 / Float(128)])
  }

  @Test(arguments: ClusterStart.allCases)
  func `sixteen values have a level each`(_ start: ClusterStart) throws {
    // -113, -97, ... 127: the step is 1.
    let values = (0..<16).map { Float(16 * $0 - 113) }
    let found = try SNQ.quantize(
      Tensor(shape: [16], values), axis: nil, .init(maxIteration: 1000, minDistance: 1e-10, start: start))
    #expect(found.scales == [1])
    if start != .gaussian {
      #expect(found.fakeQuantized.array == values)
      #expect(found.codes == Array(0...15))
    }
    #expect(found.centres == found.centres.sorted())
  }

  @Test func `max_iteration ends the clustering`() throws {
    let w = Tensor.random([64, 64], seed: 3)
    let found = try SNQ.quantize(w, axis: 0, .init(maxIteration: 3, minDistance: 1e-10, start: .gaussian))
    #expect(found.iterations == 3)
  }

  @Test func `more iterations never lose`() throws {
    let w = Tensor.random([64, 64], seed: 3)
    let errors = try [1, 10, 1000].map {
      try SNQ.quantize(w, axis: nil, .init(maxIteration: $0, minDistance: 1e-10, start: .gaussian)).meanSquaredError
    }
    #expect(errors[0] > errors[1] && errors[1] >= errors[2])
  }

  @Test func `NaN and infinite weights are refused`() {
    func problem(_ values: [Float]) -> [String] {
      do throws(SNQ.Failure) {
        _ = try SNQ.quantize(Tensor(shape: [2, 2], values), axis: 0)
        return []
      } catch {
        return error.diagnostics.map(\.text)
      }
    }
    #expect(problem([1, .nan, 1, 1]) == ["Exist NaN in input data, cannot do SNQ quantize."])
    #expect(problem([1, 1, .infinity, 1]) == ["Not support scale is +inf.", "SnqQuant scale is illegal."])
    #expect(problem([1, 1, 1, -3e38]).last == "SnqQuant scale is illegal.")
  }

  /// The factors that BatchNorm and Scale will bring may be negative; a step must stay positive.
  @Test func `weights folded by sign need only another step after fusion`() throws {
    let w = Tensor(shape: [2, 3], [1, -2, 3, 10, -20, 30])
    let factors: [Float] = [0.5, -4]
    let folded = SNQ.folded(w, axis: 0, signsOf: factors)
    #expect(folded.array == [1, -2, 3, -10, 20, -30])
    #expect(SNQ.folded(folded, axis: 0, signsOf: factors) == w)
    // w * factor = folded * |factor|: the levels of `folded` with steps times 0.5 and 4.
    let found = try SNQ.quantize(folded, axis: 0)
    for (i, code) in found.codes.enumerated() {
      let channel = i / 3
      let fused = w[i] * factors[channel]
      let step = found.scales[channel] * abs(factors[channel])
      #expect(abs(Float(found.centres[Int(code)]) * step - fused) <= 8 * step, "weight \(i)")
    }
    let turned = Tensor(shape: [3, 2], [1, 10, -2, -20, 3, 30])
    #expect(SNQ.folded(turned, axis: 1, signsOf: factors).array == [1, -10, -2, 20, 3, -30])
  }
}

@Suite("Codebook kernels") struct CodebookKernelTests {
  @Test func `quotients are sorted as Swift sorts them`() {
    var values = Tensor.random([5000], seed: 9, low: -3, high: 3).array
    values += [0, -0.0 as Float, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 3e38, -3e38, 1, 1, -1]
    let kernels = CodebookKernels(ChannelLayout([values.count], axis: nil), scales: [1])
    let sorted = Tensor(shape: [values.count], values).withView { kernels.sortedQuotients($0) }
    #expect(sorted == values.sorted())
    #expect(sorted.count { $0 == 0 && $0.sign == .minus } == 1)
    let zero = sorted.firstIndex { $0 == 0 } ?? 0
    #expect(sorted[zero].sign == .minus && sorted[zero + 1].sign == .plus)
  }

  @Test func `the nearest level is found, of two the lower`() {
    func codes(_ values: [Float], _ centres: [Int8], scale: Float = 1) -> [Int8] {
      let kernels = CodebookKernels(ChannelLayout([values.count], axis: nil), scales: [scale])
      return Tensor(shape: [values.count], values).withView { kernels.codes($0, centres: centres) }
    }
    // Midpoints: 5.5 and -63.5.
    let centres: [Int8] = [-128, 1, 10]
    #expect(codes([5.5, 5.500001, 5.4, -63.5, -63.49, -1000, 1000], centres) == [1, 2, 1, 0, 1, 0, 2])
    #expect(codes([2.75, 2.7500004], centres, scale: 0.5) == [1, 2])
    #expect(codes([3, 4, 4.1, -9], [3, 3, 5]) == [0, 0, 2, 0], "of equal levels the first")
    #expect(codes([-128, 127, 126.5, 126.4], [-128, 126, 127]) == [0, 2, 1, 1])
    // Against a search of all levels.
    let book: [Int8] = [-128, -90, -60, -41, -30, -21, -12, -5, 0, 4, 13, 20, 35, 56, 88, 127]
    let x = Tensor.random([4000], seed: 4, low: -129, high: 129).array
    let wanted = x.map { v in
      Int8(book.indices.min { abs(v - Float(book[$0])) < abs(v - Float(book[$1])) } ?? 0)
    }
    #expect(codes(x, book) == wanted)
  }
}
