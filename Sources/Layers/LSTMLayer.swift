import CaffeFormat
import Glibc
import Kernels
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
struct LSTMLayer: LayerType {
  static let caffeTypes = ["LSTM"]
  static let arity = Arity(bottoms: 2...5, tops: 1...3)
  static let agreement = Agreement.relativeToLargest(1e-5)

  private let outputs: Int
  private let exposesHidden: Bool
  private let hasStatic: Bool
  private let weightFiller: ProtoMessage?
  private let biasFiller: ProtoMessage?

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("recurrent_param")
    outputs = try source.positive(p, "num_output")
    exposesHidden = p.bool("expose_hidden") ?? false
    weightFiller = p.message("weight_filler")
    biasFiller = p.message("bias_filler")
    let own = source.bottomCount - (exposesHidden ? 2 : 0)
    guard own == 2 || own == 3 else {
      throw source.error(
        "needs x, cont and at most a static input\(exposesHidden ? ", then h0 and c0" : ""), has \(source.bottomCount) bottoms"
      )
    }
    hasStatic = own == 3
    let tops = source.parameter.tops.count
    guard tops == (exposesHidden ? 3 : 1) else {
      throw source.error("has \(tops) tops, needs \(exposesHidden ? "h, the last h and the last c" : "one")")
    }
  }

  private struct Extents {
    var steps: Int
    var streams: Int
    var inputs: Int
    var statics: Int
  }

  private func extents(_ bottoms: [Shape]) throws(LayerError) -> Extents {
    let (x, cont) = (bottoms[0], bottoms[1])
    guard x.rank >= 2 else { throw .shape("needs x of [T, N, ..], got \(x)") }
    guard cont.dims == [x[0], x[1]] else { throw .shape("needs cont of [\(x[0]), \(x[1])], got \(cont)") }
    if hasStatic, bottoms[2].rank < 1 || bottoms[2][0] != x[1] {
      throw .shape("needs a static input of [\(x[1]), ..], got \(bottoms[2])")
    }
    if exposesHidden {
      for state in bottoms.suffix(2) where state.dims != [1, x[1], outputs] {
        throw .shape("needs states of [1, \(x[1]), \(outputs)], got \(state)")
      }
    }
    return Extents(
      steps: x[0], streams: x[1], inputs: x.count(from: 2), statics: hasStatic ? bottoms[2].count(from: 1) : 0)
  }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    let e = try extents(bottoms)
    func weights(_ name: String, _ columns: Int) throws(LayerError) -> ParamBlobSpec {
      let shape: Shape = [4 * outputs, columns]
      guard shape.isLegal else { throw .shape("would need weights of \(shape), more than \(Shape.countLimit) values") }
      return ParamBlobSpec(name, shape, .weight, filler: weightFiller)
    }
    return [try weights("W_xc", e.inputs), ParamBlobSpec("b_c", [4 * outputs], .bias, filler: biasFiller)]
      + (hasStatic ? [try weights("W_xc_static", e.statics)] : []) + [try weights("W_hc", outputs)]
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let e = try extents(bottoms)
    let state: Shape = [1, e.streams, outputs]
    return [[e.steps, e.streams, outputs]] + (exposesHidden ? [state, state] : [])
  }

  func macs(_ shapes: LayerShapes) -> Int {
    guard let e = try? extents(shapes.bottoms) else { return 0 }
    return 4 * outputs * e.streams * (e.steps * (e.inputs + outputs) + e.statics)
  }

  /// Sums in Double, in the order of the formula.
  func reference(_ run: LayerRun) {
    let streams = run.shapes.bottoms[0][1]
    unroll(run, 0..<streams, gates: gates(run))
  }

  private func dot(_ a: FloatView, _ from: Int, _ b: FloatView, _ at: Int, _ count: Int) -> Double {
    var sum = 0.0
    for i in 0..<count { sum += Double(a[from + i]) * Double(b[at + i]) }
    return sum
  }

  /// The part of the gates' arguments that does not come from the hidden state, `[T, N, 4D]`.
  private func gates(_ run: LayerRun) -> [Double] {
    guard let e = try? extents(run.shapes.bottoms) else { return [] }
    var sums = [Double](repeating: 0, count: e.steps * e.streams * 4 * outputs)
    for row in 0..<e.steps * e.streams {
      for gate in 0..<4 * outputs {
        var sum = Double(run.params[1][gate])
        sum += dot(run.params[0], gate * e.inputs, run.bottoms[0], row * e.inputs, e.inputs)
        if hasStatic {
          sum += dot(run.params[2], gate * e.statics, run.bottoms[2], row % e.streams * e.statics, e.statics)
        }
        sums[row * 4 * outputs + gate] = sum
      }
    }
    return sums
  }

  /// Goes through time for some of the streams, which do not depend on each other.
  private func unroll(_ run: LayerRun, _ streams: Range<Int>, gates: [Double]) {
    let (steps, total) = (run.shapes.bottoms[0][0], run.shapes.bottoms[0][1])
    guard let weights = run.params.last else { return }
    func sigmoid(_ v: Double) -> Double { 1 / (1 + exp(-v)) }
    for n in streams {
      var h = Tensor(shape: [outputs])
      var c = [Double](repeating: 0, count: outputs)
      if exposesHidden {
        let (h0, c0) = (run.bottoms[run.bottoms.count - 2], run.bottoms[run.bottoms.count - 1])
        h.withMutable { $0.copy(h0.slice(n * outputs, outputs)) }
        for d in 0..<outputs { c[d] = Double(c0[n * outputs + d]) }
      }
      for t in 0..<steps {
        let cont = Double(run.bottoms[1][t * total + n])
        let before = h
        var next = Tensor(shape: [outputs])
        before.withView { hidden in
          next.withMutable { out in
            for d in 0..<outputs {
              func gate(_ k: Int) -> Double {
                let row = k * outputs + d
                return gates[(t * total + n) * 4 * outputs + row]
                  + cont * dot(weights, row * outputs, hidden, 0, outputs)
              }
              let kept = cont == 0 ? 0 : cont * sigmoid(gate(1)) * c[d]
              c[d] = kept + sigmoid(gate(0)) * tanh(gate(3))
              out[d] = Float(sigmoid(gate(2)) * tanh(c[d]))
            }
          }
        }
        h = next
        h.withView { run.tops[0].slice((t * total + n) * outputs, outputs).copy($0) }
      }
      if exposesHidden {
        h.withView { run.tops[1].slice(n * outputs, outputs).copy($0) }
        for d in 0..<outputs { run.tops[2][n * outputs + d] = Float(c[d]) }
      }
    }
  }
}
