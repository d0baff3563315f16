import Kernels
import Tensors
import Testing

@Suite struct `Moments of channels` {
  /// One channel after the other, in the order of the numbers.
  private static func plain(_ x: Tensor) -> ChannelMoments {
    let (n, c) = (x.shape[0], x.shape.rank > 1 ? x.shape[1] : 1)
    let inner = x.shape.rank > 2 ? x.shape.count(from: 2) : 1
    let values = (0..<c).map { channel in
      (0..<n).flatMap { i in (0..<inner).map { Double(x[(i * c + channel) * inner + $0]) } }
    }
    let means = values.map { $0.reduce(0, +) / Double($0.count) }
    return ChannelMoments(
      means: means,
      variances: zip(values, means).map { values, mean in
        values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      }, count: n * inner)
  }

  private static func isClose(_ a: ChannelMoments, _ b: ChannelMoments) -> Bool {
    a.count == b.count && a.means.count == b.means.count
      && zip(a.means + a.variances, b.means + b.variances).allSatisfy { abs($0 - $1) < 1e-12 }
  }

  /// 1, 2, 3, 6: mean 3, squared deviations 4 + 1 + 0 + 9 over 4. -1, 0, 0, 1: mean 0, 2 / 4.
  @Test func `by hand`() {
    let x = Tensor(shape: [2, 2, 2], [1, 2, -1, 0, 3, 6, 0, 1])
    let loops = MomentLoops(x.shape, channelsLast: false, parallel: Parallel(threads: 1))
    #expect(x.withView { loops.moments($0) } == ChannelMoments(means: [3, 0], variances: [3.5, 0.5], count: 4))
  }

  @Test(arguments: [[2, 17, 5, 4], [3, 16, 3, 3], [4, 35], [5], [1, 1, 9, 9], [2, 8, 2, 3, 4], [6, 3, 1, 1]])
  func `in every layout and on two threads`(_ dims: [Int]) throws {
    let shape = Shape(dims)
    let x = Tensor.random(shape, seed: 3)
    let want = Self.plain(x)
    let layouts: [Layout?] = [
      .plain(shape), Layout.channelsLast(shape), Layout.blocked(shape, block: 8), Layout.blocked(shape, block: 16),
    ]
    let backend = Backend(threads: 2)
    for layout in layouts.compactMap(\.self) {
      let loops = try #require(MomentLoops(layout, parallel: backend.parallel))
      let one = try #require(MomentLoops(layout, parallel: Parallel(threads: 1)))
      let reorder = try backend.reorder(from: .plain(shape), to: layout)
      let memory = TensorStorage(uninitialized: layout.floats)
      let view = MutableFloatView(memory.base, count: layout.floats)
      let room = try Scratch(bytes: reorder.scratchBytes)
      try x.withView { view0 throws(KernelError) in
        try reorder.run([view0], into: view, scratch: room.base)
      }
      let found = loops.moments(view.readOnly)
      #expect(Self.isClose(found, want), "\(layout.description)")
      #expect(found == one.moments(view.readOnly), "the same with one thread")
      withExtendedLifetime((memory, room)) {}
    }
    // As observers get them.
    let last = shape.rank > 2 ? Layout.channelsLast(shape) : nil
    if last != nil {
      let inner = shape.count(from: 2)
      let values = x.array
      var turned: [Float] = []
      for n in 0..<shape[0] {
        for i in 0..<inner { for c in 0..<shape[1] { turned.append(values[(n * shape[1] + c) * inner + i]) } }
      }
      let loops = MomentLoops(shape, channelsLast: true, parallel: Parallel(threads: 1))
      #expect(Self.isClose(Tensor(shape: shape, turned).withView { loops.moments($0) }, want))
    }
  }
}
