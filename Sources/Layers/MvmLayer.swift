import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// A matrix times a vector: `y[.., m] = sum a[.., m, k] x[.., k]`; nobody published this type, its meaning and fields are
/// ours.
///
/// Bottoms: a `[.., M, K]` (with `mvm_param { transpose: true }` `[.., K, M]`), x `[.., K]` with the same leading axes, or
/// `[K]` for all. Top `[.., M]`.
struct MvmLayer: LayerType {
  static let caffeTypes = ["Mvm"]
  static let arity = Arity(bottoms: 2...2, tops: 1...1)
  static let agreement = Agreement.exact

  private let isTransposed: Bool

  init(_ source: LayerSource) throws(LayerError) {
    isTransposed = source.settings("mvm_param").bool("transpose") ?? false
  }

  var quantization: QuantizationRole { .data(inputs: .all) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let (a, x) = (bottoms[0], bottoms[1])
    guard a.rank >= 2 else { throw .shape("needs a matrix of [.., M, K], got \(a)") }
    let (m, k) = isTransposed ? (a[a.rank - 1], a[a.rank - 2]) : (a[a.rank - 2], a[a.rank - 1])
    let outer = Array(a.dims.dropLast(2))
    guard x.dims == [k] || x.dims == outer + [k] else {
      throw .shape("needs a vector of \(Shape(outer + [k])) or [\(k)], got \(x)")
    }
    return [Shape(outer + [m])]
  }

  func macs(_ shapes: LayerShapes) -> Int { shapes.bottoms[0].count }

  func reference(_ run: LayerRun) { multiply(run, 0..<run.tops[0].count) }

  private func multiply(_ run: LayerRun, _ rows: Range<Int>) {
    let (a, x, top) = (run.shapes.bottoms[0], run.shapes.bottoms[1], run.shapes.tops[0])
    guard let m = top.dims.last, let k = x.dims.last else { return }
    for row in rows {
      let (matrix, r) = (row / m * m * k, row % m)
      let vector = x.rank == a.rank - 1 ? row / m * k : 0
      var sum = 0.0
      for i in 0..<k {
        let weight = run.bottoms[0][matrix + (isTransposed ? i * m + r : r * k + i)]
        sum += Double(weight) * Double(run.bottoms[1][vector + i])
      }
      run.tops[0][row] = Float(sum)
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let count = context.shapes.tops[0].count
    return LoopKernel.rows(context, count, cost: context.shapes.bottoms[0].count / count) { multiply($0, $1) }
  }
}
