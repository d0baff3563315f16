import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// The default boxes of SSD for each place of a feature map, and their variances: `[1, 2, H * W * boxes * 4]`.
///
/// Only the shapes of its bottoms count: the feature map, and the image whose size the boxes are relative to. For each
/// place, row by row, and each `min_size`: a square of that size, a square of `sqrt(min * max)`, then one box
/// `(min * sqrt(r), min / sqrt(r))` per aspect ratio r. Channel 0 has xmin, ymin, xmax, ymax in [0, 1], channel 1 the
/// variances.
/// - Source: SSD's Caffe, `prior_box_layer.cpp`; Liu et al. 2016, arXiv:1512.02325.
struct PriorBoxLayer: LayerType {
  static let caffeTypes = ["PriorBox"]
  static let arity = Arity(bottoms: 2...2, tops: 1...1)
  static let agreement = Agreement.exact

  private let minSizes: [Float]
  private let maxSizes: [Float]
  /// Without 1, which always comes first.
  private let ratios: [Float]
  private let variances: [Float]
  private let clips: Bool
  private let offset: Float
  /// Height and width of the image; from the second bottom when `nil`.
  private let image: (height: Int, width: Int)?
  /// From the image and the feature map when `nil`.
  private let step: (height: Float, width: Float)?

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("prior_box_param")
    func sizes(_ field: String) throws(LayerError) -> [Float] {
      let all = p.floats(field)
      if let bad = all.first(where: { !($0 > 0 && $0.isFinite) }) {
        throw source.error("\(field) must be above 0, is \(bad)", p, field: field)
      }
      return all
    }
    minSizes = try sizes("min_size")
    if minSizes.isEmpty { throw source.error("needs min_size", p) }
    maxSizes = try sizes("max_size")
    guard maxSizes.isEmpty || maxSizes.count == minSizes.count else {
      throw source.error("has \(maxSizes.count) max_size for \(minSizes.count) min_size", p, field: "max_size")
    }
    if let (low, high) = zip(minSizes, maxSizes).first(where: { $0 >= $1 }) {
      throw source.error("max_size \(high) must be above min_size \(low)", p, field: "max_size")
    }
    var ratios: [Float] = []
    func add(_ r: Float) { if !(ratios + [1]).contains(where: { abs(r - $0) < 1e-6 }) { ratios.append(r) } }
    for r in try sizes("aspect_ratio") {
      let known = ratios.count
      add(r)
      if ratios.count > known, p.bool("flip") ?? true { ratios.append(1 / r) }
    }
    self.ratios = ratios
    let given = try sizes("variance")
    guard [0, 1, 4].contains(given.count) else {
      throw source.error("variance must be given once or four times, there are \(given.count)", p, field: "variance")
    }
    variances = given.count == 4 ? given : [Float](repeating: given.first ?? 0.1, count: 4)
    clips = p.bool("clip") ?? false
    offset = try source.finite(p, "offset", default: 0.5)
    image = try Self.pair(source, p, "img_size", "img_h", "img_w").map { (Int($0), Int($1)) }
    step = try Self.pair(source, p, "step", "step_h", "step_w")
  }

  /// One value for height and width, or one each.
  private static func pair(
    _ source: LayerSource, _ p: ProtoMessage, _ both: String, _ height: String, _ width: String
  ) throws(LayerError) -> (Float, Float)? {
    func positive(_ field: String) throws(LayerError) -> Float {
      let v = p.float(field) ?? 0
      guard v > 0, v < 1e6 else { throw source.error("\(field) must be above 0, is \(v)", p, field: field) }
      return v
    }
    if p.has(height) || p.has(width) {
      if p.has(both) { throw source.error("\(both) and \(height) or \(width) are both set", p, field: both) }
      return (try positive(height), try positive(width))
    }
    guard p.has(both) else { return nil }
    let v = try positive(both)
    return (v, v)
  }

  private var boxes: Int { minSizes.count * (1 + ratios.count) + maxSizes.count }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    for b in bottoms where b.rank != 4 { throw .shape("needs bottoms of [N, C, H, W], got \(b)") }
    return [[1, 2, bottoms[0][2] * bottoms[0][3] * boxes * 4]]
  }

  /// The boxes depend on shapes alone: they are made once and copied.
  func makeKernel(_ context: KernelContext) -> (any LayerKernel)? {
    let shapes = context.shapes
    var boxes = Tensor(shape: shapes.tops[0])
    boxes.withMutable { top in reference(LayerRun(shapes: shapes, bottoms: [], tops: [top], params: [])) }
    let made = boxes
    return LoopKernel(bottoms: context.bottomLayouts, tops: [.plain(shapes.tops[0])]) { io in
      made.withView { io.top(0).copy($0) }
    }
  }

  func reference(_ run: LayerRun) {
    let (map, picture) = (run.shapes.bottoms[0], run.shapes.bottoms[1])
    let (height, width) = image ?? (picture[2], picture[3])
    let step = step ?? (Float(height) / Float(map[2]), Float(width) / Float(map[3]))
    let top = run.tops[0]
    var at = 0
    for h in 0..<map[2] {
      for w in 0..<map[3] {
        let (x, y) = ((Float(w) + offset) * step.width, (Float(h) + offset) * step.height)
        // The halves are taken in double precision, as there.
        func put(_ boxWidth: Float, _ boxHeight: Float) {
          let (halfW, halfH) = (Double(boxWidth) / 2, Double(boxHeight) / 2)
          for (value, size) in [
            (Double(x) - halfW, width), (Double(y) - halfH, height), (Double(x) + halfW, width),
            (Double(y) + halfH, height),
          ] {
            top[at] = Float(value / Double(size))
            at += 1
          }
        }
        for (i, size) in minSizes.enumerated() {
          put(size, size)
          if !maxSizes.isEmpty {
            let both = (size * maxSizes[i]).squareRoot()
            put(both, both)
          }
          for r in ratios { put(size * r.squareRoot(), size / r.squareRoot()) }
        }
      }
    }
    if clips { for i in 0..<at { top[i] = min(max(top[i], 0), 1) } }
    for i in 0..<at { top[at + i] = variances[i % 4] }
  }
}
