import Kernels
import LayerGraph
import Synchronization
import Tensors

/// `[rows, inputs] x [outputs, inputs]^T` through oneDNN, in slices of the outputs that do not depend on the threads.
///
/// oneDNN's inner product spreads long sums over its threads, so that the bits of a result would depend on their
/// number. Here each slice is computed by one thread, and the threads share the slices.
struct InnerProductKernel: LayerKernel {
  /// Slices have at least this many outputs (four vectors), and there are at most `mostSlices` of them.
  static let smallestSlice = 64
  static let mostSlices = 32

  let bottomLayouts: [Layout]
  let topLayouts: [Layout]
  let accumulatesInto: Int?
  private let rows: Int
  private let outputs: Int
  private let slices: [Slice]
  private let addsResidual: Bool
  private let parallel: Parallel
  /// Floats of temporary memory per slice: what oneDNN wants, then the slice's own top.
  private let scratchFloats: Int
  private let topFloats: Int

  private struct Slice {
    let start: Int
    let length: Int
    let primitive: Primitive
    let weights: PackedWeights
    let bias: Tensor?
  }

  init(_ context: KernelContext, rows: Int, inputs: Int, outputs: Int, transposed: Bool) throws(KernelError) {
    guard let chain = PostOpChain(context.postOps, outputs: outputs) else {
      throw KernelError("an inner product cannot take these post-ops: \(context.postOps)")
    }
    let learnedBias = context.params.count > 1 ? context.params[1] : nil
    let folded = chain.folding(context.params[0], learnedBias) { transposed ? $0 % outputs : $0 / inputs }
    let step = max(Self.smallestSlice, (outputs + Self.mostSlices - 1) / Self.mostSlices + 15) / 16 * 16
    slices = try Self.slices(context.backend, chain, folded, (rows, inputs, outputs), step, transposed)
    (self.rows, self.outputs, addsResidual, parallel) = (rows, outputs, chain.addsResidual, context.backend.parallel)
    // A single row of the top is contiguous; several are gathered from the slices.
    topFloats = rows > 1 && slices.count > 1 ? (rows * step + 15) / 16 * 16 : 0
    scratchFloats = slices.map(\.primitive.scratchFloats).max() ?? 0
    let top = Layout.plain(context.shapes.tops[0])
    bottomLayouts = [.plain(context.shapes.bottoms[0])] + (chain.addsResidual ? [top] : [])
    topLayouts = [top]
    accumulatesInto = chain.addsResidual ? 1 : nil
  }

  private static func slices(
    _ backend: Backend, _ chain: PostOpChain, _ learned: (weights: Tensor, bias: Tensor?),
    _ extents: (rows: Int, inputs: Int, outputs: Int), _ step: Int, _ transposed: Bool
  ) throws(KernelError) -> [Slice] {
    // The number of threads is frozen when a primitive is made.
    let single = Backend(threads: 1)
    single.enter()
    defer { backend.enter() }
    var slices: [Slice] = []
    for start in stride(from: 0, to: extents.outputs, by: step) {
      let length = min(step, extents.outputs - start)
      let primitive = try single.innerProduct(
        batch: extents.rows, inputs: extents.inputs, outputs: length, bias: learned.bias != nil,
        postOps: chain.primitiveOps)
      let weights =
        transposed
        ? try primitive.pack(columns(learned.weights, start, length))
        : try primitive.pack(learned.weights, from: start * extents.inputs, count: length * extents.inputs)
      let bias = learned.bias.map { Tensor(shape: [length], $0.array[start..<start + length]) }
      slices.append(Slice(start: start, length: length, primitive: primitive, weights: weights, bias: bias))
    }
    return slices
  }

  /// Columns `start ..< start + length` of `[inputs, outputs]`, as `[length, inputs]`.
  private static func columns(_ weights: Tensor, _ start: Int, _ length: Int) -> Tensor {
    let (inputs, outputs) = (weights.shape[0], weights.shape[1])
    var part = Tensor(shape: [length, inputs])
    part.withMutable { v in
      for k in 0..<inputs { for o in 0..<length { v[o * inputs + k] = weights[k * outputs + start + o] } }
    }
    return part
  }

  var scratchBytes: Int { (scratchFloats + topFloats) * slices.count * 4 }
  var packedBytes: Int { slices.reduce(0) { $0 + $1.weights.bytes } }
  var backend: String { "oneDNN:\(slices.first?.primitive.implementation ?? "none")" }

  func run(_ io: KernelIO) throws(KernelError) {
    let (bottom, top) = (io.bottom(0), io.top(0))
    let perSlice = scratchFloats + topFloats
    let scratch = io.scratchFloats(perSlice * slices.count)
    let failure = Mutex<KernelError?>(nil)
    parallel.forEach(slices.count) { i in
      let (slice, own) = (slices[i], scratch.slice(i * perSlice, perSlice))
      do throws(KernelError) {
        let sink =
          topFloats > 0 ? own.slice(scratchFloats, rows * slice.length) : top.slice(slice.start, rows * slice.length)
        if topFloats > 0, addsResidual {
          forEachRow(of: slice) { sink.slice($0, slice.length).copy(top.slice($1, slice.length).readOnly) }
        }
        try slice.primitive.run([bottom], weights: slice.weights, bias: slice.bias?.view, into: sink, scratch: own)
        if topFloats > 0 {
          forEachRow(of: slice) { top.slice($1, slice.length).copy(sink.slice($0, slice.length).readOnly) }
        }
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// Where each row of a slice starts, in the slice and in the top.
  private func forEachRow(of slice: Slice, _ body: (Int, Int) -> Void) {
    for m in 0..<rows { body(m * slice.length, m * outputs + slice.start) }
  }
}
