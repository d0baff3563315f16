import Foundation
import LayerGraph
import Quantization
import Tensors
import Testing
import Writers

@testable import QuantEngine

/// BatchNorm statistics that are wrong are found again from images.
@Suite("BatchNorm recovery") final class BatchNormRecoveryTests {
  private let folder = NSTemporaryDirectory() + "cortado-bn-" + UUID().uuidString
  private static let samples =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path + "/Samples/shapes"

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The sample net's weights, all means times 3, all variances times 4.
  private func shifted() throws -> String {
    let model = try LoadedModel(
      ModelFiles(prototxt: Self.samples + "/shapes.prototxt", weights: Self.samples + "/shapes.caffemodel"))
    var blobs = model.graph.paramsByLayer
    for node in model.graph.nodes where node.type == "BatchNorm" {
      blobs[node.name] = [node.params[0].map { 3 * $0 }, node.params[1].map { 4 * $0 }, node.params[2]]
    }
    let path = folder + "/shifted.caffemodel"
    try ModelOutput(model: model).write(
      model.graph, blobs: blobs.mapValues { $0.map { .float($0) } }, prototxt: folder + "/shifted.prototxt",
      weights: path)
    return path
  }

  private func quantize(_ weights: String, updating: Bool) throws -> QuantizeResult {
    let name = updating ? "updated" : "plain"
    let config = folder + "/\(name).cfg"
    // The images in two batches. conv3_dw needs 12 bits, see the sample's README.
    let text = """
      update_bn: \(updating)
      bn_update_config { bn_update_iterations: 30 bn_moving_average_fraction: 0.5 }
      override_layer_configs {
        layer_name: "conv3_dw" calibration_config { ifmr_quantize { num_bits: 12 } arq_quantize { channel_wise: true } }
      }
      """
    try text.write(toFile: config, atomically: true, encoding: .utf8)
    var data = DataOptions()
    data.images = Self.samples + "/calibration"
    data.preprocessing = try .init(file: Self.samples + "/preprocess.json")
    data.batchSize = 32
    var job = QuantizeJob(
      files: ModelFiles(prototxt: Self.samples + "/shapes.prototxt", weights: weights), data: data, threads: 2)
    job.recipe = config
    job.work = folder + "/" + name
    job.evaluate = Self.samples + "/evaluation.npy"
    job.labels = Self.samples + "/evaluation_labels.npy"
    return try job.run { _ in }
  }

  /// How far the normalised value 0 of each channel is moved, in deviations, and the factor between the deviations.
  private func distances(_ found: BatchNormStatistics, _ want: BatchNormStatistics) -> (shift: Float, ratio: Float) {
    var worst: (shift: Float, ratio: Float) = (0, 1)
    for c in want.mean.indices {
      let deviation = (want.variance[c] / want.factor + 1e-5).squareRoot()
      let other = (found.variance[c] / found.factor + 1e-5).squareRoot()
      worst.shift = max(worst.shift, abs(found.mean[c] / found.factor - want.mean[c] / want.factor) / deviation)
      worst.ratio = max(worst.ratio, max(other / deviation, deviation / other))
    }
    return worst
  }

  @Test func `a run with update_bn finds statistics and accuracy of the net again`() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let weights = try shifted()
    let (plain, updated) = try (quantize(weights, updating: false), quantize(weights, updating: true))
    let (lost, back) = try (#require(plain.evaluation), #require(updated.evaluation))
    #expect(lost.float < 0.5 && lost.fakeQuant < 0.5, "the shift ruins the net: \(lost)")
    #expect(back.fakeQuant > 0.93, "0.985 is what the net reaches with its own statistics: \(back)")
    // 64 images against the whole training set: within a third of a deviation, deviations within a half.
    let own = try LoadedModel(
      ModelFiles(prototxt: Self.samples + "/shapes.prototxt", weights: Self.samples + "/shapes.caffemodel")
    ).graph
    let norms = own.nodes.filter { $0.type == "BatchNorm" }
    #expect(norms.count == 10)
    for node in norms {
      let file = folder + "/updated/bn_data/\(node.name).txt"
      let found = try BatchNormStatistics(
        text: String(contentsOfFile: file, encoding: .utf8), file: file, channels: node.params[0].count)
      let (shift, ratio) = distances(found, BatchNormStatistics(node.params))
      #expect(shift < 0.34 && ratio < 1.5, "\(node.name): \(shift), \(ratio)")
    }
  }
}
