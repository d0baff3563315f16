import Diagnostics
import Foundation
import Quantization
import Tensors

/// The factors that runs found, by the key of what they depend on: data, weights on the way, settings of the search.
///
/// Each run appends what it finds to `factors.jsonl` in its own folder, one line a search, at once: a run that dies leaves
/// what it had. A run looks its searches up in the folders beside its own.
struct FactorStore {
  /// Runs that are looked through, newest first.
  private static let depth = 20

  private struct Line: Codable {
    var layer: String
    var found: IFMR.Result
  }

  private let own: RunFolder
  private var handle: FileHandle?
  /// Lines by key, with the run they come from.
  private var lines: [String: (text: Substring, run: String)] = [:]
  private var layers: Set<Substring> = []

  /// Reads what the runs beside `folder` left, and what an earlier try left in `folder` itself.
  init(_ folder: RunFolder) {
    own = folder
    for run in Self.neighbours(of: folder).reversed() + [folder] {
      let text = FileManager.default.contents(atPath: run.factors).map { String(decoding: $0, as: UTF8.self) } ?? ""
      let name = Self.name(of: run, from: folder)
      for line in text.split(separator: "\n") {
        // A key, a blank, the rest up to the end of the layer's name: a crash may have cut the line off.
        guard line.hasSuffix("\"}"), let blank = line.firstIndex(of: " ") else { continue }
        if let name = line.range(of: "\"layer\":", options: .backwards) { layers.insert(line[name.upperBound...]) }
        lines[String(line[..<blank])] = (line[line.index(after: blank)...], name)
      }
    }
  }

  /// Folders of runs of the same project, newest first: those beside it, when it lies in a `runs` folder.
  static func neighbours(of folder: RunFolder) -> [RunFolder] {
    // Not NSString's lastPathComponent: it traps on names of one character.
    guard let slash = folder.path.lastIndex(of: "/") else { return [] }
    let parent = String(folder.path[..<slash])
    guard parent == "runs" || parent.hasSuffix("/runs") else { return [] }
    let numbers = ((try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []).compactMap { Int($0) }
    return numbers.sorted(by: >).map { RunFolder(path: parent + "/" + RunFolder.format4($0)) }
      .filter { $0.path != folder.path }.prefix(depth).map(\.self)
  }

  /// What a run says of where a result comes from.
  static func name(of run: RunFolder, from folder: RunFolder) -> String {
    run.path == folder.path ? "this run" : "run \(Int(run.id).map(String.init) ?? run.id)"
  }

  /// What is known for a key, and from which run.
  func result(for key: ContentKey) -> (found: IFMR.Result, origin: String)? {
    guard let line = lines[key.description],
      let decoded = try? JSONDecoder().decode(Line.self, from: Data(line.text.utf8))
    else { return nil }
    return (decoded.found, line.run)
  }

  /// True when some run has calibrated the layer.
  func knows(layer: String) -> Bool { layers.contains(JSONText.encode(layer) + "}") }

  /// Appends one result; a full disk costs only the reuse.
  mutating func add(_ found: IFMR.Result, for key: ContentKey, layer: String) {
    if handle == nil {
      if !FileManager.default.fileExists(atPath: own.factors) {
        _ = FileManager.default.createFile(atPath: own.factors, contents: nil, attributes: [.posixPermissions: 0o640])
      }
      handle = FileHandle(forWritingAtPath: own.factors)
      // Whatever a crash cut off ends here.
      if let end = try? handle?.seekToEnd(), end > 0 { try? handle?.write(contentsOf: Data([10])) }
    }
    let text = "\(key) \(JSONText.encode(Line(layer: layer, found: found)))\n"
    try? handle?.write(contentsOf: Data(text.utf8))
  }
}
