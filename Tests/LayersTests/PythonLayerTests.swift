import Diagnostics
import Engine
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Python layer") struct PythonLayerTests {
  let suite = LayerSuite(PythonLayer.self)
  private static func settings(_ text: String) -> String {
    "python_param {\nmodule: 'rpn.proposal_layer'\nlayer: 'ProposalLayer'\nparam_str: \(text) }"
  }

  /// numpy 2.4, its own float32 program of the published steps (anchors from py-faster-rcnn's comment, stable sort).
  @Test func `the proposals of a small map`() throws {
    let bottoms = [
      Tensor.pattern([1, 18, 5, 7], 197, 641, 1), Tensor.pattern([1, 36, 5, 7], 331, 1289, 0.4),
      Tensor(shape: [1, 3], [80, 112, 1.5]),
    ]
    let c = LayerCase("faster", Self.settings("\"'feat_stride': 16\""), bottoms: bottoms.map(\.shape), topCount: 2)
    let tops = try suite.reference(c, bottoms)
    #expect(tops[0].shape == [300, 5])
    #expect(tops[1].shape == [300, 1])
    let boxes = (0..<300).map { r in (0..<5).map { tops[0][r * 5 + $0] } }
    #expect(
      differences(
        boxes[..<6].flatMap { $0[1...] },
        [
          0, 0, 111, 79, 0, 0, 56.6807518, 79, 0, 0, 54.34231567, 34.25791168, 0, 0, 111, 45.88746643, 0, 0,
          74.52708435, 63.07723999, 0, 0, 27.08462524, 76.80342102,
        ], 2e-4) == "")
    #expect(differences(Array(tops[1].array[..<3]), [0.99375975, 0.98439938, 0.92823714]) == "")
    #expect(differences(boxes[19], [0, 23.25041962, 0, 111, 39.36242676], 2e-4) == "")
    #expect(tops[1][19] == -0.85023403)
    #expect(boxes[20...].allSatisfy { $0 == [0, 0, 0, 0, 0] })
  }

  @Test(arguments: [
    "\"'feat_stride': 16\"", "\"{'feat_stride': 16, 'scales': (8, 16, 32)}\"",
    "\"feat_stride: 16\\nratios: [0.5, 1, 2]\\n\"",
  ]) func `forms of param_str`(_ text: String) throws {
    let bottoms: [Shape] = [[1, 18, 2, 2], [1, 36, 2, 2], [1, 3]]
    #expect(try suite.refusal(Self.settings(text), bottoms: bottoms) == "")
  }

  @Test(arguments: [
    ("''", "param_str needs feat_stride"), ("\"'feat_stride': x\"", "feat_stride needs numbers above 0"),
    ("\"'feat_stride': -1\"", "feat_stride needs numbers above 0"), ("\"feat_stride\"", "needs numbers above 0"),
    ("\"feat_stride: 16, 8\"", "param_str has '8', which is not known"),
    ("\"feat_stride: [16, 8]\"", "feat_stride must be one number, has 2"),
    ("\"feat_stride: 16, sizes: [1]\"", "param_str has 'sizes', which is not known"), ("\":\"", "param_str has"),
  ]) func `other settings are refused at their line`(_ text: String, _ message: String) throws {
    let said = try suite.refusal(Self.settings(text), bottoms: [[1, 18, 2, 2], [1, 36, 2, 2], [1, 3]])
    #expect(said.contains(message), "\(said)")
    #expect(said.hasPrefix("case.prototxt:5:"), "\(said)")
  }

  @Test func `other modules are known by name only when the net is to run`() throws {
    let text =
      NetText.input("x", [1, 3])
      + NetText.layer("anchors", "Python", ["x"], ["y"], "python_param { module: 'rpn.anchors' layer: 'Targets' }")
      + NetText.layer("bare", "Python", ["x"], ["z"])
    var log = DiagnosticLog()
    let graph = try NetText.build(text, log: &log)
    #expect(log.diagnostics.map(\.text).first?.contains("unknown layer type 'Python rpn.anchors.Targets'") == true)
    #expect(graph.unknownNodes.map(\.name) == ["anchors", "bare"])
    let said = NetText.problems { try graph.refuseUnknownTypes() }.map(\.text)
    #expect(
      said == [
        "layer types 'Python ?.?' (1 layer), 'Python rpn.anchors.Targets' (1 layer) cannot be run: nobody knows them"
      ]
    )
  }
}
