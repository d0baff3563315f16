import Diagnostics
import Foundation

/// `cortado save`: the models of a run under another prefix, copied, or made of its folder where it did not save them.
package struct SaveRunJob: Sendable {
  package let folder: RunFolder
  package let out: String
  /// `nil`: all models that the run has.
  package var type: SaveType?
  package var overwriting = false
  /// What the run's net was read with, where models must be made.
  package var protos: [String] = []
  package var plugins: [String] = []

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
    let hasDeploy = suffixes.isSuperset(of: OutputPrefix.deploySuffixes)
    let hasFakeQuant = suffixes.isSuperset(of: OutputPrefix.fakeQuantSuffixes)
    var left: Set<String> = []
    let wanted = type ?? (suffixes.isEmpty ? .both : hasDeploy ? (hasFakeQuant ? .both : .deploy) : .fakeQuant)
    if wanted == .fakeQuant { left.formUnion(OutputPrefix.deploySuffixes) }
    if wanted == .deploy { left.formUnion(OutputPrefix.fakeQuantSuffixes) }
    if suffixes.isEmpty || (wanted != .fakeQuant && !hasDeploy) || (wanted != .deploy && !hasFakeQuant) {
      let present = prefix.files(wanted).filter(FileManager.default.fileExists(atPath:))
      if !present.isEmpty, !overwriting { throw inTheWay(present) }
      return Result(run: folder.id, files: try rebuild(result, prefix, wanted, saved: files))
    }
    let copies = ProjectStore.copies(
      of: files.filter { OutputPrefix.suffix(of: $0).map { !left.contains($0) } ?? false }, to: prefix)
    if let gone = copies.first(where: { !FileManager.default.fileExists(atPath: $0.from) }) {
      throw QuantError(.badInput, "\(gone.from) of run \(folder.id) is not there any more")
    }
    let present = try ProjectStore.export(copies, overwriting: overwriting)
    guard present.isEmpty else { throw inTheWay(present) }
    return Result(run: folder.id, files: copies.map(\.to))
  }

  private func inTheWay(_ present: [String]) -> QuantError {
    QuantError(
      .badInput, "\(present[0]) is there already" + (present.count > 1 ? ", and \(present.count - 1) more" : ""),
      help: ["give another --out, or --overwrite"])
  }
}
