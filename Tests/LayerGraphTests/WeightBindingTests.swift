import Diagnostics
import LayerGraph
import Tensors
import TestSupport
import Testing

@Suite struct WeightBindingTests {
  /// conv [2, 3, 1, 1] with bias [2], fc [2, 8] without bias over [1, 2, 2, 2].
  private static let net =
    NetText.input("data", [1, 3, 2, 2])
    + NetText.layer(
      "conv", "Convolution", ["data"], ["conv"],
      "convolution_param { num_output: 2 kernel_size: 1 bias_filler { type: \"constant\" value: 0.5 } }")
    + NetText.layer("fc", "InnerProduct", ["conv"], ["fc"], "inner_product_param { num_output: 2 bias_term: false }")

  private let convolution = [Tensor(shape: [2, 3, 1, 1], [1, 2, 3, 4, 5, 6]), Tensor(shape: [2], [7, 8])]

  private func bind(
    _ weights: [String: [Tensor]], text: String = net, missing: Graph.MissingParams = .fillers
  ) throws -> (graph: Graph, warnings: [Diagnostic]) {
    var log = DiagnosticLog()
    let graph = try NetText.build(text, log: &log)
    return (try graph.binding(weights, source: "net.caffemodel", missing: missing, log: &log), log.warnings)
  }

  @Test func `blobs are found by layer name`() throws {
    let fc = Tensor.random([2, 8], seed: 1)
    let (graph, warnings) = try bind(["conv": convolution, "fc": [fc], "unused": [fc]])
    #expect(graph.node(named: "conv")?.params == convolution)
    #expect(graph.node(named: "fc")?.params == [fc])
    #expect(warnings.isEmpty)
    #expect(graph.paramsByLayer.keys.sorted() == ["conv", "fc"])
  }

