/// The extents of a tensor, outermost axis first; `[]` is a scalar with one element.
package struct Shape: Hashable, Sendable, CustomStringConvertible, ExpressibleByArrayLiteral {
  package var dims: [Int]

  package init(_ dims: [Int]) { self.dims = dims }
  package init(arrayLiteral elements: Int...) { dims = elements }

  package var rank: Int { dims.count }
  /// Number of elements; 1 for a scalar.
  package var count: Int { dims.reduce(1, *) }
  package var description: String { "[" + dims.map(String.init).joined(separator: ", ") + "]" }

  package subscript(axis: Int) -> Int {
    get { dims[axis] }
    set { dims[axis] = newValue }
  }

  /// Caffe's legacy 4-D view: axis 0...3 of `[N, C, H, W]`, 1 where the shape is shorter.
  package func legacy(_ axis: Int) -> Int { axis < dims.count ? dims[axis] : 1 }

  /// Product of the extents in `range`; 1 when it is empty.
  package func count(_ range: Range<Int>) -> Int { dims[range].reduce(1, *) }
  package func count(from axis: Int) -> Int { count(axis..<rank) }
  package func count(upTo axis: Int) -> Int { count(0..<axis) }

  /// Non-negative axis for `axis` in `-rank ..< rank`; `nil` outside (Caffe's CanonicalAxisIndex).
  package func canonicalAxis(_ axis: Int) -> Int? {
    let a = axis < 0 ? axis + rank : axis
    return (0..<rank).contains(a) ? a : nil
  }

  /// Largest element count any blob may have: 2^31 - 1, as in Caffe, whose counts are `int`.
  package static let countLimit = Int(Int32.max)

  /// `false` when an extent is negative or the product passes `countLimit`; an extent of 0 does not make others small.
  package var isLegal: Bool {
    var n = 1
    for d in dims where d != 0 {
      if d < 0 { return false }
      let (p, overflow) = n.multipliedReportingOverflow(by: d)
      if overflow || p > Self.countLimit { return false }
      n = p
    }
    return true
  }
}
