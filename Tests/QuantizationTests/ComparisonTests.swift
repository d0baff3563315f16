import Foundation
import Kernels
import Tensors
import Testing

@Suite struct `A comparison of two arrays` {
  /// o = 3 0 4 0 1 -1 2 0, q = 3 1 2 0 0 0 3 0: q - o = 0 1 -2 0 -1 1 1 0.
  /// o.q = 9 + 8 + 6 = 23, |o|^2 = 9+16+1+1+4 = 31, |q|^2 = 9+1+4+9 = 23, |q-o|^2 = 1+4+1+1+1 = 8.
  private let o: [Float] = [3, 0, 4, 0, 1, -1, 2, 0]
  private let q: [Float] = [3, 1, 2, 0, 0, 0, 3, 0]

  private func comparison(_ o: [Float], _ q: [Float]) -> Comparison {
    let (a, b) = (Tensor(shape: [o.count], o), Tensor(shape: [q.count], q))
    return a.withView { a in b.withView { Comparison(original: a, quantized: $0) } }
  }

  @Test func `has the figures of a calculation by hand`() {
    let c = comparison(o, q)
    #expect(c.cosine == 23 / (31.0.squareRoot() * 23.0.squareRoot()))
    #expect(c.sqnr == 10 * log10(31.0 / 8) && c.mse == 1 && c.maxAbs == 2)
    #expect(c.slope == (23.0 / 31).squareRoot())
    #expect(c.relativeL2 == (8.0 / 31).squareRoot())
    #expect(c.meanBias == 0)
    // 1 and -1 become 0.
    #expect(c.zeroed == 2 && c.zeroedShare == 0.25)
    // Sum of o 9, of q 9: mean 9/8, variances 31/8 - 81/64 and 23/8 - 81/64.
    #expect(c.moments(.original).mean == 1.125 && c.moments(.quantized).mean == 1.125)
    #expect(abs(c.moments(.original).deviation - (167.0 / 64).squareRoot()) < 1e-15)
    #expect(abs(c.moments(.quantized).deviation - (103.0 / 64).squareRoot()) < 1e-15)
  }

  @Test func `has a bias where all are too large`() {
    #expect(comparison([1, 2, 3], [1.5, 2.5, 3.5]).meanBias == 0.5)
  }

  @Test func `of parts adds up to that of the whole`() {
    var sum = comparison(Array(o[..<3]), Array(q[..<3]))
    sum += comparison(Array(o[3...]), Array(q[3...]))
    #expect(sum == comparison(o, q))
  }

  /// Two images, 3 channels, 11 values each: sums by plain loops in Double.
  @Test(arguments: [1, 2]) func `goes image by image and channel by channel in both orders`(_ threads: Int) {
    let (items, channels, inner) = (2, 19, 131)
    let count = items * channels * inner
    var (o, q): ([Float], [Float]) = ([], [])
    for i in 0..<count {
      let value = Float((i * 37) % 101 - 50) / 8
      let error = Float((i * 13) % 5 - 2) / 16
      o.append(value)
      q.append(i % 7 == 0 ? 0 : value + error)
    }
    func last(_ v: [Float]) -> [Float] {
      var out: [Float] = []
      for n in 0..<items {
        for p in 0..<inner { for c in 0..<channels { out.append(v[(n * channels + c) * inner + p]) } }
      }
      return out
    }
    func cosine(_ indices: [Int]) -> Double {
      var (dot, a, b) = (0.0, 0.0, 0.0)
      for i in indices {
        let (x, y) = (Double(o[i]), Double(q[i]))
        dot += x * y
        a += x * x
        b += y * y
      }
      return dot / (a.squareRoot() * b.squareRoot())
    }
    for isLast in [false, true] {
      let shape = ItemShape(items: items, channels: channels, inner: inner, isChannelsLast: isLast)
      let a = Tensor(shape: [count], isLast ? last(o) : o)
      let b = Tensor(shape: [count], isLast ? last(q) : q)
      var pair = PairScan(isDetailed: true)
      var scan = BlobScan([Rounding(scale: 0.5, low: -8, high: 7)])
      a.withView { a in
        b.withView { b in
          pair.add(original: a, quantized: b, shape, Parallel(threads: threads))
          scan.add(a, shape, Parallel(threads: threads))
        }
      }
      #expect(pair.cosines.count == items && pair.channels.count == channels)
      for n in 0..<items {
        let all = (0..<channels * inner).map { n * channels * inner + $0 }
        #expect(abs(pair.cosines[n] - cosine(all)) < 1e-14)
      }
      for c in 0..<channels {
        var all: [Int] = []
        for n in 0..<items { all += (0..<inner).map { (n * channels + c) * inner + $0 } }
        #expect(abs(pair.channels[c].cosine - cosine(all)) < 1e-14)
        #expect(scan.channelMin[c] == all.map { o[$0] }.min() && scan.channelMax[c] == all.map { o[$0] }.max())
      }
      #expect(pair.total.zeroed == o.indices.count { o[$0] != 0 && q[$0] == 0 })
      #expect(pair.histogram.count == count && scan.histogram.count == count)
      // Codes -8 ... 7 of steps of 0.5, halves away from zero.
      let codes = o.map { (Double($0) / 0.5).rounded(.toNearestOrAwayFromZero) }
      #expect(scan.losses[0].clipped == codes.count { $0 < -8 || $0 > 7 })
      #expect(scan.losses[0].zeroed == zip(o, codes).count { $0 != 0 && $1 == 0 })
      #expect(shape.plain(a.view) == o)
    }
  }

  /// Step 2, codes -2 ... 1: -5 is code -2.5, rounded to -3 and clipped; -4.9 is -2.45, so -2; 3 is 1.5, rounded to 2 and
  /// clipped; 2.9 is 1.45, so 1; 0.9 and -0.9 become 0, 1 becomes 1.
  @Test func `losses follow the rounding of Quant`() {
    let x = Tensor(shape: [8], [-5, -4.9, 3, 2.9, 0.9, -0.9, 1, 0])
    var losses = QuantLosses()
    x.withView { losses.add($0, Rounding(scale: 2, low: -2, high: 1)) }
    #expect(losses.clipped == 2 && losses.zeroed == 2 && losses.count == 8)
    #expect(losses.clippedShare == 0.25 && losses.zeroedShare == 0.25)
  }

  @Test func `shapes without an axis for images are one item`() {
    #expect(ItemShape([3, 4, 5, 6], images: 3) == ItemShape(items: 3, channels: 4, inner: 30))
    #expect(ItemShape([3, 10], images: 3) == ItemShape(items: 3, channels: 10, inner: 1))
    #expect(ItemShape([3], images: 3) == ItemShape(items: 3, channels: 1, inner: 1))
    #expect(ItemShape([1, 7], images: 3) == ItemShape(items: 1, channels: 1, inner: 7))
    #expect(ItemShape([], images: 3) == ItemShape(items: 1, channels: 1, inner: 1))
  }
}
