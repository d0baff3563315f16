import Diagnostics
import Foundation
import Glibc
import Quantization

/// The runs of a project: what the verbs `runs`, `job`, `report` and `save` and the screens know of them.
///
/// A run's folder is never changed but for `label.json`.
package struct RunStore: Sendable {
  package let project: ProjectFolder

  package init(_ project: ProjectFolder) { self.project = project }

  /// All runs, the latest first. Reads a few hundred bytes of each.
  package func summaries() -> [RunSummary] {
    var before: String?
    var list: [RunSummary] = []
    for number in project.runNumbers {
      let folder = project.run(number)
      list.append(RunSummary(folder, before: before))
      before = folder.id
    }
    return list.reversed()
  }

  /// The runs that a process works on, the latest first.
  package func underWay() -> [RunFolder] {
    project.runNumbers.reversed().map(project.run).filter { RunProcess(of: $0) != nil }
  }

  /// False when no note of a process lies there: the look of somebody who looks often.
  package var mayBeUnderWay: Bool {
    ((try? FileManager.default.contentsOfDirectory(atPath: project.runs)) ?? []).contains { $0.hasSuffix(".pid") }
  }

  /// - Parameter id: a number, with or without zeros before it.
  /// - Throws: exit 3 when there is no such run.
  package func folder(_ id: String) throws(QuantError) -> RunFolder { try project.existingRun(id) }

  package func summary(_ id: String) throws(QuantError) -> RunSummary { Self.summary(of: try folder(id)) }

  /// That of a run's folder, in a project or by itself.
  package static func summary(of folder: RunFolder) -> RunSummary {
    let before = folder.project.flatMap { project in
      Int(folder.id).flatMap { own in project.runNumbers.last { $0 < own } }
    }
    return RunSummary(folder, before: before.map(RunFolder.format4))
  }

  // MARK: What may change

  /// Gives a run another name; an empty one takes the name away.
  package func rename(_ id: String, to label: String) throws(QuantError) -> RunSummary {
    try change(id) { $0.label = label }
  }

  package func setPinned(_ id: String, _ pinned: Bool) throws(QuantError) -> RunSummary {
    try change(id) { $0.pinned = pinned }
  }

  private func change(_ id: String, _ edit: (inout RunMark) -> Void) throws(QuantError) -> RunSummary {
    let folder = try folder(id)
    var mark = RunMark(of: folder)
    edit(&mark)
    try attempting(.runFailed) { try AtomicFile.write(path: folder.mark, text: JSONText.encode(mark) + "\n") }
    return Self.summary(of: folder)
  }

  // MARK: Deleting

  private static let doomedPrefix = ".deleted-"

  /// - Throws: exit 3 when a run is not there, is pinned or goes on.
  package func checkDeletable(_ id: String) throws(QuantError) -> RunSummary {
    let summary = try summary(id)
    if summary.pinned {
      throw QuantError(
        .badInput, "run \(summary.run) is pinned",
        help: ["cortado runs unpin \(summary.number ?? 0) takes the pin away"])
    }
    if summary.state.isUnderWay {
      throw QuantError(
        .badInput, "run \(summary.run) is under way", help: ["cortado job cancel \(summary.number ?? 0) ends it"])
    }
    return summary
  }

  /// Deletes a run with all in its folder. Its number is not used again.
  ///
  /// The folder first gets a name that is no run's: after a crash there is the whole run, or none.
  /// - Throws: as `checkDeletable`; exit 4 when the system refuses.
  package func delete(_ id: String) throws(QuantError) {
    let summary = try checkDeletable(id)
    let folder = try folder(id)
    let doomed = project.runs + "/" + Self.doomedPrefix + summary.run + "-" + UUID().uuidString
    let highest = max(project.highestDeleted, summary.number ?? 0)
    try attempting(.runFailed) { try AtomicFile.write(path: project.highestDeletedNote, text: "\(highest)\n") }
    guard unsafe Glibc.rename(folder.path, doomed) == 0 else {
      throw QuantError(.runFailed, "cannot delete \(folder.path): \(unsafe String(cString: strerror(errno)))")
    }
    for path in [folder.output, folder.processNote] { try? FileManager.default.removeItem(atPath: path) }
    try sweep()
  }

  /// Removes what deletions have put aside, those that were broken off included.
  private func sweep() throws(QuantError) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: project.runs)) ?? []
    for name in names where name.hasPrefix(Self.doomedPrefix) {
      do {
        try FileManager.default.removeItem(atPath: project.runs + "/" + name)
      } catch {
        throw QuantError(.runFailed, "cannot delete \(project.runs)/\(name): \(error.localizedDescription)")
      }
    }
  }

  // MARK: Restoring

  /// What a restore did.
  package struct Restored: Encodable, Sendable {
    package let run: String
    /// The project's working config.
    package let config: String
    /// Where the config before it lies now; `nil` when there was none, or the same.
    @NullWhenAbsent package private(set) var kept: String?
    /// What is different from the config before it.
    package let changes: [ConfigDocument.Change]
  }

  /// Makes a run's config the project's working config; the one before goes into the project's history.
  /// - Throws: exit 3 when the run has no config that can be read; exit 4 when writing fails.
  package func restore(_ id: String) throws(QuantError) -> Restored {
    let folder = try folder(id)
    let bytes = try attempting(.badInput) { try ConfigSource.bytes(folder.config) }
    let new = try attempting(.badInput) { try QuantConfig.read(bytes, file: folder.config) }
    let oldBytes = FileManager.default.contents(atPath: project.config).map { [UInt8]($0) }
    let old = oldBytes.flatMap { try? QuantConfig.read($0, file: project.config) }
    var kept: String?
    if let oldBytes, oldBytes != bytes { kept = try keepInHistory(oldBytes) }
    try attempting(.runFailed) {
      try AtomicFile.write(path: project.config, bytes: bytes)
      try AtomicFile.write(path: project.origin, text: JSONText.encode(RestoreNote(run: folder.id)) + "\n")
    }
    return Restored(
      run: folder.id, config: project.config, kept: kept,
      changes: old.map { ConfigDocument.changes($0, new) } ?? [])
  }

  /// Notes that the project's next run starts from the config of this run.
  package func noteOrigin(_ id: String) throws(QuantError) {
    let note = RestoreNote(run: try folder(id).id)
    try attempting(.runFailed) { try AtomicFile.write(path: project.origin, text: JSONText.encode(note) + "\n") }
  }

  /// `history/config-20250102-030405.json`; `-2` and so on where that name is taken.
  private func keepInHistory(_ bytes: [UInt8]) throws(QuantError) -> String {
    let digits = AMCTLog.stamp(Date()).prefix(19).filter(\.isWholeNumber)
    let base = project.history + "/config-" + digits.prefix(8) + "-" + digits.suffix(6)
    var path = base + ".json"
    var count = 2
    while FileManager.default.fileExists(atPath: path) {
      path = base + "-\(count).json"
      count += 1
    }
    try attempting(.runFailed) { try AtomicFile.write(path: path, bytes: bytes) }
    return path
  }
}
