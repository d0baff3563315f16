import Diagnostics
import Foundation
import Quantization

/// The folder of one run: everything it read, found and did.
package struct RunFolder: Sendable {
  package let path: String

  package var config: String { path + "/config.json" }
  package var recipe: String { path + "/recipe.cfg" }
  /// What of the net is quantized; not there for a whole net.
  package var part: String { path + "/part.json" }
  /// Unknown layer types that are run as if they did nothing; not there without any.
  package var passThrough: String { path + "/pass_through.json" }
  package var modifiedModel: String { path + "/modified_model.prototxt" }
  package var modifiedWeights: String { path + "/modified_model.caffemodel" }
  package var record: String { path + "/scale_offset_record.txt" }
  /// The calibration model of a run with BN update; `modifiedModel` is the net with live BatchNorm then.
  package var activationModel: String { path + "/activation_modified_model.prototxt" }
  package var activationWeights: String { path + "/activation_modified_model.caffemodel" }
  /// The factors of a run with BN update; `record` has those of the weights before fusion then.
  package var updatedRecord: String { path + "/scale_offset_record_update.txt" }
  /// The record that has the activation factors.
  package var factorRecord: String {
    FileManager.default.fileExists(atPath: updatedRecord) ? updatedRecord : record
  }
  /// What the BN update of this run depended on, and where it left the statistics.
  package var bnUpdate: String { path + "/bn_update.json" }
  package var events: String { path + "/events.jsonl" }
  package var factors: String { path + "/factors.jsonl" }
  package var metrics: String { path + "/metrics.csv" }
  package var details: String { path + "/details.jsonl" }
  package var summary: String { path + "/run.json" }
  /// The few figures of `run.json` that a list shows.
  package var figures: String { path + "/summary.json" }
  /// What a person may change: the run's name, and whether it is pinned.
  package var mark: String { path + "/label.json" }
  package var log: String { logs + "/amct_caffe.log" }
  /// Also of the values of layers, at level DEBUG.
  var logs: String { path + "/amct_log" }

  package init(path: String) { self.path = path }

  /// The folder's name: in a project the run's number with four digits.
  package var id: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The project that this is a numbered run of; `nil` for a folder that stands by itself.
  package var project: ProjectFolder? {
    let full = URL(fileURLWithPath: path).standardizedFileURL
    let runs = full.deletingLastPathComponent()
    guard full.lastPathComponent.allSatisfy(\.isWholeNumber), runs.lastPathComponent == "runs" else { return nil }
    return ProjectFolder(path: runs.deletingLastPathComponent().path)
  }

  /// Where BatchNorm statistics are dumped: the config's default name stands for `bn_data` in this folder, other relative
  /// paths lie in this folder too.
  package func bnData(_ setting: String) -> String {
    if setting.hasPrefix("/") { return setting }
    return path + "/" + (setting == BNUpdateSettings.defaultDirectory ? "bn_data" : setting)
  }

  /// The folder of a run that did not come to its end, to go on in.
  /// - Throws: exit 3 when it holds no run, or one that is done or under way.
  package static func interrupted(_ path: String) throws(QuantError) -> RunFolder {
    let folder = RunFolder(path: path)
    guard FileManager.default.fileExists(atPath: folder.events), FileManager.default.fileExists(atPath: folder.config)
    else {
      throw QuantError(.badInput, "\(path) holds no run to resume", help: ["without --resume a new run starts there"])
    }
    if QuantizeResult(readingFrom: folder) != nil {
      throw QuantError(.badInput, "the run in \(path) is done; there is nothing to resume")
    }
    if let process = RunProcess(of: folder), process.pid != getpid() {
      throw QuantError(.badInput, "the run in \(path) is under way as process \(process.pid)")
    }
    return folder
  }

  /// A folder for one new run that the user named; it must be empty or absent.
  package static func fresh(_ path: String) throws(QuantError) -> RunFolder {
    let contents = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    guard contents.isEmpty else {
      throw QuantError(
        .badInput, "the run folder \(path) is not empty",
        help: ["give another --work folder, or remove it; --resume goes on with a run that was interrupted"])
    }
    return try RunFolder(path: path).made()
  }

  /// The next numbered run of a project.
  package static func next(in project: ProjectFolder) throws(QuantError) -> RunFolder {
    var number = max(project.runNumbers.last ?? 0, project.highestDeleted) + 1
    while true {
      let folder = RunFolder(path: project.runs + "/" + String(format4(number)))
      do {
        try FileManager.default.createDirectory(
          atPath: project.runs, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        try FileManager.default.createDirectory(
          atPath: folder.path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o750])
        return folder
      } catch let error as CocoaError where error.code == .fileWriteFileExists {
        number += 1  // Another process took the number.
      } catch {
        throw QuantError(.runFailed, "cannot make the run folder \(folder.path): \(error.localizedDescription)")
      }
    }
  }

  private func made() throws(QuantError) -> RunFolder {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      throw QuantError(.runFailed, "cannot make the run folder \(path): \(error.localizedDescription)")
    }
    return self
  }

  static func format4(_ n: Int) -> String { String(repeating: "0", count: max(0, 4 - String(n).count)) + String(n) }
}

/// `.cortado/` beside a model: the working config, its history, the runs.
package struct ProjectFolder: Sendable, Hashable {
  package let path: String

  package init(path: String) { self.path = path }

  /// The folder for a model: `.cortado` beside it, or in the state directory when that folder is read-only.
  package init(model prototxt: String) {
    let absolute = URL(fileURLWithPath: prototxt).standardizedFileURL.path
    let folder = (absolute as NSString).deletingLastPathComponent
    let own = folder + "/.cortado"
    if FileManager.default.fileExists(atPath: own) || FileManager.default.isWritableFile(atPath: folder) {
      path = own
      return
    }
    let key = absolute.replacingOccurrences(of: "%", with: "%25").replacingOccurrences(of: "/", with: "%2F")
    path = PersonFolder.state.path() + "/projects/" + key
  }

  package var config: String { path + "/config.json" }
  package var runs: String { path + "/runs" }
  /// Configs that others have taken the place of.
  package var history: String { path + "/history" }
  /// Names the run whose config was restored, until the next run begins from it.
  var origin: String { path + "/origin.json" }
  /// Holds the highest number of a run that was deleted: numbers are not used again.
  var highestDeletedNote: String { runs + "/.last" }

  /// 0 when nothing was deleted.
  var highestDeleted: Int {
    guard let data = FileManager.default.contents(atPath: highestDeletedNote) else { return 0 }
    let text = String(decoding: data.prefix(32), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return Int(text).flatMap { (0..<1_000_000_000).contains($0) ? $0 : nil } ?? 0
  }

  /// Numbers of the runs there are, ascending.
  package var runNumbers: [Int] {
    ((try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? []).compactMap { Int($0) }.sorted()
  }

  package func run(_ number: Int) -> RunFolder { RunFolder(path: runs + "/" + RunFolder.format4(number)) }
}
