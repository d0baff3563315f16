import Diagnostics
import Foundation

/// `cortado save`: the models of a finished run under another prefix.
package struct SaveRunJob: Sendable {
  package let folder: RunFolder
  package let out: String
  /// `nil`: all models that the run has.
  package var type: SaveType?
  package var overwriting = false

  package struct Result: Encodable, Sendable {
    package let run: String
    package let files: [String]
  }

  package init(folder: RunFolder, out: String) {
    self.folder = folder
    self.out = out
  }

  /// - Throws: exit 3 when the run is not done, lacks what is asked for, or a file is in the way.
  package func run() throws(QuantError) -> Result {
    let prefix = try OutputPrefix(out)
    guard let result = QuantizeResult(readingFrom: folder) else {
      let state = RunStore.summary(of: folder).stateText
      throw QuantError(
        .badInput,
        FileManager.default.fileExists(atPath: folder.path)
          ? "run \(folder.id) has no models: it is \(state)" : "there is no run folder \(folder.path)")
    }
    let files = result.files.map(result.absolute)
    let suffixes = Set(files.compactMap(OutputPrefix.suffix(of:)))
    guard !suffixes.isEmpty else {
      throw QuantError(.badInput, "run \(folder.id) has no models: it was told to stop before they are saved")
    }
    let hasDeploy = suffixes.isSuperset(of: OutputPrefix.deploySuffixes)
    let hasFakeQuant = suffixes.isSuperset(of: OutputPrefix.fakeQuantSuffixes)
    var left: Set<String> = []
    if let type {
      if type != .fakeQuant, !hasDeploy { throw lacking("deploy", .fakeQuant) }
      if type != .deploy, !hasFakeQuant { throw lacking("fake-quant", .deploy) }
      if type == .fakeQuant { left.formUnion(OutputPrefix.deploySuffixes) }
      if type == .deploy { left.formUnion(OutputPrefix.fakeQuantSuffixes) }
    }
    let copies = ProjectStore.copies(
      of: files.filter { OutputPrefix.suffix(of: $0).map { !left.contains($0) } ?? false }, to: prefix)
    if let gone = copies.first(where: { !FileManager.default.fileExists(atPath: $0.from) }) {
      throw QuantError(.badInput, "\(gone.from) of run \(folder.id) is not there any more")
    }
    let present = try ProjectStore.export(copies, overwriting: overwriting)
    guard present.isEmpty else {
      throw QuantError(
        .badInput, "\(present[0]) is there already" + (present.count > 1 ? ", and \(present.count - 1) more" : ""),
        help: ["give another --out, or --overwrite"])
    }
    return Result(run: folder.id, files: copies.map(\.to))
  }

  private func lacking(_ what: String, _ saved: SaveType) -> QuantError {
    QuantError(
      .badInput, "run \(folder.id) has no \(what) model: it was saved as \(saved.rawValue)",
      help: ["quantize again with --type Both, or ask for --type \(saved.rawValue)"])
  }
}
