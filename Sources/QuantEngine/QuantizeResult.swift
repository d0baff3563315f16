import Foundation
import LayerGraph
import Passes
import Quantization

/// What `cortado quantize` reports, and `run.json` keeps.
package struct QuantizeResult: Codable, Sendable {
  package struct Layer: Codable, Sendable, Hashable {
    package var layer: String
    package var type: String
    /// "quantized", "float" or "fused".
    package var state: String
    /// Per quantized input.
    package var scale_d: [Float]
    package var offset_d: [Int]
    package var num_bits_d: [Int]
    package var scale_w: [Float]
    package var num_bits_w: Int?
    package var fusedInto: String?
    /// Time of the activation search.
    package var seconds: Double
  }

  package struct Accuracy: Codable, Sendable, Hashable {
    package var float: Double
    package var fakeQuant: Double
  }

  /// How the BatchNorm layers were refreshed.
  package struct BatchNorms: Codable, Sendable, Hashable {
    package var layers: Int
    package var iterations: Int
    /// Different batches; iterations go through them in turn.
    package var batches: Int

    init(_ settings: BNUpdateSettings, _ feed: DataFeed, _ graph: Graph) {
      layers = graph.nodes.count { $0.type == LiveBatchNorm.type }
      iterations = settings.iterations
      batches = BatchNormStage.batches(settings, feed)
    }
  }

  package var run: String
  package var label: String?
  package var work: String
  package var files: [String]
  package var seconds: [String: Double]
  package var peakBytes: Int
  package var layers: [Layer]
  package var evaluation: Accuracy?
  package var comparison: ComparisonReport?
  package var images: Int
  /// The run whose config this one started from; `nil` for the first of a project.
  package var parent: String?
  /// Cortado's version.
  package var version: String?
  /// Seconds since 1970.
  package var started: Double?
  /// Where relative paths in `work` and `files` begin.
  package var directory: String?
  /// The quantized layers' part of the net's multiply-accumulate operations, 0...1; `nil` without any.
  package var macShare: Double?
  /// How many layers can be quantized, those fused into others left out.
  package var quantizable: Int?
  /// What the net was fed.
  package var data: RunData?
  /// What of the net was quantized; `nil`: all of it.
  package var part: NetPart?
  /// `nil` without update_bn.
  package var bnUpdate: BatchNorms?
  /// Unknown layer types that were run as if they did nothing; `nil` without any.
  package var passThrough: [String]?
  /// The net's name and the top-5 beside `evaluation`, for the closing lines; they are not kept.
  package var net: String?
  package var topFive: Accuracy?

  /// `evaluation` stands there as null when nothing was evaluated.
  package func encode(to encoder: any Encoder) throws {
    var c = encoder.container(keyedBy: CodingKeys.self)
    try c.encode(run, forKey: .run)
    try c.encodeIfPresent(label, forKey: .label)
    try c.encode(work, forKey: .work)
    try c.encode(files, forKey: .files)
    try c.encode(seconds, forKey: .seconds)
    try c.encode(peakBytes, forKey: .peakBytes)
    try c.encode(layers, forKey: .layers)
    try c.encode(evaluation, forKey: .evaluation)
    try c.encodeIfPresent(comparison, forKey: .comparison)
    try c.encode(images, forKey: .images)
    try c.encodeIfPresent(parent, forKey: .parent)
    try c.encodeIfPresent(version, forKey: .version)
    try c.encodeIfPresent(started, forKey: .started)
    try c.encodeIfPresent(directory, forKey: .directory)
    try c.encodeIfPresent(macShare, forKey: .macShare)
    try c.encodeIfPresent(quantizable, forKey: .quantizable)
    try c.encodeIfPresent(data, forKey: .data)
    try c.encodeIfPresent(part, forKey: .part)
    try c.encodeIfPresent(bnUpdate, forKey: .bnUpdate)
    try c.encodeIfPresent(passThrough, forKey: .passThrough)
  }

  /// Reads a run's `run.json`; `nil` when it isn't there or was cut off.
  package init?(readingFrom folder: RunFolder) {
    guard let result = JSONText.decode(QuantizeResult.self, file: folder.summary) else { return nil }
    self = result
  }

  init(
    run: String, label: String?, work: String, files: [String], seconds: [String: Double], peakBytes: Int,
    layers: [Layer], images: Int
  ) {
    self.run = run
    self.label = label
    self.work = work
    self.files = files
    self.seconds = seconds
    self.peakBytes = peakBytes
    self.layers = layers
    self.images = images
  }
}
