import Kernels
import Tensors
import Testing

@Suite struct `A histogram` {
  private func histogram(_ values: [Float]) -> Histogram {
    var h = Histogram()
    Tensor(shape: [values.count], values).withView { h.add($0) }
    return h
  }

  /// Range -2 to 6: 1024 bins of 2^-7 cover 8 with the last value's bin one too many, so w = 2^-6; for 4 bins w = 4:
  /// [-4, 0), [0, 4), [4, 8).
  @Test func `counts values between multiples of a power of two`() {
    let values: [Float] = [-2, -0.5, 0, 0, 1, 3.99, 4, 6]
    let t = Tensor(shape: [8], values)
    var h = Histogram()
    t.withView { h.add($0) }
    #expect(h.min == -2 && h.max == 6 && h.count == 8)
    #expect(h.table(bins: 4) == BinCounts(start: -4, width: 4, counts: [2, 4, 2]))
    let all = h.table()
    #expect(all.width == 0.125 && all.start == -2 && all.counts.count == 65)
    #expect(all.counts[0] == 1 && all.counts[12] == 1 && all.counts[16] == 2 && all.counts[64] == 1)
  }

  @Test func `is the same however the values are cut and ordered`() {
    var values: [Float] = []
    for i in 0..<5000 { values.append(Float((i * 7919) % 5000 - 1200) * (i % 97 == 0 ? 40 : 0.01)) }
    let t = Tensor(shape: [5000], values)
    var (whole, pieces, merged) = (Histogram(), Histogram(), Histogram())
    t.withView { view in
      whole.add(view)
      for start in stride(from: 0, to: 5000, by: 137).reversed() {
        let piece = view.slice(start, min(137, 5000 - start))
        pieces.add(piece)
        var one = Histogram()
        one.add(piece)
        merged += one
      }
    }
    #expect(whole == pieces && whole == merged)
    // Against plain counting.
    let table = whole.table()
    for (i, count) in table.counts.enumerated() {
      let (low, high) = (table.start + Double(i) * table.width, table.start + Double(i + 1) * table.width)
      #expect(count == values.count { Double($0) >= low && Double($0) < high })
    }
    #expect((64...128).contains(table.counts.count))
  }

  @Test func `counts what is not finite apart`() {
    let h = histogram([1, .nan, 2, .infinity, -.infinity, 1])
    #expect(h.notFinite == 3 && h.count == 3 && h.min == 1 && h.max == 2)
    #expect(histogram([.nan]).isEmpty && histogram([.nan]).table().counts.isEmpty)
  }

  @Test func `of a constant has one bin`() {
    #expect(histogram([0, 0, 0]).table().counts == [3])
    let h = histogram([Float](repeating: -1000.3, count: 5)).table()
    #expect(h.counts == [5])
    #expect(h.start <= -1000.3 && h.start + h.width > -1000.3)
  }

  @Test func `gives two data sets the same edges`() {
    let (a, b) = (histogram([0, 1, 2, 3]), histogram([-100, 27]))
    let (x, y) = (a.table(with: b), b.table(with: a))
    #expect(x.start == y.start && x.width == y.width && x.counts.count == y.counts.count)
    // Range -100 to 27: w = 1 makes 128 bins.
    #expect(x.width == 1 && x.start == -100 && x.counts.count == 128)
    #expect(x.counts[100] == 1 && x.counts[103] == 1 && y.counts[0] == 1 && y.counts[127] == 1)
  }

  /// 1000 values 0, 0.01 .. 9.99 and one of 1000: bins are 1 wide, as 1001 of them cover the range. One value in 1001 lies
  /// beyond 99.9 %.
  @Test func `finds the end of a share of the values`() {
    let h = histogram((0..<1000).map { Float($0) / 100 } + [1000])
    let ends = h.ends(share: 0.999)
    #expect(ends.high == 10 && ends.low >= 0 && ends.low <= 1)
    #expect(h.ends(share: 1).high == 1000)
  }

  @Test func `of a part of the data keeps the whole range`() {
    let values = (0..<(1 << 16)).map { Float($0 % 1000) }
    let t = Tensor(shape: [values.count], values)
    var h = Histogram()
    t.withView { h.add($0, oneIn: 4) }
    #expect(h.min == 0 && h.max == 999)
    // 128 blocks of 512, a hash picks about one in four.
    #expect(h.count % 512 == 0 && (16...48).contains(h.count / 512))
  }
}
