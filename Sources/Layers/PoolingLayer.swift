import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// Largest or average value of windows of `[N, C, H, W]`.
///
/// A second top of MAX is the index of each maximum in its plane. Extents are rounded up (`round_mode: FLOOR` or
/// `ceil_mode: false`: down); with padding, a last window that would start beyond image and padding is dropped. An average is divided by the window's area up to the padded edge.
/// - Source: Caffe `pooling_layer.cpp`.
struct PoolingLayer: LayerType {
  enum Method: Sendable { case max, average }

  static let caffeTypes = ["Pooling"]
  static let arity = Arity(bottoms: 1...1, tops: 1...2)
  static let agreement = Agreement.relativeToLargest(1e-6)

  private let method: Method
  private let isGlobal: Bool
  private let roundsUp: Bool
  private let topCount: Int
  // [height, width]; the kernel is empty when the window is the whole plane.
  private let kernel: [Int]
  private let stride: [Int]
  private let pad: [Int]

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("pooling_param")
    switch p.enumName("pool") ?? "MAX" {
    case "MAX": method = .max
    case "AVE": method = .average
    case let other: throw source.error("pool: \(other) is not supported, only MAX and AVE", p, field: "pool")
    }
    topCount = source.topCount
    if method == .average, topCount > 1 {
      throw source.error("the second top is the mask of MAX pooling; AVE has none")
    }
    roundsUp = try Self.roundsUp(source, p)
    isGlobal = p.bool("global_pooling") ?? false
    if isGlobal {
      for field in ["kernel_size", "kernel_h", "kernel_w"] where p.has(field) {
        throw source.error("global_pooling takes no \(field): its window is the whole plane", p, field: field)
      }
      kernel = []
    } else {
      kernel = try Self.pair(source, p, "kernel_size", "kernel_h", "kernel_w", minimum: 1)
    }
    stride = try Self.pair(source, p, "stride", "stride_h", "stride_w", minimum: 1, default: 1)
    pad = try Self.pair(source, p, "pad", "pad_h", "pad_w", minimum: 0, default: 0)
    if isGlobal, pad != [0, 0] || stride != [1, 1] {
      throw source.error("global_pooling needs pad 0 and stride 1", p, field: "global_pooling")
    }
    for (size, edge) in zip(kernel, pad) where edge >= size {
      throw source.error(
        "pad \(edge) must be smaller than the kernel \(size)", p, field: p.has("pad") ? "pad" : "pad_h")
    }
  }

  /// BVLC's `round_mode` and the `ceil_mode` of forks say the same thing.
  private static func roundsUp(_ source: LayerSource, _ p: ProtoMessage) throws(LayerError) -> Bool {
    let mode = p.enumName("round_mode").map { $0 == "CEIL" }
    let ceil = p.bool("ceil_mode")
    if let mode, let ceil, mode != ceil {
      throw source.error("round_mode and ceil_mode contradict each other", p, field: "ceil_mode")
    }
    return mode ?? ceil ?? true
  }

  /// Height and width of a field that has one value for both or one for each.
  private static func pair(
    _ source: LayerSource, _ p: ProtoMessage, _ name: String, _ h: String, _ w: String, minimum: Int,
    default value: Int? = nil
  ) throws(LayerError) -> [Int] {
    let values = try source.extents(p, name, h, w, minimum: minimum, default: value)
    return values.count == 1 ? [values[0], values[0]] : values
  }

  var quantization: QuantizationRole { .data() }

  /// Window extents for a bottom.
  private func window(_ bottom: Shape) -> [Int] { isGlobal ? [bottom[2], bottom[3]] : kernel }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let bottom = bottoms[0]
    guard bottom.rank == 4 else { throw .shape("needs a bottom of [N, C, H, W], got \(bottom)") }
    let kernel = window(bottom)
    var top: Shape = [bottom[0], bottom[1], 0, 0]
    for i in 0..<2 {
      let room = bottom[2 + i] + 2 * pad[i] - kernel[i]
      if room < 0 {
        throw .shape(
          "has a kernel of \(kernel[i]) on axis \(2 + i), larger than its padded bottom \(bottom) "
            + "(\(bottom[2 + i]) + 2 x \(pad[i]))")
      }
      var extent = (room + (roundsUp ? stride[i] - 1 : 0)) / stride[i] + 1
      if pad != [0, 0], (extent - 1) * stride[i] >= bottom[2 + i] + pad[i] { extent -= 1 }
      top[2 + i] = extent
    }
    return [Shape](repeating: top, count: topCount)
  }

  private func loops(_ shapes: LayerShapes, planes: Int, block: Int, _ parallel: Parallel) -> PoolingLoops {
    let (bottom, top) = (shapes.bottoms[0], shapes.tops[0])
    return PoolingLoops(
      planes: planes, input: [bottom[2], bottom[3]], output: [top[2], top[3]], kernel: window(bottom), stride: stride,
      pad: pad, block: block, parallel: parallel)
  }

  func reference(_ run: LayerRun) {
    let (bottom, top) = (run.shapes.bottoms[0], run.shapes.tops[0])
    let (kernel, height, width) = (window(bottom), bottom[2], bottom[3])
    for plane in 0..<bottom[0] * bottom[1] {
      for ph in 0..<top[2] {
        for pw in 0..<top[3] {
          let (h, w) = (ph * stride[0] - pad[0], pw * stride[1] - pad[1])
          let (hStop, wStop) = (min(h + kernel[0], height + pad[0]), min(w + kernel[1], width + pad[1]))
          var (best, index, sum) = (-Float.greatestFiniteMagnitude, -1, Float(0))
          for y in Swift.stride(from: max(h, 0), to: min(hStop, height), by: 1) {
            for x in Swift.stride(from: max(w, 0), to: min(wStop, width), by: 1) {
              let v = run.bottoms[0][(plane * height + y) * width + x]
              sum += v
              if v > best { (best, index) = (v, y * width + x) }
            }
          }
          let at = (plane * top[2] + ph) * top[3] + pw
          run.tops[0][at] = method == .max ? best : sum / Float((hStop - h) * (wStop - w))
          if topCount > 1 { run.tops[1][at] = Float(index) }
        }
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (bottom, top) = (context.shapes.bottoms[0], context.shapes.tops[0])
    let parallel = context.backend.parallel
    if topCount > 1 {
      let loops = loops(context.shapes, planes: bottom[0] * bottom[1], block: 1, parallel)
      return LoopKernel(bottoms: [.plain(bottom)], tops: [.plain(top), .plain(top)]) { io in
        loops.maximum(io.bottom(0), io.top(0), mask: io.top(1))
      }
    }
    let source = context.bottomLayouts[0]
    let kernel = window(bottom)
    // How far the last window reaches beyond the image.
    let reach = (0..<2).map { (top[2 + $0] - 1) * stride[$0] + kernel[$0] - bottom[2 + $0] - pad[$0] }
    let startsOutside = (0..<2).contains { (top[2 + $0] - 1) * stride[$0] - pad[$0] >= bottom[2 + $0] }
    let overflows = (0..<2).contains { reach[$0] > pad[$0] }
    if startsOutside || (method == .average && overflows && pad != [0, 0]) {
      // An empty window, or one beyond the padding, has a divisor of Caffe's own.
      if method == .max { return nil }
      guard source.channelBlock > 0 || source.isChannelsLast, let sink = source.like(top) else {
        let loops = loops(context.shapes, planes: bottom[0] * bottom[1], block: 1, parallel)
        return LoopKernel(bottoms: [.plain(bottom)], tops: [.plain(top)]) { loops.average($0.bottom(0), $0.top(0)) }
      }
      let block = source.isChannelsLast ? bottom[1] : source.channelBlock
      let planes = bottom[0] * ((bottom[1] + block - 1) / block)
      let loops = loops(context.shapes, planes: planes, block: block, parallel)
      return LoopKernel(bottoms: [source], tops: [sink]) { loops.average($0.bottom(0), $0.top(0)) }
    }
    let kind: Backend.PoolKind =
      method == .max ? .max : pad == [0, 0] ? .averageExcludingPad : .averageIncludingPad
    return PrimitiveKernel(
      try context.backend.pooling(source, kind, kernel: kernel, stride: stride, padBegin: pad, padEnd: reach, top: top))
  }
}
