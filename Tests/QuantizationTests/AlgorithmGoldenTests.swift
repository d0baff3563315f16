import Foundation
import Kernels
import Quantization
import Tensors
import Testing

/// The published algorithms' own results: recorded by running the C++ algorithm library on generated inputs
/// (`reference/algorithm-goldens/README.md`). All must agree bit for bit.
@Suite("Algorithm goldens", .enabled(if: AlgorithmGoldens.exist, "no algorithm goldens beside the package"))
struct AlgorithmGoldenTests {
  struct Searches: Decodable {
    struct Case: Decodable {
      let name: String
      let input: GoldenInput
      let inputFnv: String?
      let results: [Outcome]
    }
    struct Outcome: Decodable {
      struct Parameters: Decodable {
        let numBits: Int
        let withOffset: Bool
        let searchRange: [Float]
        let searchStep: Float
        let maxPercentile, minPercentile: Float
      }
      let params: Parameters
      let ret: Int
      let candidates: Int
      let max, min: Float?
      let best: Int?
      let bestF64: Int?
      let scaleBits: String?
      let offset: Int?
      let codesFnv, fakeFnv: String?
      let messages: [String]?
    }
    struct Quant: Decodable {
      let name: String
      let input: GoldenInput
      let numBits: Int
      let scaleBits: String
      let quantParamScale: Float?
      let offset: Int
      let codesFnv, fakeFnv: String
    }
    let cases: [Case]
    let quant: [Quant]
  }

  @Test func `activation searches find the library's candidate, factors and values`() throws {
    let goldens = try AlgorithmGoldens.read(Searches.self, "ifmr.json")
    var compared = 0
    for c in goldens.cases where (c.input.n ?? 0) <= AlgorithmGoldens.sizeLimit {
      let x = Tensor(shape: [c.input.make().count], c.input.make())
      if let want = c.inputFnv { try #require(fnv(x.array) == want, "input of \(c.name)") }
      for r in c.results {
        let p = r.params
        let label = Comment(rawValue: "\(c.name), \(p)")
        let parameters = IFMR.Parameters(
          numBits: p.numBits, withOffset: p.withOffset, searchRange: (p.searchRange[0], p.searchRange[1]),
          searchStep: p.searchStep, maxPercentile: p.maxPercentile, minPercentile: p.minPercentile)
        #expect(try parameters.candidateCount() == r.candidates, label)
        compared += 1
        let found: IFMR.Result
        do throws(IFMRError) {
          found = try x.withView { view throws(IFMRError) in try IFMR.search([view], parameters, threads: 2) }
        } catch {
          #expect(r.ret == IFMRError.code && r.bestF64 == nil, label)
          if let first = r.messages?.first, first.contains("calibration data") {
            #expect(error.diagnostics.first?.text == first, label)
          }
          continue
        }
        if r.ret != 0 {
          // Some candidates are illegal: the library lets them win, which the product declines (README, item 1).
          #expect(r.bestF64 == found.best, label)
          continue
        }
        #expect(found.best == r.best, label)
        #expect(found.candidates == r.candidates, label)
        #expect(found.percentileMax == r.max && found.percentileMin == r.min, label)
        #expect(String(found.scale.bitPattern, radix: 16) == r.scaleBits, label)
        #expect(found.offset == r.offset, label)
        let quantizer = FakeQuantizer(
          DataFactors(Scheme(numBits: p.numBits), scale: found.scale, offset: found.offset))
        #expect(fnv(x.withView(quantizer.codes)) == r.codesFnv, label)
        #expect(fnvOfValues(quantizer.fakeQuantized(x).array) == r.fakeFnv, label)
      }
    }
    #expect(compared > 100)
  }

  @Test func `fake quantization of activations gives the library's codes and values`() throws {
    for c in try AlgorithmGoldens.read(Searches.self, "ifmr.json").quant {
      let values = c.input.make()
      let x = Tensor(shape: [values.count], values)
      let scheme = Scheme(numBits: c.numBits)
      let quantizer: FakeQuantizer
      if let reciprocal = c.quantParamScale {
        quantizer = try FakeQuantizer(scheme: scheme, reciprocal: reciprocal, offset: c.offset)
      } else {
        let bits = try #require(UInt32(c.scaleBits, radix: 16))
        quantizer = FakeQuantizer(DataFactors(scheme, scale: Float(bitPattern: bits), offset: c.offset))
      }
      #expect(String(quantizer.factors.scale.bitPattern, radix: 16) == c.scaleBits, "\(c.name)")
      #expect(fnv(x.withView(quantizer.codes)) == c.codesFnv, "\(c.name)")
      #expect(fnvOfValues(quantizer.fakeQuantized(x).array) == c.fakeFnv, "\(c.name)")
    }
  }

  struct Weights: Decodable {
    struct Case: Decodable {
      let name: String
      let layerType: String
      let shape: [Int]
      let input: GoldenInput
      let inputFnv: String?
      let channelPow2: [Int]?
      let channelZero: Int?
      let results: [Outcome]
    }
    struct Outcome: Decodable {
      let channelWise: Bool
      let numBits: Int
      let ret: Int
      let scale, scaleHead: [Float]?
      let scaleFnv: String?
      let codesFnv, codesDoubleFnv, fakeFnv: String?
      let messages: [String]?
    }
    let cases: [Case]
  }

  @Test func `weights get the library's steps and codes`() throws {
    for c in try AlgorithmGoldens.read(Weights.self, "arq.json").cases {
      let shape = Shape(c.shape)
      if shape.count > AlgorithmGoldens.sizeLimit { continue }
      let axis = c.layerType == "Deconvolution" ? 1 : 0
      var values = c.input.make()
      ChannelLayout(shape, axis: axis).forEachRun(in: 0..<shape.count) { channel, start, length in
        for i in start..<start + length {
          if let powers = c.channelPow2 { values[i] *= Float(sign: .plus, exponent: powers[channel], significand: 1) }
          if channel == c.channelZero { values[i] = 0 }
        }
      }
      if let want = c.inputFnv { try #require(fnv(values) == want, "input of \(c.name)") }
      let w = Tensor(shape: shape, values)
      for r in c.results {
        let label: Comment = "\(c.name), channel wise \(r.channelWise)"
        let axis = r.channelWise ? axis : nil
        let scales: [Float]
        do throws(ARQ.Failure) {
          scales = try ARQ.scales(w, axis: axis, numBits: r.numBits)
        } catch {
          #expect(error.code == r.ret, label)
          #expect(error.diagnostics.map(\.text) == r.messages.map { Array($0.prefix(2)) }, label)
          continue
        }
        #expect(r.ret == 0 && fnv(scales) == r.scaleFnv, label)
        #expect(fnv(ARQ.codes(w, scales: scales, axis: axis, numBits: r.numBits)) == r.codesDoubleFnv, label)
        #expect(
          fnv(ARQ.codes(w, scales: scales, axis: axis, numBits: r.numBits, quotient: .float)) == r.codesFnv, label)
        let fake = ARQ.fakeQuantized(w, scales: scales, axis: axis, numBits: r.numBits, quotient: .float)
        #expect(fnvOfValues(fake.array) == r.fakeFnv, label)
      }
    }
  }
}
