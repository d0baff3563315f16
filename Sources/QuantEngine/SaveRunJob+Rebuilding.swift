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
      try refuse(config, graph)
      let record = try RecordFile.read(ConfigSource.bytes(folder.record), file: folder.record)
      let matched = try record.matched(
        to: graph, absorbed: [:], codebooks: try codebooks(saved.first { $0.hasSuffix("quant_param_record.txt") }))
      if let lost = result.layers.first(where: { $0.state == "quantized" && matched.record[$0.layer] == nil }) {
        throw DiagnosticError(
          "Cannot find layer '\(lost.layer)' in record file", at: SourceLocation(file: folder.record))
      }
      var log = DiagnosticLog()
      let weights = try WeightQuantizer.run(graph, with: matched, log: &log)
      var absorbed: [String: [String]] = [:]
      for layer in result.layers { if let host = layer.fusedInto { absorbed[host, default: []].append(layer.layer) } }
      return try QuantizedModel(
        weights.graph, record: matched.record, weightCodes: weights.codes, codebooks: matched.codebooks,
        absorbed: absorbed, name: prefix.name
      ) { layer, input in config.effective(layer: layer, input: input)?.withOffset ?? config.activationOffset }
    }
    return try attempting(.runFailed) { try ModelOutput(model: model).save(quantized, prefix, type) { _ in } }
  }

  /// Runs that end in another net than the one with the quantized weights.
  private func refuse(_ config: QuantConfig, _ graph: Graph) throws(DiagnosticError) {
    let other = graph.nodes.first { $0.type.hasSuffix("Calibration") }
    guard config.updateBN || other != nil else { return }
    throw DiagnosticError(
      "run \(folder.id) did not save these models, and they cannot be made of its folder: "
        + (other.map { "it has layers of type \($0.type)" } ?? "it has update_bn"),
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
      found[name] = levels.map(Int8.init(bitPattern:))
    }
    return found
  }
}
