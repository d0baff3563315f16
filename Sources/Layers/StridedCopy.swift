import Tensors

/// Fills a C-order array from another one read with strides: what Permute, Crop and Tile are.
///
/// `sink[i0, i1, ..] = source[offset + i0 * stride0 + i1 * stride1 + ..]`. Axes that lie together in both are merged, so
/// that the innermost runs are as long as can be; where none is contiguous, squares of 16 by 16 are transposed.
struct StridedCopy: Sendable {
  private var extents: [Int] = []
  private var strides: [Int] = []
  private let offset: Int
  /// The merged axis along which the source is contiguous.
  private var unit: Int?
  private static let side = 16

  init(extents: [Int], strides: [Int], offset: Int = 0) {
    precondition(extents.count == strides.count, "a stride for every axis")
    self.offset = offset
    for (n, s) in zip(extents, strides) where n != 1 {
      if let last = self.strides.last, last == s * n {
        self.extents[self.extents.count - 1] *= n
        self.strides[self.strides.count - 1] = s
      } else {
        self.extents.append(n)
        self.strides.append(s)
      }
    }
    if self.extents.isEmpty { (self.extents, self.strides) = ([1], [1]) }
    unit = self.strides.lastIndex(of: 1)
  }

  /// C-order strides of `shape`.
  static func strides(of shape: Shape) -> [Int] { (0..<shape.rank).map { shape.count(from: $0 + 1) } }

  private var last: Int { extents.count - 1 }
  /// The axes that number the rows, and the number of pieces into which the transposed axis is cut.
  private var outer: [Int] { extents.indices.filter { $0 != last && !(transposes && $0 == unit) } }
  private var transposes: Bool { unit != nil && unit != last }
  private var pieces: Int { transposes ? (extents[unit ?? last] + Self.side - 1) / Self.side : 1 }

  /// Independent parts of the work; each touches about `count / rows` elements.
  var rows: Int { outer.reduce(pieces) { $0 * extents[$1] } }

  func run(_ source: FloatView, _ sink: MutableFloatView, _ rows: Range<Int>) {
    let sinkStrides = Self.strides(of: Shape(extents))
    let (outer, pieces) = (outer.reversed(), pieces)
    for row in rows {
      var (from, to, rest) = (offset, 0, row / pieces)
      for axis in outer {
        let i = rest % extents[axis]
        rest /= extents[axis]
        from += i * strides[axis]
        to += i * sinkStrides[axis]
      }
      if transposes, let unit {
        transpose(source, from, sink, to, row % pieces * Self.side, unit: unit, sinkStride: sinkStrides[unit])
      } else if strides[last] == 1 {
        sink.slice(to, extents[last]).copy(source.slice(from, extents[last]))
      } else {
        for i in 0..<extents[last] { sink[to + i] = source[from + i * strides[last]] }
      }
    }
  }

  /// The rows `first ..< first + 16` of the transposed axis, for all of the last one.
  private func transpose(
    _ source: FloatView, _ from: Int, _ sink: MutableFloatView, _ to: Int, _ first: Int, unit: Int, sinkStride: Int
  ) {
    let end = min(first + Self.side, extents[unit])
    let stride = strides[last]
    for begin in Swift.stride(from: 0, to: extents[last], by: Self.side) {
      let stop = min(begin + Self.side, extents[last])
      for i in first..<end {
        for j in begin..<stop { sink[to + i * sinkStride + j] = source[from + i + j * stride] }
      }
    }
  }
}
