import CKernels
import Tensors

/// Prepares oneDNN computations for a fixed number of threads. Use one thread of the program for all of them.
///
/// - Source: oneDNN 2.x developer guide; the number of threads is frozen when a primitive is made.
package final class Backend: Sendable {
  package let parallel: Parallel
  package var threads: Int { parallel.threads }

  package init(threads: Int) { parallel = Parallel(threads: threads) }

  /// oneDNN's version and instruction set: results may differ in their last bits between two of these.
  package static var identity: String { String(cString: ck_dnn_version()) }

  /// Must be called on the thread that prepares or runs primitives, before either.
  package func enter() { ck_set_threads(Int32(threads)) }

  /// e.g. "2.6.3, AVX-512".
  package static var version: String { String(cString: ck_dnn_version()) }

  private func check(_ raw: OpaquePointer?) throws(KernelError) -> OpaquePointer {
    guard let raw else { throw .last }
    return raw
  }

  package func convolution(_ g: ConvolutionGeometry, postOps: [ElementFunctionOrSum]) throws(KernelError) -> Primitive {
    var c = g.raw
    c.postop_count = Int32(postOps.count)
    withUnsafeMutableBytes(of: &c.postops) { bytes in
      let slots = bytes.bindMemory(to: ck_postop.self)
      for (i, op) in postOps.enumerated() where i < slots.count { slots[i] = op.raw }
    }
    guard postOps.count <= Int(CK_MAX_POSTOPS) else { throw KernelError("too many post-ops") }
    return Primitive(try check(ck_convolution_create(&c)), sources: [g.bottomShape], top: g.topShape)
  }

  /// `[batch, inputs] x [outputs, inputs]^T`, all in C order.
  package func innerProduct(
    batch: Int, inputs: Int, outputs: Int, bias: Bool, postOps: [ElementFunctionOrSum] = []
  ) throws(KernelError) -> Primitive {
    var c = ck_inner_product()
    (c.batch, c.inputs, c.outputs, c.has_bias) = (Int64(batch), Int64(inputs), Int64(outputs), bias)
    guard postOps.count <= Int(CK_MAX_POSTOPS) else { throw KernelError("too many post-ops") }
    c.postop_count = Int32(postOps.count)
    withUnsafeMutableBytes(of: &c.postops) { bytes in
      let slots = bytes.bindMemory(to: ck_postop.self)
      for (i, op) in postOps.enumerated() { slots[i] = op.raw }
    }
    return Primitive(
      try check(ck_inner_product_create(&c)), sources: [[batch, inputs]], top: [batch, outputs])
  }

  package enum PoolKind: Sendable { case max, averageIncludingPad, averageExcludingPad }

  package func pooling(
    _ source: Layout, _ kind: PoolKind, kernel: [Int], stride: [Int], padBegin: [Int], padEnd: [Int], top: Shape
  ) throws(KernelError) -> Primitive {
    var c = ck_pooling()
    c.kind =
      switch kind {
      case .max: CK_POOL_MAX
      case .averageIncludingPad: CK_POOL_AVE_INCLUDE_PAD
      case .averageExcludingPad: CK_POOL_AVE_EXCLUDE_PAD
      }
    func pair(_ v: [Int]) -> (Int64, Int64) { (Int64(v[0]), Int64(v[1])) }
    c.in = pair([source.shape[2], source.shape[3]])
    c.out = pair([top[2], top[3]])
    (c.kernel, c.stride, c.pad_begin, c.pad_end) = (pair(kernel), pair(stride), pair(padBegin), pair(padEnd))
    return Primitive(try check(ck_pooling_create(source.raw, &c)), sources: [source.shape], top: top)
  }

  package func eltwise(_ source: Layout, _ function: ElementFunction) throws(KernelError) -> Primitive {
    Primitive(try check(ck_eltwise_create(source.raw, function.raw)), sources: [source.shape], top: source.shape)
  }

  /// Local response normalization across channels: `x / (k + alpha / size * sum x^2)^beta`.
  package func lrn(_ source: Layout, size: Int, alpha: Float, beta: Float, k: Float) throws(KernelError) -> Primitive {
    Primitive(
      try check(ck_lrn_create(source.raw, Int64(size), alpha, beta, k)), sources: [source.shape], top: source.shape)
  }

  package func softmax(_ source: Layout, axis: Int) throws(KernelError) -> Primitive {
    Primitive(try check(ck_softmax_create(source.raw, Int32(axis))), sources: [source.shape], top: source.shape)
  }

  /// `sum_i scales[i] * bottom[i]`, every bottom in `layout`.
  package func sum(_ layout: Layout, scales: [Float]) throws(KernelError) -> Primitive {
    Primitive(
      try check(ck_sum_create(layout.raw, Int32(scales.count), scales)),
      sources: scales.map { _ in layout.shape }, top: layout.shape)
  }

  package func concat(_ sources: [Layout], axis: Int, into top: Layout) throws(KernelError) -> Primitive {
    let raw: [OpaquePointer?] = sources.map(\.raw)
    return Primitive(
      try check(ck_concat_create(raw, Int32(raw.count), Int32(axis), top.raw)), sources: sources.map(\.shape),
      top: top.shape)
  }

  package func reorder(from: Layout, to: Layout) throws(KernelError) -> Primitive {
    Primitive(try check(ck_reorder_create(from.raw, to.raw)), sources: [from.shape], top: to.shape)
  }
}

