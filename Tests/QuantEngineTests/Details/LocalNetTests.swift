import Engine
import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import QuantEngine

@Suite struct `The local net` {
  private typealias N = NetText

  private static func quant(_ object: String, _ bottom: String, reciprocal: Float, index: Int = 0) -> String {
    let name = "\(object)_quant_layer" + (index > 0 ? "_\(index)" : "")
    return N.layer(
      name, "Quant", [bottom], [name],
      "quant_param { scale: \(reciprocal) offset: 0 num_bits_d: 8 object_layer: \"\(object)\" index: \(index) }")
  }

  /// Runs both nets on one batch and gives the report.
  private func compare(
    _ original: Graph, _ quantized: Graph, _ inputs: [(name: String, tensor: Tensor)], threads: Int = 1
  ) throws -> (report: ComparisonReport, details: [LayerDetails], net: LocalNet) {
    let mapping = try LayerMapping(original: original, quantized: quantized, quantJSON: nil)
    let net = try LocalNet(original: original, quantized: quantized, mapping: mapping)
    let meter = ComparisonMeter(mapping, net, threads: threads)
    let images = inputs[0].tensor.shape.legacy(0)
    meter.begin(images: images)
    for (graph, observed, observer) in [
      (net.graph, meter.original.observed, meter.original as any RunObserver),
      (quantized, meter.quantized.observed, meter.quantized as any RunObserver),
    ] {
      let run = try Run(Plan(graph, PlanOptions(threads: threads, observed: .only(observed))))
      for (name, tensor) in inputs {
        let blob = try #require(graph.inputs.first { graph[$0].name == name })
        try run.setInput(blob, tensor)
      }
      try run.execute(observer)
    }
    return (meter.report(images: images), meter.details(net.graph, quantized), net)
  }

  private func cosine(_ a: [Double], _ b: [Double]) -> Double {
    let dot = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    let square = { (v: [Double]) in v.reduce(0) { $0 + $1 * $1 } }
    return dot / (square(a) * square(b)).squareRoot()
  }

