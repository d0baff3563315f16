import Kernels
import LayerGraph
import Tensors

/// `[rows, inputs] x [outputs, inputs]^T` through oneDNN, long sums cut into fixed chunks.
///
/// oneDNN spreads one long sum over its threads, so that the bits of a result would depend on their number. Chunks of at
/// most `longestSum` inputs are short enough never to be spread; they are added to the top one after the other.
struct InnerProductKernel: LayerKernel {
  /// Equal bits on 1, 2 and 4 threads were seen up to 8192 inputs with oneDNN 2.6 (InnerProductLayerTests).
  static let longestSum = 4096

  let bottomLayouts: [Layout]
  let topLayouts: [Layout]
  let accumulatesInto: Int?
  private let rows: Int
  private let inputs: Int
  private let bias: Tensor?
  private let chunks: [Chunk]
  /// Floats of the contiguous copy of one chunk of the bottom; 0 for a single row or chunk.
  private let copied: Int

  private struct Chunk {
    let start: Int
    let length: Int
    let primitive: Primitive
    let weights: PackedWeights
    let hasBias: Bool
  }

  init(_ context: KernelContext, rows: Int, inputs: Int, outputs: Int, transposed: Bool) throws(KernelError) {
    guard let chain = PostOpChain(context.postOps, outputs: outputs) else {
      throw KernelError("an inner product cannot take these post-ops: \(context.postOps)")
    }
    let learnedBias = context.params.count > 1 ? context.params[1] : nil
    let folded = chain.folding(context.params[0], learnedBias) { transposed ? $0 % outputs : $0 / inputs }
    let count = max(1, (inputs + Self.longestSum - 1) / Self.longestSum)
    // Whole vectors per chunk; the last takes the rest.
    let step = max(1, ((inputs + count - 1) / count + 63) / 64 * 64)
    var chunks: [Chunk] = []
    for start in stride(from: 0, to: inputs, by: step) {
      let length = min(step, inputs - start)
      let (first, last) = (start == 0, start + length == inputs)
      let sum: [ElementFunctionOrSum] = first && !chain.addsResidual ? [] : [.sum]
      let primitive = try context.backend.innerProduct(
        batch: rows, inputs: length, outputs: outputs, bias: first && folded.bias != nil,
        postOps: sum + (last ? chain.functions.map(ElementFunctionOrSum.function) : []))
      let part = Self.columns(folded.weights.view, start, length, inputs, outputs, transposed)
      chunks.append(
        Chunk(
          start: start, length: length, primitive: primitive, weights: try primitive.pack(part.view),
          hasBias: first && folded.bias != nil))
    }
    (self.rows, self.inputs, bias, self.chunks) = (rows, inputs, folded.bias, chunks)
    copied = rows > 1 && chunks.count > 1 ? (rows * step + 15) / 16 * 16 : 0
    let top = Layout.plain(context.shapes.tops[0])
    bottomLayouts = [.plain(context.shapes.bottoms[0])] + (chain.addsResidual ? [top] : [])
    topLayouts = [top]
    accumulatesInto = chain.addsResidual ? 1 : nil
  }

  var scratchBytes: Int { copied * 4 + (chunks.map(\.primitive.scratchBytes).max() ?? 0) }
  var backend: String { "oneDNN:\(chunks.first?.primitive.implementation ?? "none")" }

  func run(_ io: KernelIO) throws(KernelError) {
    for chunk in chunks {
      try unsafe chunk.primitive.run(
        [part(chunk, io)], weights: chunk.weights, bias: chunk.hasBias ? bias?.view : nil, into: io.top(0),
        scratch: io.scratch(after: copied))
    }
  }

  /// The columns of the bottom that `chunk` reads, as contiguous rows.
  private func part(_ chunk: Chunk, _ io: KernelIO) -> FloatView {
    let source = io.bottom(0)
    if copied == 0 { return source.slice(chunk.start, rows * chunk.length) }
    let copy = io.scratchFloats(rows * chunk.length)
    for m in 0..<rows {
      copy.slice(m * chunk.length, chunk.length).copy(source.slice(m * inputs + chunk.start, chunk.length))
    }
    return copy.readOnly
  }

  /// Inputs `start ..< start + length` of all outputs, as `[outputs, length]`.
  private static func columns(
    _ w: FloatView, _ start: Int, _ length: Int, _ inputs: Int, _ outputs: Int, _ transposed: Bool
  ) -> Tensor {
    var part = Tensor(shape: [outputs, length])
    part.withMutable { v in
      for o in 0..<outputs {
        if transposed {
          for k in 0..<length { v[o * length + k] = w[(start + k) * outputs + o] }
        } else {
          v.slice(o * length, length).copy(w.slice(o * inputs + start, length))
        }
      }
    }
    return part
  }
}