/// A post-op in the form oneDNN takes: a function, or "add what is already in the destination".
package enum ElementFunctionOrSum: Sendable, Hashable {
  case function(ElementFunction)
  case sum

  var raw: ck_postop {
    switch self {
    case .function(let f): f.raw
    case .sum: ck_postop(op: CK_SUM, alpha: 1, beta: 0)
    }
  }
}

/// Everything that fixes a convolution or deconvolution: extents, window, groups.
package struct ConvolutionGeometry: Sendable, Hashable {
  /// `[N, C, spatial..]`, 1 to 3 spatial axes.
  package var bottomShape: Shape
  package var topShape: Shape
  package var groups: Int
  package var kernel: [Int]
  package var stride: [Int]
  package var pad: [Int]
  /// 1 means dense.
  package var dilation: [Int]
  package var hasBias: Bool
  package var transposed: Bool

  package init(
    bottomShape: Shape, topShape: Shape, groups: Int, kernel: [Int], stride: [Int], pad: [Int], dilation: [Int],
    hasBias: Bool, transposed: Bool
  ) {
    self.bottomShape = bottomShape
    self.topShape = topShape
    self.groups = groups
    self.kernel = kernel
    self.stride = stride
    self.pad = pad
    self.dilation = dilation
    self.hasBias = hasBias
    self.transposed = transposed
  }

  var raw: ck_convolution {
    var c = ck_convolution()
    let spatial = kernel.count
    precondition((1...3).contains(spatial), "1 to 3 spatial axes")
    c.spatial = Int32(spatial)
    c.batch = Int64(bottomShape[0])
    c.in_channels = Int64(bottomShape[1])
    c.out_channels = Int64(topShape[1])
    c.groups = Int64(groups)
    func triple(_ f: (Int) -> Int) -> (Int64, Int64, Int64) {
      (Int64(f(0)), spatial > 1 ? Int64(f(1)) : 0, spatial > 2 ? Int64(f(2)) : 0)
    }
    c.in = triple { bottomShape[2 + $0] }
    c.out = triple { topShape[2 + $0] }
    c.kernel = triple { kernel[$0] }
    c.stride = triple { stride[$0] }
    c.dilation = triple { dilation[$0] }
    c.pad_begin = triple { pad[$0] }
    // Rows at the end that no window reaches are a negative padding to oneDNN.
    c.pad_end = triple { i in
      let reach = dilation[i] * (kernel[i] - 1) + 1
      let (inner, outer) = transposed ? (topShape[2 + i], bottomShape[2 + i]) : (bottomShape[2 + i], topShape[2 + i])
      return (outer - 1) * stride[i] + reach - inner - pad[i]
    }
    c.has_bias = hasBias
    c.transposed = transposed
    return c
  }
}
