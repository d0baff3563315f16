import Glibc
import Kernels
import LayerGraph
import Tensors

/// Bilinear resizing of `[N, C, H, W]` with the corners kept: row `i` of the top lies at `i * (H - 1) / (H' - 1)`.
///
/// The extents come from `height` and `width`, or from `shrink_factor` (`(h - 1) / s + 1`) and then `zoom_factor`
/// (`h + (h - 1) * (z - 1)`). `pad_beg` and `pad_end`, 0 or below, crop the bottom before.
/// - Source: PSPNet's Caffe, `interp_layer.cpp`, `interp.cpp`.
struct InterpLayer: LayerType {
  private enum Size: Sendable {
    case exact(Int, Int)
    case factors(shrink: Int, zoom: Int)
  }

  static let caffeTypes = ["Interp"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let size: Size
  private let (begin, end): (Int, Int)

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("interp_param")
    func crop(_ field: String) throws(LayerError) -> Int {
      let v = p.int(field) ?? 0
      guard (-Shape.countLimit...0).contains(v) else {
        throw source.error("\(field) must be 0 or below (it crops), is \(v)", p, field: field)
      }
      return -v
    }
    begin = try crop("pad_beg")
    end = try crop("pad_end")
    if p.has("shrink_factor") || p.has("zoom_factor") {
      size = .factors(
        shrink: try source.positive(p, "shrink_factor", default: 1),
        zoom: try source.positive(p, "zoom_factor", default: 1))
    } else {
      size = .exact(try source.positive(p, "height"), try source.positive(p, "width"))
    }
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let x = bottoms[0]
    guard x.rank == 4 else { throw .shape("needs a bottom of [N, C, H, W], got \(x)") }
    let (h, w) = (x[2] - begin - end, x[3] - begin - end)
    guard h > 0, w > 0 else { throw .shape("crops \(begin) and \(end) from its bottom \(x), which leaves nothing") }
    switch size {
    case .exact(let height, let width): return [Shape([x[0], x[1], height, width])]
    case .factors(let shrink, let zoom):
      func out(_ n: Int) -> Int {
        let shrunk = (n - 1) / shrink + 1
        return shrunk + (shrunk - 1) * (zoom - 1)
      }
      return [Shape([x[0], x[1], out(h), out(w)])]
    }
  }

  func reference(_ run: LayerRun) { resize(run, 0..<run.shapes.tops[0].count(upTo: 2)) }

  /// The two places that a line of the top takes its values from, and the weight of the second.
  private struct Tap: Sendable {
    var first: Int
    var second: Int
    var weight: Float

    /// For all of `out` places over `count` values.
    static func all(_ count: Int, _ out: Int) -> [Tap] {
      let ratio = out > 1 ? Float(count - 1) / Float(out - 1) : 0
      return (0..<out).map { i in
        let at = ratio * Float(i)
        let first = Int(at)
        return Tap(first: first, second: first < count - 1 ? first + 1 : first, weight: at - Float(first))
      }
    }
  }

  private func resize(_ run: LayerRun, _ planes: Range<Int>) {
    let (x, y) = (run.shapes.bottoms[0], run.shapes.tops[0])
    let rows = Tap.all(x[2] - begin - end, y[2])
    let columns = Tap.all(x[3] - begin - end, y[3])
    let (source, sink) = (run.bottoms[0], run.tops[0])
    for plane in planes {
      let base = plane * x[2] * x[3] + begin * x[3] + begin
      var to = plane * y[2] * y[3]
      for row in rows {
        let (a, b) = (base + row.first * x[3], base + row.second * x[3])
        for column in columns {
          let upper = (1 - column.weight) * source[a + column.first] + column.weight * source[a + column.second]
          let lower = (1 - column.weight) * source[b + column.first] + column.weight * source[b + column.second]
          sink[to] = (1 - row.weight) * upper + row.weight * lower
          to += 1
        }
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let top = context.shapes.tops[0]
    return LoopKernel.rows(context, top.count(upTo: 2), cost: top.count(from: 2)) { resize($0, $1) }
  }
}
