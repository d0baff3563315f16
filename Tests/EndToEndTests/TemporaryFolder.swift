import Foundation

/// A folder of one test, removed after it.
final class TemporaryFolder {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "cortado-e2e-" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  static func / (folder: TemporaryFolder, name: String) -> String { folder.path + "/" + name }

  /// Writes a file and gives its path.
  func write(_ name: String, _ text: String) throws -> String { try write(name, Data(text.utf8)) }

  func write(_ name: String, _ bytes: Data) throws -> String {
    let path = self / name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try bytes.write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Names of the entries in a folder below this one, sorted; empty when it isn't there.
  func names(_ name: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: self / name)) ?? []).sorted()
  }

  func text(_ name: String) throws -> String { try String(contentsOfFile: self / name, encoding: .utf8) }
  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: self / name)) }
  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self / name) }
}
