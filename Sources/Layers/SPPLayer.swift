import CaffeFormat
import LayerGraph
import Tensors

/// Spatial pyramid pooling: `[N, C, H, W]` pooled into 1, 2 x 2, 4 x 4.. windows, all of them in one row per item.
///
/// Level l has `2^l` windows per axis, of `ceil(extent / 2^l)` places, padded on both sides by half of what is missing,
/// rounded up. Top `[N, C * (1 + 4 + .. + 4^(pyramid_height - 1))]`, level by level; with one level it is `[N, C, 1, 1]`,
/// as in Caffe. AVE divides by the places of a window within the padding.
/// - Source: Caffe `spp_layer.cpp`, `pooling_layer.cpp`; He et al. 2014, arXiv:1406.4729.
struct SPPLayer: LayerType {
  static let caffeTypes = ["SPP"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let levels: Int
  private let isMax: Bool

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("spp_param")
    levels = try source.positive(p, "pyramid_height")
    guard levels <= 16 else {
      throw source.error("pyramid_height must be at most 16, is \(levels)", p, field: "pyramid_height")
    }
    let method = p.enumName("pool") ?? "MAX"
    guard method != "STOCHASTIC" else { throw source.error("pool must be MAX or AVE, is \(method)", p, field: "pool") }
    isMax = method == "MAX"
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let x = bottoms[0]
    guard x.rank == 4 else { throw .shape("needs a bottom of [N, C, H, W], got \(x)") }
    for level in 0..<levels {
      for axis in 2...3 {
        let (kernel, pad) = window(1 << level, x[axis])
        guard pad < kernel else {
          throw .shape(
            "cannot cut axis \(axis) of its bottom \(x) into \(1 << level) windows: pyramid_height is too large")
        }
      }
    }
    if levels == 1 { return [[x[0], x[1], 1, 1]] }
    return [[x[0], x[1] * (0..<levels).reduce(0) { $0 + (1 << (2 * $1)) }]]
  }

  private func window(_ bins: Int, _ extent: Int) -> (kernel: Int, pad: Int) {
    let kernel = (extent + bins - 1) / bins
    return (kernel, (kernel * bins - extent + 1) / 2)
  }

  func reference(_ run: LayerRun) {
    let x = run.shapes.bottoms[0]
    var to = 0
    for n in 0..<x[0] {
      for level in 0..<levels {
        for c in 0..<x[1] {
          let plane = run.bottoms[0].slice((n * x[1] + c) * x[2] * x[3], x[2] * x[3])
          for i in 0..<1 << level {
            for j in 0..<1 << level {
              run.tops[0][to] = pool(plane, x, (i, j), bins: 1 << level)
              to += 1
            }
          }
        }
      }
    }
  }

  private func pool(_ plane: FloatView, _ x: Shape, _ bin: (Int, Int), bins: Int) -> Float {
    func places(_ i: Int, _ extent: Int) -> (inside: Range<Int>, padded: Int) {
      let (kernel, pad) = window(bins, extent)
      let start = i * kernel - pad
      let end = min(start + kernel, extent + pad)
      let inside = max(start, 0)..<max(max(start, 0), min(end, extent))
      return (inside, end - start)
    }
    let (rows, columns) = (places(bin.0, x[2]), places(bin.1, x[3]))
    var (largest, sum) = (-Float.greatestFiniteMagnitude, Float(0))
    for h in rows.inside {
      for w in columns.inside {
        let value = plane[h * x[3] + w]
        if value > largest { largest = value }
        sum += value
      }
    }
    return isMax ? largest : sum / Float(rows.padded * columns.padded)
  }
}
