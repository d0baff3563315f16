import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Proposal layer") struct ProposalLayerTests {
  let suite = LayerSuite(ProposalLayer.self)
  /// One anchor: 0, 0, 15, 15.
  private static let single = "ratio: 1 scale: 1 min_size: 4"

  /// Regions and scores for maps of one row, anchor by anchor the object's scores and the deltas (dx, dy, dw, dh).
  private func found(_ settings: String, _ scores: [Float], _ deltas: [[Float]], _ info: [Float]) throws -> (
    rois: [[Float]], scores: [Float]
  ) {
    let width = scores.count
    let shapes: [Shape] = [[1, 2, 1, width], [1, 4, 1, width], [1, 3]]
    let values = [
      [Float](repeating: 9, count: width) + scores, (0..<4).flatMap { k in deltas.map { $0[k] } }, info,
    ]
    let tops = try suite.reference(
      LayerCase("by hand", "proposal_param { \(settings) }", bottoms: shapes, topCount: 2),
      zip(shapes, values).map { Tensor(shape: $0, $1) })
    return ((0..<tops[0].shape[0]).map { r in (0..<5).map { tops[0][r * 5 + $0] } }, tops[1].array)
  }

  @Test func `the best first, by hand`() throws {
    let zero: [Float] = [0, 0, 0, 0]
    let all = try found(Self.single, [0.2, 0.9, 0.5], [zero, zero, zero], [16, 48, 1])
    // A box reaches half its size to both sides of its centre, 8 + 16 k: one place more than its anchor.
    #expect(all.rois == [[0, 16, 0, 32, 15], [0, 32, 0, 47, 15], [0, 0, 0, 16, 15]])
    #expect(all.scores == [0.9, 0.5, 0.2])
    // Two of three, and equal scores in their order.
    let two = try found("\(Self.single) post_nms_topn: 2", [0.5, 0.5, 0.5], [zero, zero, zero], [16, 48, 1])
    #expect(two.rois == [[0, 0, 0, 16, 15], [0, 16, 0, 32, 15]])
    // Only the best one is looked at; the rows behind it are zero.
    let one = try found("\(Self.single) pre_nms_topn: 1", [0.2, 0.9, 0.5], [zero, zero, zero], [16, 48, 1])
    #expect(one.rois == [[0, 16, 0, 32, 15], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]])
    #expect(one.scores == [0.9, 0, 0])
  }

  @Test func `deltas move by sizes, images cut, small boxes go, by hand`() throws {
    // dx = 0.5 of 16: centre 16; dw = ln 2: 32 wide, 0 to 32 with the centre's half places: 16 - 16, 16 + 16.
    let moved = try found(Self.single, [0.5], [[0.5, 0, 0.6931472, 0]], [40, 60, 1])
    #expect(differences(moved.rois[0], [0, 0, 0, 32, 16]) == "")
    // The image is 12 x 10: cut to 9 and 11. Up by two heights it has no height left: y 0 to 0, 1 place.
    let cut = try found(Self.single, [0.5], [[0, 0, 0, 0]], [12, 10, 1])
    #expect(cut.rois[0] == [0, 0, 0, 9, 11])
    #expect(try found(Self.single, [0.5], [[0, -2, 0, 0]], [12, 10, 1]).scores == [0])
    // 10 places are below 4 * 3.
    #expect(try found(Self.single, [0.5], [[0, 0, 0, 0]], [12, 10, 3]).scores == [0])
  }

  @Test func `what overlaps by more than the threshold goes, by hand`() throws {
    // The first covers the places 0 to 16, the second is moved from 16..32 to 4..20: 13 of 21 places, 0.619.
    let deltas: [[Float]] = [[0, 0, 0, 0], [-0.75, 0, 0, 0]]
    #expect(try found("\(Self.single) nms_thresh: 0.61", [0.9, 0.8], deltas, [16, 48, 1]).scores == [0.9, 0])
    #expect(try found("\(Self.single) iou_threshold: 0.63", [0.9, 0.8], deltas, [16, 48, 1]).scores == [0.9, 0.8])
  }

  @Test func `numbers that are none are no proposals`() throws {
    let got = try found(
      Self.single, [.nan, 0.7, 0.8, 0.6],
      [[0, 0, 0, 0], [.nan, 0, 0, 0], [0, 0, .infinity, 0], [0, 0, 0, 0]], [16, 64, 1])
    // The third is as wide as the image, and overlaps the fourth by a quarter.
    #expect(got.scores == [0.8, 0.6, 0, 0])
    #expect(got.rois[0] == [0, 0, 0, 63, 15])
    #expect(try found(Self.single, [0.5], [[0, 0, 0, 0]], [.nan, .nan, .nan]).scores == [0])
  }

  @Test func `anchors are those that py-faster-rcnn lists in its source`() {
    let listed: [[Float]] = [
      [-84, -40, 99, 55], [-176, -88, 191, 103], [-360, -184, 375, 199], [-56, -56, 71, 71], [-120, -120, 135, 135],
      [-248, -248, 263, 263], [-36, -80, 51, 95], [-80, -168, 95, 183], [-168, -344, 183, 359],
    ]
    for halves in [.toNearestOrEven, .toNearestOrAwayFromZero] as [FloatingPointRoundingRule] {
      let anchors = ProposalGenerator.anchors(16, [0.5, 1, 2], [8, 16, 32], halves)
      #expect(anchors.map { [$0.x1, $0.y1, $0.x2, $0.y2] } == listed)
    }
  }

  @Test func `images of a batch follow each other`() throws {
    let shapes: [Shape] = [[2, 2, 1, 1], [2, 4, 1, 1], [2, 4]]
    let bottoms = [
      Tensor(shape: shapes[0], [0, 0.5, 0, 0.7]), Tensor(shape: shapes[1]),
      Tensor(shape: shapes[2], [16, 16, 1, 1, 8, 8, 1, 1]),
    ]
    let y = try suite.top("proposal_param { \(Self.single) }", bottoms)
    #expect(y.array == [0, 0, 0, 15, 15, 1, 0, 0, 7, 7])
  }

  @Test(arguments: [
    ("feat_stride: 0", "feat_stride must be above 0, is 0"), ("ratio: -1", "ratio must be above 0, is -1"),
    ("scale: nan", "scale must be above 0, is nan"), ("nms_thresh: 0.5 iou_threshold: 0.5", "are both set"),
    ("output_actual_rois_num: true", "output_actual_rois_num cannot be made"),
    ("min_size: inf", "min_size must be a finite number"),
  ]) func `a wrong field is refused at its line`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal(
      "proposal_param {\n\(settings)\n}", bottoms: [[1, 18, 2, 2], [1, 36, 2, 2], [1, 3]])
    #expect(said.hasPrefix("case.prototxt:3:") && said.contains(text), "\(said)")
  }

  @Test func `it refuses bottoms that don't fit its anchors`() throws {
    func refusal(_ bottoms: [Shape]) throws -> String { try suite.refusal("", bottoms: bottoms) }
    #expect(try refusal([[1, 9, 2, 2], [1, 36, 2, 2], [1, 3]]).contains("needs probabilities of [N, 18, H, W]"))
    #expect(try refusal([[1, 18, 2, 2], [1, 36, 2, 3], [1, 3]]).contains("needs deltas of [1, 36, 2, 2]"))
    #expect(try refusal([[1, 18, 2, 2], [1, 36, 2, 2], [1, 2]]).contains("needs height, width and scale"))
  }
}
