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
    // Not NSString's deletingLastPathComponent: it traps on names of one character.
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
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
    /// The net's new name, for a quant.json: it holds the prefix that it was written for.
    package let name: String?

    package init(from: String, to: String, name: String? = nil) {
      self.from = from
      self.to = to
      self.name = name
    }
  }

  /// The copies that put a run's models and factor files under another prefix: `out/net` makes
  /// `out/net_deploy_model.prototxt`. Other files are left out.
  /// - Parameter files: full paths.
  package static func copies(of files: [String], to prefix: OutputPrefix) -> [Copy] {
    files.compactMap { file in
      guard let suffix = OutputPrefix.suffix(of: file) else { return nil }
      return Copy(from: file, to: prefix.file(suffix), name: suffix == OutputPrefix.quantJSON ? prefix.name : nil)
    }
  }

  /// - Returns: the files that are there already; nothing was copied then.
  package static func export(_ copies: [Copy], overwriting: Bool) throws(QuantError) -> [String] {
    let files = FileManager.default
    let present = copies.map(\.to).filter { files.fileExists(atPath: $0) }
    if !present.isEmpty, !overwriting { return present }
    for copy in copies {
      guard let source = FileHandle(forReadingAtPath: copy.from) else {
        throw QuantError(.badInput, "cannot read \(copy.from)")
      }
      defer { try? source.close() }
      try attempting(.runFailed) {
        if let name = copy.name {
          let text = try QuantJSONName.replacing(in: [UInt8](source.readToEnd() ?? Data()), file: copy.from, with: name)
          return try AtomicFile.write(path: copy.to, bytes: text)
        }
        try AtomicFile.write(path: copy.to) { (out: inout FileWriter) throws(DiagnosticError) in
          while let piece = try readPiece(source, copy.from) { try out.write(piece) }
        }
      }
    }
    return []
  }

  /// The next megabyte; `nil` at the end.
  private static func readPiece(_ source: FileHandle, _ path: String) throws(DiagnosticError) -> [UInt8]? {
    do {
      guard let data = try source.read(upToCount: 1 << 20), !data.isEmpty else { return nil }
      return [UInt8](data)
    } catch {
      throw DiagnosticError("cannot read this file: \(error.localizedDescription)", at: SourceLocation(file: path))
    }
  }
}
