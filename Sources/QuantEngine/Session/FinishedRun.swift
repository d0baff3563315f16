import Diagnostics
import Foundation
import Quantization

/// A run of a project that has ended, as far as its folder tells.
package struct FinishedRun: Sendable {
  package let number: Int
  package let folder: RunFolder
  package let progress: JobProgress
  package let config: QuantConfig?
  package let comparison: ComparisonReport?
  /// The models and side files it wrote.
  package let files: [String]
  package let data: RunData?
  /// Steps of the weights by layer, in the order of the record.
  package let weightScales: [String: [Float]]

  package init(
    number: Int, folder: RunFolder, progress: JobProgress, config: QuantConfig?, comparison: ComparisonReport?,
    files: [String] = [], data: RunData? = nil, weightScales: [String: [Float]] = [:]
  ) {
    self.data = data
    self.weightScales = weightScales
    self.number = number
    self.folder = folder
    self.progress = progress
    self.config = config
    self.comparison = comparison
    self.files = files
  }

  /// Reads a run's folder; what is missing there stays empty.
  package init(reading number: Int, of project: ProjectFolder) {
    let folder = project.run(number)
    self.number = number
    self.folder = folder
    let text = FileManager.default.contents(atPath: folder.events).map { String(decoding: $0, as: UTF8.self) } ?? ""
    progress = JobProgress(text.split(separator: "\n").compactMap { JobEvent(line: $0) })
    config = FileManager.default.contents(atPath: folder.config).flatMap {
      try? QuantConfig.read(Array($0), file: folder.config)
    }
    let summary = QuantizeResult(readingFrom: folder)
    comparison = summary?.comparison
    data = summary?.data
    weightScales = Dictionary((summary?.layers ?? []).map { ($0.layer, $0.scale_w) }) { first, _ in first }
    files = summary.map { r in r.files.map(r.absolute) } ?? []
  }

  /// Exit status of the run's process; `nil` while it does not say.
  package var status: Int32? { progress.finished?.status }
}
