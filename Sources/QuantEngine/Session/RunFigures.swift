import Foundation

/// The figures of a finished run that a list shows: `summary.json`, a few hundred bytes beside a `run.json` that holds
/// every factor of every layer.
package struct RunFigures: Codable, Sendable, Hashable {
  /// A layer is bad when its cosine is under this.
  package static let threshold = 0.99

  package var label: String?
  package var parent: String?
  package var version: String?
  package var started: Double?
  /// All stages together.
  package var seconds: Double
  package var images: Int
  package var quantized: Int
  /// Layers that could be quantized and are not; `nil` where an old run doesn't say.
  package var float: Int?
  package var macShare: Double?
  /// The lowest cosine of an output; `nil` without comparison.
  package var outputCosine: Double?
  /// Layers whose cosine is under the threshold, or not a number.
  package var below: Int?
  package var evaluation: QuantizeResult.Accuracy?
  package var data: RunData?

  package init(_ r: QuantizeResult) {
    label = r.label
    parent = r.parent
    version = r.version
    started = r.started
    seconds = r.seconds.values.reduce(0, +)
    images = r.images
    let quantized = r.layers.count { $0.state == "quantized" }
    self.quantized = quantized
    float = r.quantizable.map { max(0, $0 - quantized) }
    macShare = r.macShare
    outputCosine = r.comparison.flatMap { $0.outputs.isEmpty ? nil : $0.outputCosine }
    below = r.comparison?.layers.count { !($0.cosine >= Self.threshold) }
    evaluation = r.evaluation
    data = r.data
  }

  /// Those of a run that is done; from `run.json` where the short file is missing or damaged. `nil`: not done.
  package init?(of folder: RunFolder) {
    // Only with run.json, which is written last, is the run done.
    guard FileManager.default.fileExists(atPath: folder.summary) else { return nil }
    if let short = JSONText.decode(RunFigures.self, file: folder.figures) {
      self = short
    } else if let long = QuantizeResult(readingFrom: folder) {
      self.init(long)
    } else {
      return nil
    }
  }
}

/// `label.json`: all that may change in a run's folder.
package struct RunMark: Codable, Sendable, Hashable {
  /// The name given later; `nil`: that of the run's beginning.
  package var label: String?
  /// A pinned run is not deleted.
  package var pinned = false

  package init() {}

  /// What is missing or damaged counts as not said.
  package init(of folder: RunFolder) {
    self = JSONText.decode(RunMark.self, file: folder.mark) ?? RunMark()
  }

  package init(from decoder: any Decoder) throws {
    let c = try decoder.container(keyedBy: CodingKeys.self)
    label = try c.decodeIfPresent(String.self, forKey: .label)
    pinned = try c.decodeIfPresent(Bool.self, forKey: .pinned) ?? false
  }
}
