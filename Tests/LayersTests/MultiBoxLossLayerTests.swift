import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("MultiBoxLoss layer") struct MultiBoxLossLayerTests {
  let suite = LayerSuite(MultiBoxLossLayer.self)
  /// Left half, its neighbour 0.1 to the right (they overlap by 0.4 / 0.6), a narrow stripe at the right.
  private static let boxes: [Float] = [0, 0, 0.5, 1, 0.1, 0, 0.6, 1, 0.9, 0, 1, 1]
  private static let variances = [Float](repeating: 0.1, count: 12)

  /// One image, three default boxes, two classes; the true box is the left half.
  private func loss(
    _ settings: String, locations: [Float] = [Float](repeating: 0, count: 12), scores: [Float], truths: [Float]
  ) throws -> Float {
    try suite.top(
      "multibox_loss_param { num_classes: 2 \(settings) }",
      [
        Tensor(shape: [1, 12], locations), Tensor(shape: [1, 6], scores),
        Tensor(shape: [1, 2, 12], Self.boxes + Self.variances), Tensor(shape: [1, 1, truths.count / 8, 8], truths),
      ])[0]
  }
  private static let left: [Float] = [0, 1, 0, 0, 0, 0.5, 1, 0]
  /// Background 1/4, 3/4 for boxes 0 and 1; 1/2 for box 2.
  private static let scores: [Float] = [0, 1.0986123, 0, 1.0986123, 7, 7]

  // -ln(3/4) = 0.2876821, -ln(1/4) = 1.3862944, -ln(1/2) = 0.6931472
  @Test func `matches and the hardest others, by hand`() throws {
    // Box 0 alone stands for it when 0.667 is too little; box 1 overlaps by more than 0.5, so only box 2 may be taken.
    let strict = "overlap_threshold: 0.7"
    #expect(
      try loss("\(strict) neg_pos_ratio: 1", scores: Self.scores, truths: Self.left).isNearly(0.2876821 + 0.6931472))
    // With a higher limit box 1 costs more than box 2 and comes first.
    #expect(
      try loss("\(strict) neg_pos_ratio: 1 neg_overlap: 0.7", scores: Self.scores, truths: Self.left).isNearly(
        0.2876821 + 1.3862944))
    #expect(try loss("\(strict) neg_pos_ratio: 0", scores: Self.scores, truths: Self.left).isNearly(0.2876821))
    // Without mining all others count.
    #expect(
      try loss("\(strict) mining_type: NONE", scores: Self.scores, truths: Self.left).isNearly(
        0.2876821 + 1.3862944 + 0.6931472))
  }

  @Test func `boxes that overlap enough stand for it too, by hand`() throws {
    // Boxes 0 and 1: two matches; differences of box 1 are -0.1 / 0.1 = -1 in x, twice: 0.5 each as 1 - 0.5.
    let both: Float = (2 * 0.2876821 + 2 * 0.5) / 2
    #expect(try abs(loss("neg_pos_ratio: 0", scores: Self.scores, truths: Self.left) - both) < 1e-5)
    #expect(
      try loss("neg_pos_ratio: 0 match_type: BIPARTITE", scores: Self.scores, truths: Self.left).isNearly(0.2876821))
    // Half of that weight; the squares are 0.01 without variance: 2 * 0.005.
    let light: Float = (2 * 0.2876821 + 0.5 * 2 * 0.005) / 2
    #expect(
      try abs(
        loss("neg_pos_ratio: 0 loc_weight: 0.5 encode_variance_in_target: true", scores: Self.scores, truths: Self.left)
          - light) < 1e-6)
  }

  @Test func `differences large and small, by hand`() throws {
    // Box 0 predicted 3 too far in one value, 0.5 in another: 2.5 + 0.125; squared 4.5 + 0.125.
    let locations: [Float] = [3, 0.5] + [Float](repeating: 0, count: 10)
    let settings = "overlap_threshold: 0.7 neg_pos_ratio: 0"
    #expect(
      try loss(settings, locations: locations, scores: Self.scores, truths: Self.left).isNearly(0.2876821 + 2.625))
    #expect(
      try loss("\(settings) loc_loss_type: L2", locations: locations, scores: Self.scores, truths: Self.left).isNearly(
        0.2876821 + 4.625))
    // sigmoid(0) = 1/2 against 0, sigmoid(ln 3) = 3/4 against 1.
    #expect(
      try loss("\(settings) conf_loss_type: LOGISTIC", scores: Self.scores, truths: Self.left).isNearly(
        0.6931472 + 0.2876821))
  }

  @Test func `predictions that a decoder moves onto the true box cost nothing`() throws {
    for (name, coding) in [("CORNER", .corner), ("CENTER_SIZE", .centerSize), ("CORNER_SIZE", .cornerSize)]
      as [(String, DetectionBox.Coding)]
    {
      let prior = DetectionBox(xmin: 0.1, ymin: 0.2, xmax: 0.5, ymax: 0.9)
      let truth = DetectionBox(xmin: 0.15, ymin: 0.1, xmax: 0.6, ymax: 0.8)
      let v = DetectionBox(xmin: 0.1, ymin: 0.1, xmax: 0.2, ymax: 0.2)
      let back = prior.moved(by: prior.coded(truth, variance: v, coding), variance: v, coding)
      for (got, want) in [
        (back.xmin, truth.xmin), (back.ymin, truth.ymin), (back.xmax, truth.xmax), (back.ymax, truth.ymax),
      ] {
        #expect(abs(got - want) < 1e-6, "\(name)")
      }
    }
  }

  @Test func `nothing to find costs nothing, and what is no number does not trap`() throws {
    let none: [Float] = [-1, 1, 0, 0, 0, 0.5, 1, 0]
    #expect(try loss("", scores: Self.scores, truths: none) == 0)
    let difficult: [Float] = [0, 1, 0, 0, 0, 0.5, 1, 1]
    #expect(try loss("use_difficult_gt: false", scores: Self.scores, truths: difficult) == 0)
    #expect(try loss("", scores: Self.scores, truths: [0, 9, 0, 0, 0, 0.5, 1, 0]).isNaN)
    let bad: [Float] = [0, 1, 0, .nan, .nan, .infinity, 1, 0]
    #expect(try loss("", scores: [.nan, 0, 0, 0, 0, 0], truths: bad) == 0)
  }

  @Test func `a batch is divided by all its matches`() throws {
    // The second image is the first with another true box: both have one match and no others.
    let bottoms = [
      Tensor(shape: [2, 12]), Tensor(shape: [2, 6], Self.scores + Self.scores),
      Tensor(shape: [1, 2, 12], Self.boxes + Self.variances),
      Tensor(shape: [1, 1, 2, 8], Self.left + [1, 1, 0, 0.9, 0, 1, 1, 0]),
    ]
    let y = try suite.top("multibox_loss_param { num_classes: 2 overlap_threshold: 0.7 neg_pos_ratio: 0 }", bottoms)
    #expect(y[0].isNearly((0.2876821 + 0.6931472) / 2))
  }

  @Test(arguments: [
    ("", "needs num_classes"), ("num_classes: 2 share_location: false", "share_location: false is not known"),
    ("num_classes: 2 mining_type: HARD_EXAMPLE", "HARD_EXAMPLE is not known"),
    ("num_classes: 2 background_label_id: 2", "background_label_id is 2, there are 2 classes"),
    ("num_classes: 2 neg_pos_ratio: inf", "neg_pos_ratio must be a finite number"),
    ("num_classes: 3", "needs 3 confidences of 3 classes"),
  ]) func `it refuses`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal(
      "multibox_loss_param {\n\(settings)\n}", bottoms: [[1, 12], [1, 6], [1, 2, 12], [1, 1, 1, 8]])
    #expect(said.contains(text), "\(said)")
    #expect(said.hasPrefix("case.prototxt:") != text.hasPrefix("needs 3"), "\(said)")
  }
}
