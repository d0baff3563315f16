import Diagnostics
import Foundation

/// `cortado compare --run`: the similarity that a run measured, beside another run's.
package struct RunComparison: Encodable, Sendable {
  /// The keys of a `LayerMetric`, and `delta`.
  package struct Layer: Encodable, Sendable {
    package let metric: LayerMetric
    /// Cosine less that of the other run: above 0 is better. `nil` without one, or where it lacks the layer.
    package let delta: Double?

    private enum CodingKeys: CodingKey { case delta }

    package func encode(to encoder: any Encoder) throws {
      try metric.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encodeIfPresent(delta, forKey: .delta)
    }
  }

  package let run: String
  package let against: String?
  package let images: Int
  package let metric: String
  package let layers: [Layer]
  package let outputs: [OutputMetric]

  /// - Parameters:
  ///   - run, against: numbers of runs of the project.
  /// - Throws: exit 3 when a run is not there or has no comparison.
  package init(run: String, against: String?, project: ProjectFolder) throws(QuantError) {
    let report = try Self.report(run, project)
    let other: ComparisonReport? = if let against { try Self.report(against, project) } else { nil }
    let before = Dictionary((other?.layers ?? []).map { ($0.layer, $0.cosine) }) { a, _ in a }
    self.run = run
    self.against = against
    images = report.images
    metric = report.metric
    outputs = report.outputs
    layers = report.layers.map { l in Layer(metric: l, delta: before[l.layer].map { l.cosine - $0 }) }
  }

  package var outputCosine: Double {
    ComparisonReport(images: images, metric: metric, layers: [], outputs: outputs).outputCosine
  }

  /// The details that a run kept of one layer.
  /// - Throws: exit 3 when the run is not there, has no details, or lacks the layer.
  package static func details(
    of layer: String, run id: String, project: ProjectFolder
  ) throws(QuantError) -> LayerDetails {
    let folder = try project.existingRun(id)
    guard let details = DetailsReader(folder) else {
      throw QuantError(
        .badInput, "run \(id) has no details of its layers",
        help: ["runs keep them from the stage compare on; a damaged file counts as none"])
    }
    guard details.layers.contains(layer) else {
      throw QuantError(
        .badInput, "run \(id) compared no layer '\(layer)'", help: NearestName.help(layer, among: details.layers))
    }
    guard let found = details.layer(layer) else {
      throw QuantError(.badInput, "what \(details.path) says of layer '\(layer)' is damaged")
    }
    return found
  }

  private static func report(_ id: String, _ project: ProjectFolder) throws(QuantError) -> ComparisonReport {
    guard let report = QuantizeResult(readingFrom: try project.existingRun(id))?.comparison else {
      throw QuantError(.badInput, "run \(id) has no comparison: it did not come that far")
    }
    return report
  }
}

extension ProjectFolder {
  /// - Parameter id: a number, with or without zeros before it.
  /// - Throws: exit 3, naming the runs there are.
  package func existingRun(_ id: String) throws(QuantError) -> RunFolder {
    let numbers = runNumbers
    if let number = Int(id), numbers.contains(number) { return run(number) }
    let known = numbers.map(String.init)
    throw QuantError(
      .badInput, "there is no run '\(id)' in \(path)",
      help: [
        known.isEmpty
          ? "the project has no runs yet"
          : known.count > 20
            ? "its latest run is \(known[known.count - 1])" : "its runs are \(known.joined(separator: ", "))"
      ])
  }

  /// The nearest `.cortado` in `folder` or above it.
  /// - Throws: exit 3 when there is none.
  package static func nearest(to folder: String) throws(QuantError) -> ProjectFolder {
    var path = URL(fileURLWithPath: folder).standardizedFileURL.path
    while true {
      let candidate = (path == "/" ? "" : path) + "/.cortado"
      if FileManager.default.fileExists(atPath: candidate) { return ProjectFolder(path: candidate) }
      if path == "/" { break }
      path = (path as NSString).deletingLastPathComponent
    }
    throw QuantError(.badInput, "there is no project (.cortado) here or above", help: ["give --project DIR"])
  }
}
