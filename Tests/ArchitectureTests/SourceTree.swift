import Foundation

/// The package's own files, as the tests read them.
enum SourceTree {
  static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardizedFileURL

  /// Paths below `folder` from the package's root, in byte order; hidden files and build folders left out.
  /// - Parameter extensions: which files; empty: all.
  static func files(in folder: String, _ extensions: Set<String> = []) throws -> [String] {
    let top = root.appendingPathComponent(folder)
    let names = try FileManager.default.subpathsOfDirectory(atPath: top.path)
    return names.filter { name in
      var isFolder: ObjCBool = false
      let path = top.appendingPathComponent(name).path
      let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
      guard !isHidden, FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
      else { return false }
      return extensions.isEmpty || extensions.contains((name as NSString).pathExtension)
    }.map { folder + "/" + $0 }.sorted()
  }

  static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: root.appendingPathComponent(path)), as: UTF8.self)
  }

  static func lines(_ path: String) throws -> [Substring] {
    try text(path).split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// Names of the types in `folder` that say they conform to one of `protocols`, with the file each stands in.
  static func types(in folder: String, conformingTo protocols: Set<String>) throws -> [(name: String, file: String)] {
    var found: [(name: String, file: String)] = []
    for file in try files(in: folder, ["swift"]) {
      let declaration = /(?m)^[a-z ]*\b(?:struct|class|enum|extension) (\w+)\s*:\s*([^{]+)\{/
      for match in try text(file).matches(of: declaration) {
        let names = match.2.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        if !protocols.isDisjoint(with: names) { found.append((String(match.1), file)) }
      }
    }
    return found
  }
}
