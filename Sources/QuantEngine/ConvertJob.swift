import Diagnostics
import Foundation
import Kernels
import LayerGraph
import Quantization

/// What `cortado convert` reports.
package struct ConvertResult: Encodable, Sendable {
  package let files: [String]
  package let layers: [QuantizeResult.Layer]
  package let seconds: Double
  /// Top-1 before and after; null when it was not asked for.
  package let evaluation: QuantizeResult.Accuracy?
  /// The net's name and the top-5, for the closing lines.
  package let net: String
  package let topFive: QuantizeResult.Accuracy?

  private enum Key: String, CodingKey { case files, layers, seconds, evaluation }

  package func encode(to encoder: any Encoder) throws {
    var c = encoder.container(keyedBy: Key.self)
    try c.encode(files, forKey: .files)
    try c.encode(layers, forKey: .layers)
    try c.encode(seconds, forKey: .seconds)
    try c.encode(evaluation, forKey: .evaluation)
  }
}

/// `cortado convert`: from a float model and a user's own factors to the quantized models (AMCT's convert_model).
///
/// BatchNorm, Scale and Bias are fused unless the record says `skip_fusion`; weights take the record's steps; the files
/// are those of a run. No data is needed, and no run folder made. Nothing is written before everything is checked.
/// - Source: amct-facts 3.1, 4.4.
package struct ConvertJob {
  package var files: ModelFiles
  package var record: String
  package var out: String
  package var type = SaveType.both
  /// Labelled images for the accuracy of both nets, and labels where they carry none.
  package var evaluate: String?
  package var labels: String?
  package var data = DataOptions()
  package var threads = 1
  /// No log lines on the console.
  package var isQuiet = false

  package init(files: ModelFiles, record: String, out: String) {
    self.files = files
    self.record = record
    self.out = out
  }

  /// - Throws: exit 3 for everything about model and record, with nothing written.
  package func run(
    _ news: (Diagnostic) -> Void, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(QuantError) -> ConvertResult {
    let log = try AMCTLog(isQuiet: isQuiet)
    do throws(QuantError) {
      return try convert(log, news, progress)
    } catch {
      log.write(error)
      throw error
    }
  }

  private func convert(
    _ log: AMCTLog, _ news: (Diagnostic) -> Void, _ progress: (Int, Int) -> Void
  ) throws(QuantError) -> ConvertResult {
    let start = monotonicSeconds()
    let prefix = try OutputPrefix(out)
    if evaluate != nil, type == .deploy {
      throw QuantError(.usage, "only a fake-quant model can be evaluated", help: ["leave --type out, or --evaluate"])
    }
    let model = try LoadedModel(files)
    guard !model.holdsCodes else {
      throw QuantError(
        .badInput, "this model is quantized already: \(files.weights ?? "") holds integer weights",
        help: ["convert the original float model"])
    }
    model.warnings.forEach(news)
    let (quantized, absorbed, lines) = try quantized(model, prefix.name, news)
    try prefix.refuseInputs([files.prototxt, files.weights, record, evaluate, labels].compactMap { $0 }, type)
    let before = try evaluate.map { spec throws(QuantError) in
      try attempting(.badInput) { try model.graph.refuseUnknownTypes() }
      return try EvaluateJob.scores(model, spec, labels, data, threads: threads, progress: progress)
    }
    for line in lines { log.write(.info, "Optimizer", line) }
    let files = try attempting(.runFailed) {
      try ModelOutput(model: model).save(quantized, prefix, type) {
        news($0)
        log.write($0)
      }
    }
    log.noteSaved(files)
    let after = try before.map { _ throws(QuantError) in
      let saved = try prefix.fakeQuantModel(of: model)
      return try EvaluateJob.scores(saved, evaluate ?? "", labels, data, threads: threads, progress: progress)
    }
    func accuracy(_ top: (Evaluation) -> Double) -> QuantizeResult.Accuracy? {
      before.flatMap { before in after.map { .init(float: top(before), fakeQuant: top($0)) } }
    }
    return ConvertResult(
      files: files, layers: Self.layers(model.graph, quantized.record, absorbed),
      seconds: monotonicSeconds() - start, evaluation: accuracy(\.top1), net: model.shownName, topFive: accuracy(\.top5)
    )
  }

  /// The quantized model in memory.
  private func quantized(
    _ model: LoadedModel, _ name: String, _ news: (Diagnostic) -> Void
  ) throws(QuantError) -> (model: QuantizedModel, absorbed: [String: [String]], lines: [String]) {
    var log = DiagnosticLog()
    let made = try attempting(.badInput) {
      let record = try RecordFile.read(ConfigSource.bytes(self.record), file: self.record)
      var config = QuantConfig()
      config.globals[.skipFusionLayers] = Setting(.names(record.skipFusion), .file)
      // First what is wrong with the model alone, so that a quantized one is called that.
      let prepared = try PreparedModel(model.graph, config)
      try record.check(against: model.graph, model: files.prototxt, log: &log)
      let matched = try record.matched(to: prepared.graph, absorbed: prepared.absorbed)
      let weights = try WeightQuantizer.run(prepared.graph, with: matched, log: &log)
      let offsets = matched.record
      let quantized = try QuantizedModel(
        weights.graph, record: matched.record, weightCodes: weights.codes, codebooks: matched.codebooks,
        absorbed: prepared.absorbed, name: name
      ) { layer, input in offsets[layer]?.data.first { $0.index == input }.map { $0.offset != 0 } ?? false }
      return (quantized, prepared.absorbed, prepared.summaries)
    }
    log.diagnostics.forEach(news)
    return made
  }

  private static func layers(
    _ graph: Graph, _ record: FactorRecord, _ absorbed: [String: [String]]
  ) -> [QuantizeResult.Layer] {
    var hosts: [String: String] = [:]
    for (host, layers) in absorbed { for layer in layers { hosts[layer] = host } }
    return graph.nodes.map { QuantizeResult.Layer($0, record[$0.name], fusedInto: hosts[$0.name]) }
  }
}

extension QuantizeResult.Layer {
  /// What became of a layer of the original net.
  init(_ node: Node, _ record: LayerRecord?, fusedInto host: String?, seconds: Double = 0) {
    self.init(
      layer: node.name, type: node.type, state: host != nil ? "fused" : record != nil ? "quantized" : "float",
      scale_d: record?.data.map(\.scale) ?? [], offset_d: record?.data.map(\.offset) ?? [],
      num_bits_d: record?.data.map(\.numBits) ?? [], scale_w: record?.weightScales ?? [],
      num_bits_w: record.flatMap { $0.isWeighted ? $0.weightBits : nil }, fusedInto: host, seconds: seconds)
  }
}
