import CaffeFormat
import LayerGraph
import Tensors

/// What LSTM, RNN and GRU share: `recurrent_param`, their blobs, and the walk through time.
///
/// Bottoms: x `[T, N, ..]`, cont `[T, N]`, optionally x_static `[N, ..]`, and with `expose_hidden` the first state
/// `[1, N, D]`, h and for an LSTM c. Tops: `[T, N, D]`, with `expose_hidden` the last state.
/// - Source: Caffe `recurrent_layer.cpp`.
struct RecurrentSettings: Sendable {
  let outputs: Int
  /// Blobs of the state: h, and c of an LSTM.
  let states: Int
  let exposesHidden: Bool
  let hasStatic: Bool
  let weightFiller: ProtoMessage?
  let biasFiller: ProtoMessage?

  struct Extents {
    var steps: Int
    var streams: Int
    var inputs: Int
    var statics: Int
  }

  init(_ source: LayerSource, states: Int = 1) throws(LayerError) {
    self.states = states
    let p = source.settings("recurrent_param")
    outputs = try source.positive(p, "num_output")
    exposesHidden = p.bool("expose_hidden") ?? false
    weightFiller = p.message("weight_filler")
    biasFiller = p.message("bias_filler")
    let own = source.bottomCount - (exposesHidden ? states : 0)
    guard own == 2 || own == 3 else {
      let first = exposesHidden ? states == 1 ? ", then h0" : ", then h0 and c0" : ""
      throw source.error(
        "needs x, cont and at most a static input\(first), has \(source.bottomCount) bottoms")
    }
    hasStatic = own == 3
    guard source.topCount == (exposesHidden ? states + 1 : 1) else {
      let last = states == 1 ? "its output and the last h" : "h, the last h and the last c"
      throw source.error("has \(source.topCount) tops, needs \(exposesHidden ? last : "one")")
    }
  }

  var quantization: QuantizationRole { .recurrent(statics: hasStatic ? 2 : nil) }

  func extents(_ bottoms: [Shape]) throws(LayerError) -> Extents {
    let (x, cont) = (bottoms[0], bottoms[1])
    guard x.rank >= 2 else { throw .shape("needs x of [T, N, ..], got \(x)") }
    guard cont.dims == [x[0], x[1]] else { throw .shape("needs cont of [\(x[0]), \(x[1])], got \(cont)") }
    if hasStatic, bottoms[2].rank < 1 || bottoms[2][0] != x[1] {
      throw .shape("needs a static input of [\(x[1]), ..], got \(bottoms[2])")
    }
    if exposesHidden {
      for state in bottoms.suffix(states) where state.dims != [1, x[1], outputs] {
        throw .shape("needs \(states == 1 ? "a state" : "states") of [1, \(x[1]), \(outputs)], got \(state)")
      }
    }
    return Extents(
      steps: x[0], streams: x[1], inputs: x.count(from: 2), statics: hasStatic ? bottoms[2].count(from: 1) : 0)
  }

  func weights(_ name: String, _ rows: Int, _ columns: Int) throws(LayerError) -> ParamBlobSpec {
    let shape: Shape = [rows, columns]
    guard shape.isLegal else { throw .shape("would need weights of \(shape), more than \(Shape.countLimit) values") }
    return ParamBlobSpec(name, shape, .weight, filler: weightFiller)
  }

  func bias(_ name: String, _ rows: Int) -> ParamBlobSpec { ParamBlobSpec(name, [rows], .bias, filler: biasFiller) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let e = try extents(bottoms)
    let state: Shape = [1, e.streams, outputs]
    return [[e.steps, e.streams, outputs]] + (exposesHidden ? Array(repeating: state, count: states) : [])
  }

  /// `W x + b (+ W_static x_static)` for every step and stream, `[T, N, rows]`: params 0, 1 and, where there is a static
  /// input, 2.
  func inputTerms(_ run: LayerRun, rows: Int, _ products: RecurrentProducts) -> [Double] {
    guard let e = try? extents(run.shapes.bottoms) else { return [] }
    var sums = products.product(run.bottoms[0], run.params[0], rows: rows, columns: e.inputs)
    let fixed = hasStatic ? products.product(run.bottoms[2], run.params[2], rows: rows, columns: e.statics) : []
    for place in 0..<e.steps * e.streams {
      for row in 0..<rows {
        sums[place * rows + row] += Double(run.params[1][row])
        if hasStatic { sums[place * rows + row] += fixed[place % e.streams * rows + row] }
      }
    }
    return sums
  }

  /// One step of all streams, and what comes to it from the one before.
  struct Step {
    let time: Int
    /// For each stream.
    let cont: [Double]
    /// The states times cont, `[N, D]`.
    let h: [Double]
  }

  /// Goes through time: `body` gets a step and the second state, which it replaces, and gives the next state and the
  /// output, all of them `[N, D]`. States h are kept as floats, as in Caffe.
  func unroll(_ run: LayerRun, _ body: (Step, inout [Double]) -> (state: [Double], output: [Double])) {
    let (steps, streams) = (run.shapes.bottoms[0][0], run.shapes.bottoms[0][1])
    let count = streams * outputs
    let first = exposesHidden ? run.bottoms.suffix(states).map { $0.array.map { Double($0) } } : []
    var h = first.first ?? [Double](repeating: 0, count: count)
    var c = first.count > 1 ? first[1] : [Double](repeating: 0, count: count)
    for t in 0..<steps {
      let cont = (0..<streams).map { Double(run.bottoms[1][t * streams + $0]) }
      // What cont forgets may be infinite.
      let kept = (0..<count).map { cont[$0 / outputs] == 0 ? 0 : Double(Float(cont[$0 / outputs] * h[$0])) }
      let (next, output) = body(Step(time: t, cont: cont, h: kept), &c)
      h = next.map { Double(Float($0)) }
      for i in 0..<count { run.tops[0][t * count + i] = Float(output[i]) }
    }
    guard exposesHidden else { return }
    for i in 0..<count { run.tops[1][i] = Float(h[i]) }
    if states == 2 { for i in 0..<count { run.tops[2][i] = Float(c[i]) } }
  }
}
