import Tensors

/// Loops over `[outer, channels, inner]` whose coefficients go by channel.
///
/// They take C order, channels in blocks of 8 or 16, and channels last. Padding channels of a blocked layout are left
/// zero. Source and sink may be the same memory.
package struct ChannelLoops: Sendable {
  private let outer: Int
  private let channels: Int
  private let inner: Int
  /// Channels side by side in memory: 1 is C order, 8 and 16 are blocks, 0 is all of them.
  private let block: Int
  private let parallel: Parallel

  /// C order.
  package init(outer: Int, channels: Int, inner: Int, parallel: Parallel) {
    (self.outer, self.channels, self.inner, block) = (outer, channels, inner, inner == 1 ? 0 : 1)
    self.parallel = parallel
  }

  /// Axis 1 of `layout` is that of the channels (a rank of 1 has one channel); `nil` for an order not named above.
  package init?(_ layout: Layout, parallel: Parallel) {
    guard [1, 8, 16].contains(layout.channelBlock) || layout.isChannelsLast else { return nil }
    let shape = layout.shape
    outer = shape.rank > 0 ? shape[0] : 1
    channels = shape.rank > 1 ? shape[1] : 1
    inner = shape.rank > 2 ? shape.count(from: 2) : 1
    block = layout.isChannelsLast || (layout.isPlain && inner == 1) ? 0 : layout.channelBlock
    self.parallel = parallel
  }

  /// Coefficients of one value per channel (`perOuter`: per outer index and channel); `nil` stands for one value.
  package struct Coefficients: Sendable {
    let values: FloatView?
    let fallback: Float
    let perOuter: Bool

    package init(_ values: FloatView?, otherwise fallback: Float, perOuter: Bool = false) {
      (self.values, self.fallback, self.perOuter) = (values, fallback, perOuter)
    }

    @inline(__always) func at(_ n: Int, _ c: Int, of channels: Int) -> Float {
      guard let values else { return fallback }
      return values.pointer[perOuter ? n * channels + c : c]
    }
  }

  /// `y = (x - center[c]) * scale[c] + shift[c]`
  package func affine(
    _ source: FloatView, _ sink: MutableFloatView, center: Coefficients, scale: Coefficients, shift: Coefficients
  ) {
    switch block {
    case 8:
      forEachBlock { n, c, at, count in
        blockAffine(SIMD8<Float>.self, source, sink, n, c, at, count, center, scale, shift)
      }
    case 16:
      forEachBlock { n, c, at, count in
        blockAffine(SIMD16<Float>.self, source, sink, n, c, at, count, center, scale, shift)
      }
    case 0:
      forEachPixelRun([center, scale, shift]) { at, pixels, vectors in
        let (m, s, t) = (vectors, vectors + channels, vectors + 2 * channels)
        for pixel in 0..<pixels {
          let (x, y) = (source.pointer + at + pixel * channels, sink.pointer + at + pixel * channels)
          for c in 0..<channels { y[c] = (x[c] - m[c]) * s[c] + t[c] }
        }
      }
    default:
      forEachRow { n, c, at in
        let (x, y) = (source.pointer + at, sink.pointer + at)
        let (m, s) = (center.at(n, c, of: channels), scale.at(n, c, of: channels))
        let t = shift.at(n, c, of: channels)
        for i in 0..<inner { y[i] = (x[i] - m) * s + t }
      }
    }
  }

  /// `y = x > 0 ? x : slope[c] * x`
  package func prelu(_ source: FloatView, _ sink: MutableFloatView, slope: Coefficients) {
    switch block {
    case 8: forEachBlock { n, c, at, count in blockPrelu(SIMD8<Float>.self, source, sink, n, c, at, count, slope) }
    case 16: forEachBlock { n, c, at, count in blockPrelu(SIMD16<Float>.self, source, sink, n, c, at, count, slope) }
    case 0:
      forEachPixelRun([slope]) { at, pixels, a in
        for pixel in 0..<pixels {
          let (x, y) = (source.pointer + at + pixel * channels, sink.pointer + at + pixel * channels)
          for c in 0..<channels { y[c] = x[c] > 0 ? x[c] : a[c] * x[c] }
        }
      }
    default:
      forEachRow { n, c, at in
        let (x, y) = (source.pointer + at, sink.pointer + at)
        let a = slope.at(n, c, of: channels)
        for i in 0..<inner { y[i] = x[i] > 0 ? x[i] : a * x[i] }
      }
    }
  }

  /// Calls `body(n, channel, start)` for each run of `inner` floats.
  private func forEachRow(_ body: @Sendable (Int, Int, Int) -> Void) {
    parallel.forEachPart(of: outer * channels, minimum: max(1, 16384 / max(1, inner))) { first, length in
      var (n, c) = (first / channels, first % channels)
      for row in first..<first + length {
        body(n, c, row * inner)
        c += 1
        if c == channels { (n, c) = (n + 1, 0) }
      }
    }
  }

  /// Calls `body(n, firstChannel, start, pixels)` for pieces of each run of `inner` groups of `block` floats.
  private func forEachBlock(_ body: @Sendable (Int, Int, Int, Int) -> Void) {
    let blocks = (channels + block - 1) / block
    let runs = outer * blocks
    // Few long runs (batch 1) are cut so that every thread gets some.
    let cuts = max(1, min((parallel.threads * 2 + runs - 1) / max(1, runs), inner * block / 4096))
    let step = (inner + cuts - 1) / cuts
    parallel.forEach(runs * cuts) { part in
      let (run, first) = (part / cuts, part % cuts * step)
      if first < inner {
        body(run / blocks, run % blocks * block, (run * inner + first) * block, min(step, inner - first))
      }
    }
  }

  /// Calls `body(start, pixels, vectors)` for pieces of `[outer x inner, channels]` that lie within one outer index;
  /// `vectors` holds one value per channel of each coefficient, one coefficient after the other.
  private func forEachPixelRun(
    _ coefficients: [Coefficients], _ body: @Sendable (Int, Int, UnsafePointer<Float>) -> Void
  ) {
    parallel.forEachPart(of: outer * inner, minimum: max(1, 16384 / max(1, channels))) { first, length in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: coefficients.count * channels) { buffer in
        guard let base = buffer.baseAddress else { return }
        let varies = coefficients.contains { $0.perOuter }
        var pixel = first
        while pixel < first + length {
          let n = pixel / inner
          if varies || pixel == first {
            for (i, v) in coefficients.enumerated() {
              for c in 0..<channels { base[i * channels + c] = v.at(n, c, of: channels) }
            }
          }
          let end = varies ? min((n + 1) * inner, first + length) : first + length
          body(pixel * channels, end - pixel, UnsafePointer(base))
          pixel = end
        }
      }
    }
  }

  @inline(__always) private func lanes<V: SIMD>(_: V.Type, _ v: Coefficients, _ n: Int, _ first: Int) -> V
  where V.Scalar == Float {
    var out = V()
    for l in 0..<min(V.scalarCount, channels - first) { out[l] = v.at(n, first + l, of: channels) }
    return out
  }

  @inline(__always) private func blockAffine<V: SIMD>(
    _ type: V.Type, _ source: FloatView, _ sink: MutableFloatView, _ n: Int, _ c: Int, _ at: Int, _ count: Int,
    _ center: Coefficients, _ scale: Coefficients, _ shift: Coefficients
  ) where V.Scalar == Float {
    let (m, s, t) = (lanes(type, center, n, c), lanes(type, scale, n, c), lanes(type, shift, n, c))
    let x = UnsafeRawPointer(source.pointer + at)
    let y = UnsafeMutableRawPointer(sink.pointer + at)
    for i in 0..<count {
      let offset = i * V.scalarCount * 4
      let v = (x.loadUnaligned(fromByteOffset: offset, as: V.self) - m) * s + t
      y.storeBytes(of: v, toByteOffset: offset, as: V.self)
    }
  }

  @inline(__always) private func blockPrelu<V: SIMD>(
    _ type: V.Type, _ source: FloatView, _ sink: MutableFloatView, _ n: Int, _ c: Int, _ at: Int, _ count: Int,
    _ slope: Coefficients
  ) where V.Scalar == Float {
    let a = lanes(type, slope, n, c)
    let x = UnsafeRawPointer(source.pointer + at)
    let y = UnsafeMutableRawPointer(sink.pointer + at)
    for i in 0..<count {
      let offset = i * V.scalarCount * 4
      let v = x.loadUnaligned(fromByteOffset: offset, as: V.self)
      y.storeBytes(of: (a * v).replacing(with: v, where: v .> V()), toByteOffset: offset, as: V.self)
    }
  }
}
