import CaffeFormat
import Diagnostics
import Foundation
import LayerGraph
import Passes
import Quantization

extension SaveRunJob {
  /// Makes models that a run did not save from what its folder keeps: the net with quantized weights, the factors, the
  /// config (AMCT's save_model). They are those that the run itself would have written.
  ///
  /// Codes come back exactly, because the weights are multiples of their steps; levels of non-uniform weights stand in
  /// the quant_param_record that every save has.
  /// - Parameter saved: the run's own files, full paths.
  /// - Throws: exit 3 when the folder doesn't hold enough.
  func rebuild(
    _ result: QuantizeResult, _ prefix: OutputPrefix, _ type: SaveType, saved: [String]
  ) throws(QuantError) -> [String] {
    let model = try LoadedModel(
      ModelFiles(
        prototxt: folder.modifiedModel, weights: folder.modifiedWeights, protos: protos, plugins: plugins,
        passThrough: JSONText.decode([String].self, file: folder.passThrough) ?? []))
    let quantized = try attempting(.badInput) {
      let graph = try PassPipeline.run([RemoveIFMR()], on: model.graph).graph
      let config = try QuantConfig.read(ConfigSource.bytes(folder.config), file: folder.config)
      let levels = try codebooks(saved.first { $0.hasSuffix("quant_param_record.txt") })
      try refuse(result, graph, levels)
      let record = try RecordFile.read(ConfigSource.bytes(folder.record), file: folder.record)
      let matched = try record.matched(to: graph, absorbed: [:], codebooks: levels)
      if let lost = result.layers.first(where: { $0.state == "quantized" && matched.record[$0.layer] == nil }) {
        throw DiagnosticError(
          "Cannot find layer '\(lost.layer)' in record file", at: SourceLocation(file: folder.record))
      }
      var log = DiagnosticLog()
      let weights = try WeightQuantizer.run(graph, with: matched, log: &log)
      let targets = CalibrationTarget.all(in: graph, config)
      let searches = Dictionary(targets.map { ($0.layer, $0.searches) }) { $1 }
      var absorbed: [String: [String]] = [:]
      for layer in result.layers { if let host = layer.fusedInto { absorbed[host, default: []].append(layer.layer) } }
      return try QuantizedModel(
        weights.graph, record: matched.record, weightCodes: weights.codes, codebooks: matched.codebooks,
        absorbed: absorbed, name: prefix.name
      ) { layer, input in
        // Joint inputs have what they were searched with.
        searches[layer]?.first { $0.indices.contains(input) }?.withOffset ?? config.activationOffset
      }
    }
    return try attempting(.runFailed) { try ModelOutput(model: model).save(quantized, prefix, type) { _ in } }
  }

  /// Runs that end in another net than the one with the quantized weights, and runs that left out what is needed.
  private func refuse(_ result: QuantizeResult, _ graph: Graph, _ levels: [String: [Int8]]) throws(DiagnosticError) {
    var reason: String?
    if let other = graph.nodes.first(where: { $0.type.hasSuffix("Calibration") }) {
      reason = "it has layers of type \(other.type)"
    } else if FileManager.default.fileExists(atPath: folder.updatedRecord) {
      reason = "it has update_bn"
    } else if let made = result.layers.first(where: { graph.node(named: $0.layer + "_depthwise_conv") != nil }) {
      reason = "its layer '\(made.layer)' became a DepthwiseConv"
    } else if let layer = result.layers.first(where: { $0.num_bits_w == SNQ.numBits && levels[$0.layer] == nil }) {
      reason = "the levels of the non-uniform weights of '\(layer.layer)' are kept only where models are saved"
    }
    guard let reason else { return }
    throw DiagnosticError(
      "run \(folder.id) did not save these models, and they cannot be made of its folder: \(reason)",
      help: ["quantize again with the --type wanted"])
  }

  /// The levels of non-uniform weights by layer.
  private func codebooks(_ path: String?) throws(DiagnosticError) -> [String: [Int8]] {
    guard let path else { return [:] }
    let root = try ProtoSchema.builtIn().parseText("CalibrationParam", ConfigSource.bytes(path), file: path)
    var found: [String: [Int8]] = [:]
    for layer in root.messages("layer") {
      guard let weight = layer.message("quant_param")?.message("weight"), let name = layer.string("name"),
        case .bytes(let levels)? = weight.field("params")?.value
      else { continue }
      let codebook = levels.map(Int8.init(bitPattern:))
      guard codebook.count == Clusters.count, zip(codebook, codebook.dropFirst()).allSatisfy({ $0 <= $1 }) else {
        throw DiagnosticError(
          "layer '\(name)' has no \(Clusters.count) ascending levels in its params", at: SourceLocation(file: path))
      }
      found[name] = codebook
    }
    return found
  }
}
