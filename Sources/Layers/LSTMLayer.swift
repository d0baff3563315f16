import CaffeFormat
import Glibc
import LayerGraph
import Tensors

/// Long short-term memory over T time steps of N streams.
///
/// Bottoms: x `[T, N, ..]`, cont `[T, N]` (0 where a sequence begins, else 1), optionally x_static `[N, ..]`, and with
/// `expose_hidden` the first state h0 and c0 `[1, N, D]`. Tops: h `[T, N, D]`, with `expose_hidden` the last h and c.
/// With gates i, f, o, g in this order: `a = W_xc x + b (+ W_xs x_static) + W_hc (cont * h)`,
/// `c = cont * sigmoid(f) * c + sigmoid(i) * tanh(g)`, `h = sigmoid(o) * tanh(c)`.
/// Learned: W_xc `[4D, I]`, b `[4D]`, W_xs `[4D, S]` where there is a static input, W_hc `[4D, D]`.
/// - Source: Caffe `lstm_layer.cpp`, `lstm_unit_layer.cpp`, `recurrent_layer.cpp`; Donahue et al. 2014,
///   arXiv:1411.4389.
struct LSTMLayer: LayerType, RecurrentCell {
  static let caffeTypes = ["LSTM"]
  static let arity = Arity(bottoms: 2...5, tops: 1...3)
  static let agreement = Agreement.relativeToLargest(1e-5)

  let settings: RecurrentSettings
  let tapsPerStep = 1

  init(_ source: LayerSource) throws(LayerError) { settings = try RecurrentSettings(source, states: 2) }

  var matrices: [LearnedMatrix] {
    let input = LearnedMatrix(.input, blobs: [0], biases: [1])
    guard settings.hasStatic else { return [input, LearnedMatrix(.state, blobs: [2])] }
    return [input, LearnedMatrix(.state, blobs: [3]), LearnedMatrix(.statics, blobs: [2])]
  }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    let (e, rows) = (try settings.extents(bottoms), 4 * settings.outputs)
    return [try settings.weights("W_xc", rows, e.inputs), settings.bias("b_c", rows)]
      + (settings.hasStatic ? [try settings.weights("W_xc_static", rows, e.statics)] : [])
      + [try settings.weights("W_hc", rows, settings.outputs)]
  }

  func macs(_ shapes: LayerShapes) -> Int {
    guard let e = try? settings.extents(shapes.bottoms) else { return 0 }
    return 4 * settings.outputs * e.streams * (e.steps * (e.inputs + settings.outputs) + e.statics)
  }

  func forward(_ run: LayerRun, _ tap: StateTap, _ products: RecurrentProducts) {
    let (d, streams) = (settings.outputs, run.shapes.bottoms[0][1])
    let inputs = settings.inputTerms(run, rows: 4 * d, products)
    guard let weights = run.params.last else { return }
    func sigmoid(_ v: Double) -> Double { 1 / (1 + exp(-v)) }
    settings.unroll(run) { step, c in
      let sums = products.product(tap.pass(step.h, at: step.time), weights, rows: 4 * d, columns: d)
      var h = [Double](repeating: 0, count: streams * d)
      for n in 0..<streams {
        for i in 0..<d {
          func gate(_ k: Int) -> Double {
            inputs[((step.time * streams + n) * 4 + k) * d + i] + sums[(n * 4 + k) * d + i]
          }
          let at = n * d + i
          let kept = step.cont[n] == 0 ? 0 : step.cont[n] * sigmoid(gate(1)) * c[at]
          c[at] = kept + sigmoid(gate(0)) * tanh(gate(3))
          h[at] = sigmoid(gate(2)) * tanh(c[at])
        }
      }
      return (h, h)
    }
  }
}