  @Test func `a wrong shape names both shapes at the layer`() {
    let found = NetText.problems {
      _ = try bind(["conv": [Tensor(shape: [2, 3, 3, 3]), Tensor(shape: [2])], "fc": [Tensor(shape: [2, 9])]])
    }
    #expect(
      found.map(\.text) == [
        "layer 'conv' (Convolution): its weights needs shape [2, 3, 1, 1], net.caffemodel has [2, 3, 3, 3]",
        "layer 'fc' (InnerProduct): its weights needs shape [2, 8], net.caffemodel has [2, 9]",
      ])
    #expect(found.map(\.location?.line) == [2, 3])
  }

  @Test func `a wrong number of blobs names both counts`() {
    let found = NetText.problems { _ = try bind(["conv": [convolution[0]], "fc": [Tensor(shape: [2, 8])]]) }
    #expect(found.map(\.text) == ["layer 'conv' (Convolution) has 2 blobs, net.caffemodel gives it 1"])
  }

  @Test func `a layer without weights is filled by its fillers with a warning`() throws {
    let (graph, warnings) = try bind(["fc": [Tensor(shape: [2, 8])]])
    #expect(
      warnings.map(\.text) == ["layer 'conv' (Convolution) has no weights in net.caffemodel; filled by its fillers"])
    #expect(warnings.first?.location?.line == 2)
    // No weight_filler: zeros; the bias filler says 0.5.
    #expect(graph.node(named: "conv")?.params.map(\.array) == [[0, 0, 0, 0, 0, 0], [0.5, 0.5]])
  }

  @Test func `a file of another net is refused`() {
    let found = NetText.problems { _ = try bind(["a": [Tensor(shape: [1])], "b": [Tensor(shape: [1])]]) }
    #expect(found.filter { $0.severity == .error }.map(\.text) == ["net.caffemodel: no layer name matches the net's"])
    #expect(found.first { $0.severity == .error }?.notes.map(\.text) == ["the file has a, b"])
    let empty = NetText.problems { _ = try bind([:]) }
    #expect(empty.map(\.text).contains("net.caffemodel: no layer in it has weights"))
  }

  @Test func `legacy shapes fit when ones in front make them equal`() throws {
    let legacy = [
      "conv": [convolution[0], convolution[1].reshaped([1, 1, 1, 2])],
      "fc": [Tensor.random([1, 1, 2, 8], seed: 3)],
    ]
    let (graph, _) = try bind(legacy)
    #expect(graph.node(named: "conv")?.params[1].shape == [2])
    #expect(graph.node(named: "fc")?.params.first?.shape == [2, 8])
    #expect(graph.node(named: "fc")?.params.first?.array == legacy["fc"]?.first?.array)
    // Ones behind are another shape, as is another split of the count.
    for wrong: Shape in [[2, 8, 1, 1], [1, 1, 8, 2], [1, 2, 8]] {
      let found = NetText.problems { _ = try bind(["conv": convolution, "fc": [Tensor(shape: wrong)]]) }
      #expect(found.count == 1, "\(wrong)")
    }
  }

  @Test func `random values bind without warnings and are fixed by the seed`() throws {
    let (a, warnings) = try bind([:], missing: .random(seed: 3))
    let (b, _) = try bind([:], missing: .random(seed: 3))
    let (c, _) = try bind([:], missing: .random(seed: 4))
    #expect(warnings.isEmpty)
    #expect(a.paramsByLayer == b.paramsByLayer)
    #expect(a.paramsByLayer != c.paramsByLayer)
    #expect(a.node(named: "conv")?.params.map(\.shape) == [[2, 3, 1, 1], [2]])
  }

  // MARK: sharing

  private static func pair(_ second: String, mode: String = "") -> String {
    NetText.input("data", [1, 4])
      + NetText.layer(
        "a", "InnerProduct", ["data"], ["a"],
        "param { name: \"w\" } inner_product_param { num_output: 4 bias_term: false }")
      + NetText.layer(
        "b", "InnerProduct", ["a"], ["b"], "param { name: \"w\" \(mode) } inner_product_param { \(second) }")
  }

  @Test func `layers that name one blob take the first one's`() throws {
    let a = Tensor.random([4, 4], seed: 1)
    let weights = ["a": [a], "b": [Tensor.random([4, 4], seed: 2)]]
    let (graph, _) = try bind(weights, text: Self.pair("num_output: 4 bias_term: false"))
    #expect(graph.node(named: "b")?.params == [a])
  }

  @Test func `sharing another shape is refused, of another count also when permissive`() throws {
    let two = "num_output: 2 bias_term: false"
    let weights = ["a": [Tensor(shape: [4, 4])], "b": [Tensor(shape: [2, 4])]]
    for mode in ["", "share_mode: PERMISSIVE"] {
      let found = NetText.problems { _ = try bind(weights, text: Self.pair(two, mode: mode)) }
      #expect(
        found.map(\.text) == [
          "layer 'b' (InnerProduct) cannot share 'w': its shape is [2, 4], that of layer 'a' is [4, 4]"
        ])
    }
  }

  @Test func `permissive sharing takes another shape of equal count`() throws {
    // conv [2, 4, 1, 1] and fc [2, 4] over the conv's [1, 2, 1, 2].
    let text =
      NetText.input("data", [1, 4, 1, 2])
      + NetText.layer(
        "a", "Convolution", ["data"], ["a"],
        "param { name: \"w\" } convolution_param { num_output: 2 kernel_size: 1 bias_term: false }")
      + NetText.layer(
        "b", "InnerProduct", ["a"], ["b"],
        "param { name: \"w\" share_mode: PERMISSIVE } inner_product_param { num_output: 2 bias_term: false }")
    let a = Tensor(shape: [2, 4, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8])
    let (graph, _) = try bind(["a": [a], "b": [Tensor(shape: [2, 4])]], text: text)
    #expect(graph.node(named: "b")?.params == [a.reshaped([2, 4])])
  }

  @Test func `layers of unknown types keep their blobs for writing`() throws {
    let text = NetText.input("data", [1, 4]) + NetText.layer("x", "Mystery", ["data"], ["x"])
    let blob = Tensor.random([3], seed: 9)
    let (graph, _) = try bind(["x": [blob]], text: text)
    #expect(graph.paramsByLayer == ["x": [blob]])
  }
}
