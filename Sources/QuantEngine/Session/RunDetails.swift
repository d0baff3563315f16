import Diagnostics
import Foundation
import LayerGraph
import Quantization

/// Everything known of one run: what `runs show` prints and a report is made from.
package struct RunDetails: Encodable, Sendable {
  package struct Stage: Encodable, Sendable, Hashable {
    package let stage: String
    package let seconds: Double
  }

  /// A file that the run wrote. Without size and digest: it is not there any more, or cannot be read.
  package struct File: Encodable, Sendable, Hashable {
    package let path: String
    @NullWhenAbsent package private(set) var bytes: Int? = nil
    @NullWhenAbsent package private(set) var sha256: String? = nil

    package init(path: String, digest: FileDigest?) {
      self.path = path
      bytes = digest?.bytes
      sha256 = digest?.sha256
    }
  }

  package let summary: RunSummary
  /// The run's folder.
  package let work: String
  /// What of the net was quantized; `nil`: all of it.
  package let part: NetPart?
  @NullWhenAbsent package private(set) var peakBytes: Int? = nil
  /// In the order of a run.
  package let stages: [Stage]
  /// The models and factor files, then what else lies in the folder, by path.
  package let files: [File]
  /// What differs between the parent's config and this one; `nil` where one of them cannot be read.
  @NullWhenAbsent package private(set) var configChanges: [ConfigDocument.Change]? = nil
  /// Similarity of the net's outputs; empty without comparison.
  package let outputs: [OutputMetric]
  /// Warnings and errors of the run.
  package let messages: [String]

  /// Reads the whole folder, and every file of the run for its digest.
  package init(_ folder: RunFolder) { self.init(folder, result: QuantizeResult(readingFrom: folder)) }

  init(_ folder: RunFolder, result: QuantizeResult?) {
    summary = RunStore.summary(of: folder)
    work = URL(fileURLWithPath: folder.path).standardizedFileURL.path
    part = JSONText.decode(NetPart.self, file: folder.part)
    let events = FileManager.default.contents(atPath: folder.events) ?? Data()
    let progress = JobProgress(
      events.split(separator: 10).compactMap { JobEvent(line: String(decoding: $0, as: UTF8.self)) })
    peakBytes = result?.peakBytes ?? progress.finished?.peakBytes
    let order = JobEvent.Stage.allCases.map(\.rawValue)
    func place(_ stage: String) -> Int { order.firstIndex(of: stage) ?? order.count }
    stages = (result?.seconds ?? [:]).map { Stage(stage: $0.key, seconds: $0.value) }.sorted {
      (place($0.stage), $0.stage) < (place($1.stage), $1.stage)
    }
    files = Self.files(folder, saved: result.map { r in r.files.map(r.absolute) } ?? [])
    outputs = result?.comparison?.outputs ?? []
    messages = progress.messages.compactMap(\.text)
    if let parent = summary.parent, let project = folder.project,
      let before = Self.config(RunFolder(path: project.runs + "/" + parent)), let own = Self.config(folder)
    {
      configChanges = ConfigDocument.changes(before, own)
    }
  }

  /// What a run said when it failed, each as text without the word "error".
  package static func errors(of folder: RunFolder) -> [String] {
    var tail = EventTail(path: folder.events)
    return tail.read().filter { $0.kind == .error }.compactMap(\.text).map {
      $0.replacing("error: ", with: "", maxReplacements: 1)
    }
  }

  static func config(_ folder: RunFolder) -> QuantConfig? {
    FileManager.default.contents(atPath: folder.config).flatMap {
      try? QuantConfig.read(Array($0), file: folder.config)
    }
  }

  private static func files(_ folder: RunFolder, saved: [String]) -> [File] {
    let full = URL(fileURLWithPath: folder.path).standardizedFileURL.path
    let names = ((try? FileManager.default.subpathsOfDirectory(atPath: full)) ?? []).sorted()
    let inside = names.map { full + "/" + $0 }.filter { path in
      var isFolder: ObjCBool = false
      return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }
    let first = saved.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    return (first + inside.filter { !first.contains($0) }).map { File(path: $0, digest: try? FileDigest(file: $0)) }
  }
}
