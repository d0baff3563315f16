import Kernels
import LayerGraph
import Tensors

/// Simulates the shift of a 32-bit sum to 16 bits; without shifts, as usual, it is the identity.
///
/// Learned blobs, each `[C]` for `channel_wise` over a 4-D bottom and `[1]` otherwise: `deq_scale` (scale of the data times
/// scale of the weights), `shift_bit` N, `offset_w` (not used). With N of 1 to 16, half away from zero:
///
///     t = clip(round(round(x / deq_scale) / 2^N), -32768, 32767)
///     y = t * deq_scale * 2^N
///
/// N is 0 for all channels or for none. The layers inside an unrolled LSTM keep the factors in the prototxt instead; in
/// others a `shift_bit: 0` there says that the shifts of the blob are for the NPU alone, and the layer is the identity.
/// - Source: AMCT's Caffe layer DeQuant.
package struct DeQuantLayer: LayerType {
  package static let caffeTypes = ["DeQuant"]
  package static let arity = Arity.oneToOne
  package static let agreement = Agreement.exact

  package let isChannelWise: Bool
  /// True for the layers inside an LSTM, which have no learned blobs.
  package let isRecurrent: Bool
  private let name: String
  private let simulatesShifts: Bool

  package init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("dequant_param")
    simulatesShifts = !p.has("shift_bit")
    name = source.name
    isChannelWise = p.bool("channel_wise") ?? false
    isRecurrent = ["LSTM_X", "LSTM_H", "LSTM_S"].contains(p.string("layer_type") ?? "")
    if let shift = p.floats("shift_bit").first(where: { $0 != 0 }) {
      throw source.error("a shift_bit in the prototxt must be 0, is \(shift)", p, field: "shift_bit")
    }
  }

  package func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    if isRecurrent { return [] }
    let shape: Shape = isChannelWise && bottoms[0].rank == 4 ? [bottoms[0][1]] : [1]
    return [
      ParamBlobSpec("deq_scale", shape, .factor), ParamBlobSpec("shift_bit", shape, .zero),
      ParamBlobSpec("offset_w", shape, .zero),
    ]
  }

  package func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  /// Refuses learned values that no simulation fits: shifts that are not all 0 or all integers of 1 to 16, and, with
  /// shifts, scales that are no positive numbers.
  package func validate(_ params: [Tensor]) throws(LayerError) {
    guard params.count == 3 else { return }
    if let problem = problem(params[0].view, params[1].view) { throw .shape(problem) }
  }

  private func problem(_ scales: FloatView, _ shifts: FloatView) -> String? {
    var first: Float?
    for c in 0..<shifts.count {
      let n = shifts[c]
      guard n >= 0, n <= 16, n == n.rounded() else { return "has shift_bit \(n); it must be an integer of 0 to 16" }
      if (n == 0) != ((first ?? n) == 0) { return "has shift_bit 0 for some channels and not for others" }
      first = n
      if n > 0, !(scales[c] > 0 && scales[c].isFinite) {
        return "has deq_scale \(scales[c]); with a shift it must be a positive number"
      }
    }
    return nil
  }

  /// Learned values that `validate` refuses count as no shift.
  package func reference(_ run: LayerRun) {
    let (x, y) = (run.bottoms[0], run.tops[0])
    guard simulatesShifts, run.params.count == 3, problem(run.params[0], run.params[1]) == nil, run.params[1][0] > 0
    else {
      return y.copy(x)
    }
    let shape = run.shapes.bottoms[0]
    let inner = run.params[0].count == 1 ? y.count : shape.count(from: 2)
    for i in 0..<y.count {
      let c = i / inner % run.params[0].count
      let (scale, power) = (run.params[0][c], Float(1 << Int(run.params[1][c])))
      let sum = (x[i] / scale).rounded(.toNearestOrAwayFromZero)
      let code = (sum / power).rounded(.toNearestOrAwayFromZero)
      y[i] = code.isNaN ? 0 : min(max(code, -32768), 32767) * scale * power
    }
  }

  package func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    if context.params.count == 3 {
      if let problem = problem(context.params[0].view, context.params[1].view) {
        throw KernelError("layer '\(name)' (DeQuant) \(problem)")
      }
      // Rare enough for the plain loops.
      if simulatesShifts, context.params[1][0] > 0 { return nil }
    }
    return FlatKernel(context.bottomLayouts[0], parallel: context.backend.parallel) { x, y in y.copy(x) }
  }
}
