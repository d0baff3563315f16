import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// Undoes a pooling: each value of `[N, C, H, W]` goes to one place of a larger map, or to all places of its window.
///
/// MAX puts it where the mask says (bottom 1: index within the top's plane, as Pooling's second top has it), without a
/// mask into the window's first place; AVE spreads it evenly over its window, TILE copies it there; where windows overlap
/// MAX keeps the last, the others add. The top is `unpool_size` large, or `max(stride * (in - 1) + kernel,
/// stride * in + 1)`. `pad` must be 0.
/// - Source: DeconvNet's Caffe, `unpooling_layer.cpp`; Noh et al. 2015, arXiv:1505.04366. No schema of the chip's own is
///   public.
struct UnpoolingLayer: LayerType {
  static let caffeTypes = ["Unpooling"]
  static let arity = Arity(bottoms: 1...2, tops: 1...1)
  static let agreement = Agreement.exact

  private enum Method: String { case max = "MAX", average = "AVE", tile = "TILE" }
  private let method: Method
  private let kernel: [Int]
  private let stride: [Int]
  private let size: [Int]?

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("unpooling_param")
    func two(_ values: [Int]) -> [Int] { values.count == 1 ? [values[0], values[0]] : values }
    kernel = two(try source.extents(p, "kernel_size", "kernel_h", "kernel_w", minimum: 1))
    stride = two(try source.extents(p, "stride", "stride_h", "stride_w", minimum: 1, default: 1))
    let pad = try source.extents(p, "pad", "pad_h", "pad_w", minimum: 0, default: 0)
    guard pad.allSatisfy({ $0 == 0 }) else {
      throw source.error("pad must be 0", p, field: p.has("pad") ? "pad" : "pad_h")
    }
    let isSized = ["unpool_size", "unpool_h", "unpool_w"].contains(where: p.has)
    size = isSized ? two(try source.extents(p, "unpool_size", "unpool_h", "unpool_w", minimum: 1)) : nil
    method = Method(rawValue: p.enumName("unpool") ?? "MAX") ?? .max
    if source.bottomCount > 1, method != .max { throw source.error("takes a mask only for MAX", p, field: "unpool") }
  }

  var quantization: QuantizationRole { .data(on: false) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let x = bottoms[0]
    guard x.rank == 4 else { throw .shape("needs a bottom of [N, C, H, W], got \(x)") }
    if bottoms.count > 1, bottoms[1] != x { throw .shape("needs a mask of its bottom's shape \(x), got \(bottoms[1])") }
    func extent(_ axis: Int) -> Int {
      let (n, s, k) = (x[2 + axis], stride[axis], kernel[axis])
      return size?[axis] ?? max((n - 1) * s + k, n * s + 1)
    }
    return [[x[0], x[1], extent(0), extent(1)]]
  }

  func reference(_ run: LayerRun) { spread(run, 0..<run.shapes.tops[0].count(upTo: 2)) }

  /// Planes `[n, c]`.
  private func spread(_ run: LayerRun, _ planes: Range<Int>) {
    let (x, y) = (run.shapes.bottoms[0], run.shapes.tops[0])
    let area = y[2] * y[3]
    for plane in planes {
      let top = run.tops[0].slice(plane * area, area)
      top.fill(0)
      for i in 0..<x[2] {
        for j in 0..<x[3] {
          let at = (plane * x[2] + i) * x[3] + j
          let value = run.bottoms[0][at]
          let (row, column) = (i * stride[0], j * stride[1])
          guard method == .max else {
            let rows = min(row, y[2])..<min(row + kernel[0], y[2])
            let columns = min(column, y[3])..<min(column + kernel[1], y[3])
            let share = method == .average ? value / Float(rows.count * columns.count) : value
            for h in rows { for w in columns { top[h * y[3] + w] += share } }
            continue
          }
          if run.bottoms.count > 1 {
            if let place = Int(index: run.bottoms[1][at], below: area) { top[place] = value }
          } else {
            top[min(row, y[2] - 1) * y[3] + min(column, y[3] - 1)] = value
          }
        }
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (top, masked) = (context.shapes.tops[0], context.shapes.bottoms.count > 1)
    let loops = LoopKernel.rows(context, top.count(upTo: 2), cost: top.count(from: 2)) { spread($0, $1) }
    guard masked else { return loops }
    let area = top.count(from: 2)
    return CheckedKernel(loops) { io throws(KernelError) in
      for i in 0..<io.bottoms[1].count where Int(index: io.bottoms[1][i], below: area) == nil {
        throw KernelError("mask value \(io.bottoms[1][i]) at index \(i) is no place of the \(area) of a plane")
      }
    }
  }
}
