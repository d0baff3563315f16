import Diagnostics
import Foundation
import Quantization

/// What the workbench writes: the working config, and copies of a run's models.
package enum ProjectStore {
  /// Writes the working config; a reader sees the old file or the new one, never a part.
  package static func save(_ config: QuantConfig, to path: String) throws(QuantError) {
    try write(config.text + "\n", to: path)
  }

  static func write(_ text: String, to path: String) throws(QuantError) {
    let folder = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw QuantError(.runFailed, "cannot write \(path): \(error.localizedDescription)")
    }
  }

  /// One file to copy.
  package struct Copy: Sendable, Hashable {
    package let from: String
    package let to: String

    package init(from: String, to: String) {
      self.from = from
      self.to = to
    }
  }

  /// The copies that put a run's files under another prefix: `out/net` makes `out/net_deploy_model.prototxt`.
  ///
  /// - Parameter stem: what the names of the run's files begin with.
  package static func copies(of run: FinishedRun, stem: String, to prefix: String) -> [Copy] {
    run.files.compactMap { file in
      let name = (file as NSString).lastPathComponent
      guard name.hasPrefix(stem) else { return nil }
      let path = file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
      return Copy(from: path, to: prefix + name.dropFirst(stem.count))
    }
  }

  /// - Returns: the files that are there already; nothing was copied then.
  package static func export(_ copies: [Copy], overwriting: Bool) throws(QuantError) -> [String] {
    let files = FileManager.default
    let present = copies.map(\.to).filter { files.fileExists(atPath: $0) }
    if !present.isEmpty, !overwriting { return present }
    for copy in copies {
      do {
        let folder = (copy.to as NSString).deletingLastPathComponent
        if !folder.isEmpty { try files.createDirectory(atPath: folder, withIntermediateDirectories: true) }
        // Beside its place first, so that a full disk leaves the old file whole.
        let part = copy.to + ".part"
        if files.fileExists(atPath: part) { try files.removeItem(atPath: part) }
        try files.copyItem(atPath: copy.from, toPath: part)
        if files.fileExists(atPath: copy.to) { try files.removeItem(atPath: copy.to) }
        try files.moveItem(atPath: part, toPath: copy.to)
      } catch {
        throw QuantError(.runFailed, "cannot write \(copy.to): \(error.localizedDescription)")
      }
    }
    return []
  }
}
