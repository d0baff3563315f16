import Kernels
import LayerGraph
import Tensors

/// The share of positions whose true class is among the `top_k` best scores; a second top has the share per class.
///
/// Scores equal to the true class's count as better, so that a tie is a miss. With nothing to count the share is 0.
/// - Source: Caffe `accuracy_layer.cpp`.
struct AccuracyLayer: LayerType {
  static let caffeTypes = ["Accuracy"]
  static let arity = Arity(bottoms: 2...2, tops: 1...2)
  static let agreement = Agreement.exact

  private let owner: String
  private let topK: Int
  private let axis: Int
  private let ignored: Int?
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("accuracy_param")
    owner = "layer '\(source.name)' (\(source.type))"
    topK = try source.positive(p, "top_k", default: 1)
    axis = p.int("axis") ?? 1
    ignored = p.int("ignore_label")
    topCount = source.topCount
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    _ = try canonical(axis, of: bottoms[0])
    guard let axes = LabelAxes(bottoms[0], axis: axis) else { return [] }
    try axes.check(bottoms)
    guard topK <= axes.classes else {
      throw .shape("has top_k \(topK), more than the \(axes.classes) classes of its bottom \(bottoms[0])")
    }
    return Array([[], [axes.classes]].prefix(topCount))
  }

  func reference(_ run: LayerRun) {
    guard let axes = LabelAxes(run.shapes.bottoms[0], axis: axis) else { return }
    let (scores, labels) = (run.bottoms[0], run.bottoms[1])
    var hits = [Int](repeating: 0, count: axes.classes)
    var seen = hits
    var (allHits, all) = (0, 0)
    for o in 0..<axes.outer {
      for i in 0..<axes.inner {
        let label = Label(labels[o * axes.inner + i], classes: axes.classes, ignored: ignored)
        if label == .ignored { continue }
        all += 1
        guard case .of(let truth) = label else { continue }
        func score(_ c: Int) -> Float { scores[(o * axes.classes + c) * axes.inner + i] }
        let better = (0..<axes.classes).count { $0 != truth && score($0) >= score(truth) }
        seen[truth] += 1
        // A score that is not a number wins nothing.
        if better < topK, !score(truth).isNaN {
          allHits += 1
          hits[truth] += 1
        }
      }
    }
    run.tops[0][0] = all == 0 ? 0 : Float(allHits) / Float(all)
    if run.tops.count > 1 {
      for c in 0..<axes.classes { run.tops[1][c] = seen[c] == 0 ? 0 : Float(hits[c]) / Float(seen[c]) }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    guard let axes = LabelAxes(context.shapes.bottoms[0], axis: axis) else { return nil }
    return LabelledKernel(self, context, owner: owner, classes: axes.classes, ignored: ignored)
  }
}
