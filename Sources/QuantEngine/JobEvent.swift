import Foundation

/// One line of `events.jsonl`: what a run is doing. Fields that an event doesn't have are left out.
package struct JobEvent: Codable, Sendable, Hashable {
  package enum Kind: String, Codable, Sendable {
    /// The run began: `total` layers to calibrate, `text` its label, `iterations` of the BatchNorm update to come.
    case started
    /// A stage began; `stage` says which.
    case stage
    /// The layers that calibration will see, one event each.
    case waiting
    /// Forward steps: `done` of `total`.
    case progress
    /// A layer's activation search began.
    case searching
    /// A layer has its factors.
    case found
    /// A layer has its factors from an earlier run, which `text` names.
    case reused
    case failed
    /// One line of similarity.
    case metric
    case warning
    case error
    /// The run ended; `status` is the exit status.
    case finished
  }

  package enum Stage: String, Codable, Sendable, CaseIterable {
    case parse, fuse, weights
    case bnUpdate = "bn-update"
    case calibrate, factors, save, compare, evaluate
  }

  package var kind: Kind
  /// Seconds since 1970.
  package var time: Double
  package var stage: Stage?
  package var layer: String?
  package var type: String?
  package var input: Int?
  package var done: Int?
  package var total: Int?
  package var rangeMin: Float?
  package var rangeMax: Float?
  package var clipMin: Float?
  package var clipMax: Float?
  package var scale: Float?
  package var offset: Int?
  package var numBits: Int?
  package var tries: Int?
  package var best: Int?
  package var images: Int?
  package var iterations: Int?
  /// The image that the first bad value comes from.
  package var image: String?
  package var seconds: Double?
  package var cosine: Double?
  /// Cosine of the layer alone, for a quantized layer.
  package var local: Double?
  package var text: String?
  package var status: Int32?
  package var peakBytes: Int?

  package init(_ kind: Kind) {
    self.kind = kind
    time = Date().timeIntervalSince1970
  }

  /// The event as one line of JSON, without newline.
  package var line: String { JSONText.encode(self) }

  /// - Returns: `nil` for a line that is no event, such as one cut off by a crash.
  package init?(line: some StringProtocol) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let event = try? decoder.decode(JobEvent.self, from: Data(line.utf8)) else { return nil }
    self = event
  }
}
