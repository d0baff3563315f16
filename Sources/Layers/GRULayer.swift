import CaffeFormat
import Glibc
import LayerGraph
import Tensors

/// Gated recurrent units over T time steps of N streams.
///
/// Bottoms: x `[T, N, ..]`, cont `[T, N]` (0 where a sequence begins, else 1), optionally x_static `[N, ..]`, and with
/// `expose_hidden` the first state h0 `[1, N, D]`. Tops: h `[T, N, D]`, with `expose_hidden` the last h.
/// With `a = W_xc x + b_c (+ W_xs x_static)` in parts z, r, h and `h' = cont * h`: `z = sigmoid(a_z + R_z h')`,
/// `r = sigmoid(a_r + R_r h')`, `g = tanh(a_h + R_h (r * h'))`, `h = g + z * (h' - g)`. With `linear_before_reset` it is
/// `g = tanh(a_h + r * (R_h h' + b_h))`.
/// Learned: W_xc `[3D, I]`, b_c `[3D]`, W_xs `[3D, S]` where there is a static input, R_z, R_r, R_h `[D, D]`, and with
/// `linear_before_reset` b_h `[D]`.
/// - Source: Synopsys' Caffe, `gru_layer.cpp`; BVLC has none. Cho et al. 2014, arXiv:1406.1078.
struct GRULayer: LayerType, RecurrentCell {
  static let caffeTypes = ["GRU"]
  static let arity = Arity(bottoms: 2...4, tops: 1...2)
  static let agreement = Agreement.relativeToLargest(1e-5)

  let settings: RecurrentSettings
  private let isLinearFirst: Bool

  init(_ source: LayerSource) throws(LayerError) {
    settings = try RecurrentSettings(source)
    isLinearFirst = (source.settings("recurrent_param").int("linear_before_reset") ?? 0) != 0
  }

  /// The state goes into R_z and R_r, and into R_h as it is or behind the gate r.
  var tapsPerStep: Int { isLinearFirst ? 1 : 2 }

  /// R_z, R_r and R_h are the rows of one matrix, as those of W_xc are.
  var matrices: [LearnedMatrix] {
    let first = settings.hasStatic ? 3 : 2
    let state = LearnedMatrix(
      .state, blobs: [first, first + 1, first + 2], biases: isLinearFirst ? [first + 3] : [])
    return [LearnedMatrix(.input, blobs: [0], biases: [1]), state]
      + (settings.hasStatic ? [LearnedMatrix(.statics, blobs: [2])] : [])
  }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    let (e, d) = (try settings.extents(bottoms), settings.outputs)
    return [try settings.weights("W_xc", 3 * d, e.inputs), settings.bias("b_c", 3 * d)]
      + (settings.hasStatic ? [try settings.weights("W_xc_static", 3 * d, e.statics)] : [])
      + [try settings.weights("R_z", d, d), try settings.weights("R_r", d, d), try settings.weights("R_h", d, d)]
      + (isLinearFirst ? [settings.bias("Rb_h", d)] : [])
  }

  func macs(_ shapes: LayerShapes) -> Int {
    guard let e = try? settings.extents(shapes.bottoms) else { return 0 }
    return 3 * settings.outputs * e.streams * (e.steps * (e.inputs + settings.outputs) + e.statics)
  }

  func forward(_ run: LayerRun, _ tap: StateTap, _ products: RecurrentProducts) {
    let (d, streams) = (settings.outputs, run.shapes.bottoms[0][1])
    let count = streams * d
    let inputs = settings.inputTerms(run, rows: 3 * d, products)
    let first = settings.hasStatic ? 3 : 2
    func sigmoid(_ v: Double) -> Double { 1 / (1 + exp(-v)) }
    settings.unroll(run) { step, _ in
      func product(_ blob: Int, _ values: [Double]) -> [Double] {
        products.product(values, run.params[first + blob], rows: d, columns: d)
      }
      func gate(_ k: Int, _ sums: [Double]) -> [Double] {
        (0..<count).map { inputs[((step.time * streams + $0 / d) * 3 + k) * d + $0 % d] + sums[$0] }
      }
      let (h, fed) = (step.h, tap.pass(step.h, at: step.time))
      let z = gate(0, product(0, fed)).map(sigmoid)
      let r = gate(1, product(1, fed)).map(sigmoid)
      let candidate: [Double]
      if isLinearFirst {
        let sums = product(2, fed)
        candidate = gate(2, (0..<count).map { r[$0] * (sums[$0] + Double(run.params[first + 3][$0 % d])) })
      } else {
        candidate = gate(2, product(2, tap.pass((0..<count).map { r[$0] * h[$0] }, at: step.time, turn: 1)))
      }
      let state = (0..<count).map {
        let g = tanh(candidate[$0])
        return g + z[$0] * (h[$0] - g)
      }
      return (state, state)
    }
  }
}
