import CaffeFormat
import Glibc
import LayerGraph
import Tensors

/// A recurrent network of one layer over T time steps of N streams, with an output layer of its own.
///
/// Bottoms: x `[T, N, ..]`, cont `[T, N]` (0 where a sequence begins, else 1), optionally x_static `[N, ..]`, and with
/// `expose_hidden` the first state h0 `[1, N, D]`. Tops: o `[T, N, D]`, with `expose_hidden` the last h.
/// `h = tanh(W_hh (cont * h) + W_xh x + b_h (+ W_xs x_static))`, `o = tanh(W_ho h + b_o)`.
/// Learned: W_xh `[D, I]`, b_h `[D]`, W_xs `[D, S]` where there is a static input, W_hh, W_ho `[D, D]`, b_o `[D]`.
/// - Source: Caffe `rnn_layer.cpp`, `recurrent_layer.cpp`.
struct RNNLayer: LayerType, RecurrentCell {
  static let caffeTypes = ["RNN"]
  static let arity = Arity(bottoms: 2...4, tops: 1...2)
  static let agreement = Agreement.relativeToLargest(1e-5)

  let settings: RecurrentSettings

  /// The state goes into W_hh, and the next one into W_ho.
  let tapsPerStep = 2

  init(_ source: LayerSource) throws(LayerError) { settings = try RecurrentSettings(source) }

  var matrices: [LearnedMatrix] {
    let first = settings.hasStatic ? 3 : 2
    return [LearnedMatrix(.input, blobs: [0], biases: [1]), LearnedMatrix(.state, blobs: [first])]
      + (settings.hasStatic ? [LearnedMatrix(.statics, blobs: [2])] : [])
      + [LearnedMatrix(.output, blobs: [first + 1], biases: [first + 2])]
  }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    let (e, d) = (try settings.extents(bottoms), settings.outputs)
    return [try settings.weights("W_xh", d, e.inputs), settings.bias("b_h", d)]
      + (settings.hasStatic ? [try settings.weights("W_xh_static", d, e.statics)] : [])
      + [try settings.weights("W_hh", d, d), try settings.weights("W_ho", d, d), settings.bias("b_o", d)]
  }

  func macs(_ shapes: LayerShapes) -> Int {
    guard let e = try? settings.extents(shapes.bottoms) else { return 0 }
    return settings.outputs * e.streams * (e.steps * (e.inputs + 2 * settings.outputs) + e.statics)
  }

  func forward(_ run: LayerRun, _ tap: StateTap, _ products: RecurrentProducts) {
    let d = settings.outputs
    let count = run.shapes.bottoms[0][1] * d
    let inputs = settings.inputTerms(run, rows: d, products)
    let first = settings.hasStatic ? 3 : 2
    let (hidden, output, bias) = (run.params[first], run.params[first + 1], run.params[first + 2])
    settings.unroll(run) { step, _ in
      let sums = products.product(tap.pass(step.h, at: step.time), hidden, rows: d, columns: d)
      let state = (0..<count).map { Double(Float(tanh(sums[$0] + inputs[step.time * count + $0]))) }
      let outputs = products.product(tap.pass(state, at: step.time, turn: 1), output, rows: d, columns: d)
      return (state, (0..<count).map { tanh(outputs[$0] + Double(bias[$0 % d])) })
    }
  }
}
