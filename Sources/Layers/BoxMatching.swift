import Tensors

/// Which default box stands for which true box.
///
/// Each true box takes the free default box that it overlaps most, the best pair first; then, unless `bipartiteOnly`, each
/// free default box takes the true box that it overlaps most, by `threshold` at least.
/// - Source: SSD's Caffe, `bbox_util.cpp`, MatchBBox.
struct BoxMatching {
  /// For each default box the true box it stands for.
  private(set) var truth: [Int?]
  /// For each default box its largest overlap with any true box.
  private(set) var largest: [Float]

  /// - Parameter usable: default boxes that may be matched.
  init(
    _ defaults: [DetectionBox], _ truths: [DetectionBox], usable: [Bool], threshold: Float, bipartiteOnly: Bool
  ) {
    truth = [Int?](repeating: nil, count: defaults.count)
    largest = [Float](repeating: 0, count: defaults.count)
    // Next to nothing is nothing.
    let overlaps = defaults.indices.map { i in
      truths.map { usable[i] && defaults[i].overlap($0) > 1e-6 ? defaults[i].overlap($0) : 0 }
    }
    for i in defaults.indices { largest[i] = overlaps[i].max() ?? 0 }
    var open = Set(truths.indices)
    while !open.isEmpty {
      var best: (overlap: Float, i: Int, j: Int) = (0, -1, -1)
      for i in defaults.indices where truth[i] == nil {
        for j in truths.indices where open.contains(j) && overlaps[i][j] > best.overlap {
          best = (overlaps[i][j], i, j)
        }
      }
      if best.i < 0 { break }
      truth[best.i] = best.j
      open.remove(best.j)
    }
    if bipartiteOnly { return }
    for i in defaults.indices where truth[i] == nil && usable[i] {
      var overlap: Float = 0
      for j in truths.indices where overlaps[i][j] >= threshold && overlaps[i][j] > overlap {
        (overlap, truth[i]) = (overlaps[i][j], j)
      }
    }
  }
}