  /// By hand, x = (1.2, -0.7), ip1 with W = (1 2; 3 -1), quantized to (1 2.5; 3 -1), input step 0.5; ip2 with
  /// W = (1 1; 2 -1), the same quantized, input step 0.25:
  ///
  ///     original   ip1 = (1.2 - 1.4, 3.6 + 0.7) = (-0.2, 4.3)          ip2 = (4.1, -4.7)
  ///     x fake     (2.4 -> 2, -1.4 -> -1) * 0.5 = (1, -0.5)
  ///     local      ip1 = (1 - 1.25, 3 + 0.5) = (-0.25, 3.5)
  ///                ip1 fake (-0.8 -> -1, 17.2 -> 17) / 4 = (-0.25, 4.25)  ip2 = (4, -4.75)
  ///     chain      ip1 = (-0.25, 3.5), fake the same                      ip2 = (3.25, -4)
  @Test func `feeds each layer what the original feeds it`() throws {
    func ip(_ name: String, _ bottom: String) -> String {
      N.layer(name, "InnerProduct", [bottom], [name], "inner_product_param { num_output: 2 bias_term: false }")
    }
    let w1 = Tensor(shape: [2, 2], [1, 2, 3, -1])
    let w2 = Tensor(shape: [2, 2], [1, 1, 2, -1])
    let original = try N.graph(
      N.input("x", [1, 2]) + ip("ip1", "x") + ip("ip2", "ip1"), params: ["ip1": [w1], "ip2": [w2]])
    let quantized = try N.graph(
      N.input("x", [1, 2]) + Self.quant("ip1", "x", reciprocal: 2) + ip("ip1", "ip1_quant_layer")
        + Self.quant("ip2", "ip1", reciprocal: 4) + ip("ip2", "ip2_quant_layer"),
      params: ["ip1": [Tensor(shape: [2, 2], [1, 2.5, 3, -1])], "ip2": [w2]])
    let (report, details, _) = try compare(original, quantized, [("x", Tensor(shape: [1, 2], [1.2, -0.7]))])
    let (a, b) = (report.layers[0], report.layers[1])
    #expect(a.layer == "ip1" && b.layer == "ip2" && a.state == "quantized" && b.state == "quantized")
    // float32 gives 1.2, 0.7 and 0.2 to 1e-7.
    func near(_ value: Double?, _ expected: Double) -> Bool { abs((value ?? .nan) - expected) < 1e-6 }
    #expect(near(a.local, cosine([-0.2, 4.3], [-0.25, 3.5])) && near(a.cosine, cosine([-0.2, 4.3], [-0.25, 3.5])))
    #expect(near(b.local, cosine([4.1, -4.7], [4, -4.75])))
    #expect(near(b.cosine, cosine([4.1, -4.7], [3.25, -4])))
    #expect(near(b.localMin, b.local ?? 0) && near(b.mean_bias, (-0.85 + 0.7) / 2))
    #expect(near(b.rel_l2, ((0.7225 + 0.49) / (16.81 + 22.09)).squareRoot()))
    // 10 log10((4.1^2 + 4.7^2) / (0.1^2 + 0.05^2)) = 10 log10(38.9 / 0.0125)
    #expect(abs((b.local_sqnr_db ?? 0) - 34.9305) < 1e-3)
    #expect(report.outputs[0].blob == "ip2" && report.outputs[0].cosine == b.cosine)
    #expect(report.outputs[0].rel_l2 == b.rel_l2)
    let input = try #require(details[0].inputs.first)
    #expect(input.blob == "x" && input.scale == 0.5 && input.clipMin == -64 && input.clipMax == 63.5)
    #expect(input.rangeMin == -0.7 && input.rangeMax == 1.2 && input.saturated == 0 && input.zeroed == 0)
    #expect(details[1].channelCosine.count == 2 && details[1].localCosines.count == 1)
    #expect(near(details[1].original.mean, -0.3) && near(details[1].quantized.max, 3.25))
  }

