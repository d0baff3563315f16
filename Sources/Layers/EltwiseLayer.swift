import Kernels
import LayerGraph
import Tensors

/// Product, weighted sum or maximum of two or more bottoms of one shape, element by element.
/// - Source: Caffe `eltwise_layer.cpp`.
struct EltwiseLayer: PostOpHost {
  enum Operation: Sendable { case product, sum, max }

  static let caffeTypes = ["Eltwise"]
  static let arity = Arity(bottoms: 2...Int.max, tops: 1...1)

  private let operation: Operation
  /// One per bottom; ones when the prototxt has none.
  private let coefficients: [Float]

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("eltwise_param")
    operation =
      switch p.enumName("operation") {
      case "PROD": .product
      case "MAX": .max
      default: .sum
      }
    let given = p.floats("coeff")
    if !given.isEmpty, operation != .sum {
      throw source.error("coeff is for operation SUM only", p, field: "coeff")
    }
    if !given.isEmpty, given.count != source.bottomCount {
      throw source.error("has \(given.count) coeff for \(source.bottomCount) bottoms", p, field: "coeff")
    }
    coefficients = given.isEmpty ? [Float](repeating: 1, count: source.bottomCount) : given
  }

  var quantization: QuantizationRole { .data(inputs: .all) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    for b in bottoms where b != bottoms[0] {
      throw .shape("needs bottoms of one shape, got \(bottoms[0]) and \(b)")
    }
    return [bottoms[0]]
  }

  /// In Float, bottom after bottom, as Caffe.
  func reference(_ run: LayerRun) {
    let top = run.tops[0]
    for i in 0..<top.count {
      var y = operation == .sum ? coefficients[0] * run.bottoms[0][i] : run.bottoms[0][i]
      for (bottom, coefficient) in zip(run.bottoms, coefficients).dropFirst() {
        switch operation {
        case .product: y *= bottom[i]
        case .sum: y += coefficient * bottom[i]
        case .max: y = y > bottom[i] ? y : bottom[i]
        }
      }
      top[i] = y
    }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? {
    operation == .sum && coefficients == [1, 1] ? .add : nil
  }

  /// A rectifier, done while the result is in the first cache.
  func accepts(_ operations: [PostOp], _ shapes: LayerShapes) -> Bool {
    if operations.count == 1, case .function(.relu) = operations[0] { return true }
    return false
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    // One bottom in another order is reason enough to keep that: its neighbours are convolutions.
    let layout = context.bottomLayouts.first { !$0.isPlain } ?? .plain(context.shapes.tops[0])
    let parallel = context.backend.parallel
    let combination: ElementLoops.Combination =
      switch operation {
      case .product: .product
      case .sum: .sum(coefficients: coefficients)
      case .max: .max
      }
    var slope: Float?
    if case .function(.relu(let given))? = context.postOps.first { slope = given }
    let rectifier = slope
    return LoopKernel(
      bottoms: context.shapes.bottoms.map { _ in layout }, tops: [layout], canRunInPlace: true
    ) { io in
      let (bottoms, top) = (io.bottoms, io.top(0))
      parallel.forEachPart(of: layout.floats, minimum: 16384) { start, length in
        guard let rectifier else {
          return ElementLoops.combine(
            bottoms.map { $0.slice(start, length) }, combination, into: top.slice(start, length))
        }
        let piece = 4096
        for at in stride(from: start, to: start + length, by: piece) {
          let count = min(piece, start + length - at)
          let sink = top.slice(at, count)
          ElementLoops.combine(bottoms.map { $0.slice(at, count) }, combination, into: sink)
          ElementLoops.relu(sink.readOnly, sink, slope: rectifier)
        }
      }
    }
  }
}
