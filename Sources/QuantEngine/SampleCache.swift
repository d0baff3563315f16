import Foundation
import Tensors

/// Activations of float nets that runs left, by the key of what they depend on; may be deleted at any time.
///
/// One file a checkpoint in `$XDG_CACHE_HOME/cortado/samples`; the files that were used longest ago go when all of them
/// pass `limit`.
struct SampleCache {
  let folder: String
  /// Bytes of all files together; 0 keeps nothing.
  let limit: Int

  static let defaultLimit = 2 << 30

  init(folder: String, limit: Int) {
    self.folder = folder
    self.limit = limit
  }

  /// The cache of this user.
  init(limit: Int, environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.init(folder: PersonFolder.cache.path(environment) + "/samples", limit: limit)
  }

  private func path(_ key: ContentKey) -> String { "\(folder)/\(key)" }

  func has(_ key: ContentKey) -> Bool { FileManager.default.isReadableFile(atPath: path(key)) }

  /// Fills `memory` with the values of a key.
  /// - Returns: false when they are not there, or not whole.
  func load(_ key: ContentKey, into memory: [MutableFloatView]) -> Bool {
    guard ValueFile.read(path(key), into: memory) else {
      try? FileManager.default.removeItem(atPath: path(key))
      return false
    }
    try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: path(key))
    return true
  }

  /// Keeps the values of a key, unless they would take more than a quarter of the place; failures cost only the reuse.
  func store(_ key: ContentKey, _ memory: [MutableFloatView]) {
    let size = ValueFile.size(of: memory)
    guard size > 0, size <= limit / 4, !has(key) else { return }
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    if ValueFile.write(path(key), memory) { trim() }
  }

  /// Deletes the files that were used longest ago until the rest fits.
  private func trim() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    var files: [(path: String, size: Int, used: Date)] = names.compactMap { name in
      let path = "\(folder)/\(name)"
      guard let facts = try? FileManager.default.attributesOfItem(atPath: path), let size = facts[.size] as? Int,
        let used = facts[.modificationDate] as? Date
      else { return nil }
      return (path, size, used)
    }
    var total = files.reduce(0) { $0 + $1.size }
    files.sort { $0.used > $1.used }
    while total > limit, let oldest = files.popLast() {
      try? FileManager.default.removeItem(atPath: oldest.path)
      total -= oldest.size
    }
  }
}