  /// Five images, an input that is read twice, sums and joins of two inputs, an in-place layer, a label, a scalar top.
  @Test(arguments: [1, 2]) func `takes layers with several inputs and odd batches`(_ threads: Int) throws {
    let conv = "convolution_param { num_output: 3 kernel_size: 1 bias_term: false }"
    let ip = "inner_product_param { num_output: 2 bias_term: false }"
    let head = N.input("x", [5, 3, 4, 5]) + N.input("label", [5])
    let w = Tensor.random([3, 3, 1, 1], seed: 1)
    let v = Tensor.random([2, 120], seed: 2)
    let tail =
      N.layer("ip", "InnerProduct", ["cat"], ["ip"], ip)
      + N.layer("loss", "SoftmaxWithLoss", ["ip", "label"], ["loss"])
    let original = try N.graph(
      head + N.layer("conv", "Convolution", ["x"], ["conv"], conv) + N.layer("relu", "ReLU", ["conv"], ["conv"])
        + N.layer("sum", "Eltwise", ["x", "conv"], ["sum"]) + N.layer("cat", "Concat", ["sum", "conv"], ["cat"]) + tail,
      params: ["conv": [w], "ip": [v]])
    let quantized = try N.graph(
      head + Self.quant("conv", "x", reciprocal: 8)
        + N.layer("conv", "Convolution", ["conv_quant_layer"], ["conv"], conv)
        + N.layer("relu", "ReLU", ["conv"], ["conv"])
        + Self.quant("sum", "x", reciprocal: 8) + Self.quant("sum", "conv", reciprocal: 4, index: 1)
        + N.layer("sum", "Eltwise", ["sum_quant_layer", "sum_quant_layer_1"], ["sum"])
        + Self.quant("cat", "sum", reciprocal: 2) + Self.quant("cat", "conv", reciprocal: 4, index: 1)
        + N.layer("cat", "Concat", ["cat_quant_layer", "cat_quant_layer_1"], ["cat"]) + tail,
      params: ["conv": [w], "ip": [v]])
    let x = Tensor.random([5, 3, 4, 5], seed: 3)
    let labels = Tensor(shape: [5], [0, 1, 1, 0, 1])
    let (report, details, net) = try compare(original, quantized, [("x", x), ("label", labels)], threads: threads)
    #expect(report.images == 5)
    #expect(report.layers.map(\.layer) == ["conv", "relu", "sum", "cat", "ip", "loss"])
    #expect(report.layers.map { $0.local != nil } == [true, false, true, true, false, false])
    #expect(report.layers.map { $0.saturated != nil } == [true, false, true, true, false, false])
    // One Quant serves both readers that quantize a blob alike.
    #expect(net.graph.nodes.count { $0.type == "Quant" } == 3)

    // The sum by plain loops: 1x1 convolution, ReLU, then both inputs rounded to their steps.
    func fake(_ v: Float, _ step: Float) -> Float {
      min(127, max(-128, (v / step).rounded(.toNearestOrAwayFromZero))) * step
    }
    var (o, q): ([[Double]], [[Double]]) = ([], [])
    for n in 0..<5 {
      o.append([])
      q.append([])
      for c in 0..<3 {
        for p in 0..<20 {
          let relu = max(0, (0..<3).reduce(Float(0)) { $0 + w[c * 3 + $1] * x[(n * 3 + $1) * 20 + p] })
          let own = x[(n * 3 + c) * 20 + p]
          o[n].append(Double(own + relu))
          q[n].append(Double(fake(own, 0.125) + fake(relu, 0.25)))
        }
      }
    }
    let sums = zip(o, q).map { cosine($0, $1) }
    for (n, value) in details[2].localCosines.enumerated() { #expect(abs(Double(value) - sums[n]) < 1e-5) }
    #expect(abs((report.layers[2].local ?? 0) - sums.reduce(0, +) / 5) < 1e-5)
    #expect(details[2].inputs.map(\.blob) == ["x", "conv"] && details[2].inputs.map(\.bottom) == [0, 1])
    #expect(details[3].channelCosine.count == 6 && details[3].cosines.count == 5)
    #expect(details[4].channelCosine.count == 2 && details[5].cosines.count == 1)
    #expect(details[3].scatter?.original.count == 120)
    #expect(details[4].originalHistogram.counts.reduce(0, +) == 10)
  }

  @Test func `leaves a chain that the quantized net absorbed to its last layer`() throws {
    let conv = "convolution_param { num_output: 2 kernel_size: 1 }"
    let text = N.input("x", [3, 2, 3, 3])
    let weights = [Tensor(shape: [2, 2, 1, 1], [1, 2, 3, 4]), Tensor(shape: [2], [0, 1])]
    let doubled = [Tensor(shape: [2, 2, 1, 1], [2, 4, 6, 8]), Tensor(shape: [2], [0, 2])]
    let original = try N.graph(
      text + N.layer("conv", "Convolution", ["x"], ["y"], conv) + N.layer("scale", "Scale", ["y"], ["y"])
        + N.layer("relu", "ReLU", ["y"], ["y"]),
      params: ["conv": weights, "scale": [Tensor(shape: [2], [2, 2])]])
    let quantized = try N.graph(
      text + Self.quant("conv", "x", reciprocal: 4) + N.layer("conv", "Convolution", ["conv_quant_layer"], ["y"], conv)
        + N.layer("relu", "ReLU", ["y"], ["y"]), params: ["conv": doubled])
    // Multiples of the step lose nothing: the layer equals the original with its Scale.
    let x = Tensor(shape: [3, 2, 3, 3], (0..<54).map { Float($0 % 11 - 5) / 4 })
    let (report, _, _) = try compare(original, quantized, [("x", x)])
    #expect(report.layers.map(\.layer) == ["conv", "relu"])
    #expect(report.layers[0].local == 1 && report.layers[0].cosine == 1 && report.layers[0].max_abs == 0)
  }
}
