import CaffeFormat
import Diagnostics
import Engine
import Foundation
import LayerGraph
import Passes
import Quantization
import Tensors
import Testing
import Writers

@testable import QuantEngine

@Suite struct `A saved fake-quant model` {
  private static let samples: String = {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return tests.deletingLastPathComponent().path + "/Samples"
  }()

  /// The outputs of a graph for one input.
  private func run(_ graph: Graph, _ input: Tensor) throws -> Tensor {
    let output = try #require(graph.outputs.first)
    let run = try Run(Plan(graph, PlanOptions(threads: 1, kept: [output])))
    try run.setInput(graph.inputs[0], input)
    try run.execute()
    return try run.read(output)
  }

  private func calibrated(_ graph: Graph, _ config: QuantConfig, _ input: Tensor) throws -> QuantizedModel {
    let prepared = try PreparedModel(graph, config)
    let weights = try WeightQuantizer.run(prepared.graph, config) { _, _, _ in }
    let targets = CalibrationTarget.all(in: weights.graph, config)
    let calibrator = Calibrator(weights.graph, targets, threads: 1) { _ in }
    let run = try Run(Plan(weights.graph, PlanOptions(threads: 1, observed: .only(calibrator.observed))))
    try run.setInput(weights.graph.inputs[0], input)
    try run.execute(calibrator)
    #expect(calibrator.failures.isEmpty)
    let record = try FactorRecord(weights.graph, weights: weights.factors, results: calibrator.results)
    return try QuantizedModel(
      weights.graph, record: record, weightCodes: weights.codes, absorbed: prepared.absorbed, name: "net"
    ) { layer, input in config.effective(layer: layer, input: input)?.withOffset ?? config.activationOffset }
  }

  @Test(arguments: ["digits", "shapes"])
  func `computes bit for bit what the quantized net in memory does`(_ sample: String) throws {
    let folder = NSTemporaryDirectory() + "cortado-saved-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let stem = "\(Self.samples)/\(sample)/\(sample)"
    let model = try LoadedModel(ModelFiles(prototxt: stem + ".prototxt", weights: stem + ".caffemodel"))
    var log = DiagnosticLog()
    let config = try QuantConfig.initial(graph: model.graph, options: InitialConfigOptions(), log: &log)
    let shape = try #require(model.graph.shape(model.graph.inputs[0]))
    let input = Tensor.random(shape, seed: 3)
    let quantized = try calibrated(model.graph, config, input)

    let files = try ModelOutput(model: model).save(quantized, OutputPrefix(folder + "/net"), .both) { _ in }
    #expect(files.count == 7)
    let saved = try LoadedModel(
      ModelFiles(
        prototxt: folder + "/net_fake_quant_model.prototxt", weights: folder + "/net_fake_quant_weights.caffemodel"))
    #expect(saved.graph.nodes.map(\.name) == quantized.graph.nodes.map(\.name))

    let other = Tensor.random(shape, seed: 4)
    let inMemory = try run(quantized.graph, other).array.map(\.bitPattern)
    #expect(try run(saved.graph, other).array.map(\.bitPattern) == inMemory)
    #expect(try run(model.graph, other).array.map(\.bitPattern) != inMemory, "quantization changes something")
  }
}
