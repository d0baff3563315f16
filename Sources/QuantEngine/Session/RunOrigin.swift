import Diagnostics
import Foundation
import LayerGraph

/// What is known of a run when it begins: when, and which run's config it starts from.
struct RunOrigin: Sendable {
  let started = Date().timeIntervalSince1970
  let parent: String?

  /// The parent is the run before in the project; after a restore, for the first run that takes the project's own
  /// config, the run that was restored.
  /// - Parameter config: the file that the run was told to follow.
  init(of folder: RunFolder, config: String?) {
    guard let project = folder.project, let number = Int(folder.id) else {
      parent = nil
      return
    }
    let before = project.runNumbers.last { $0 < number }.map(RunFolder.format4)
    guard let config, Self.holds(project, config), let note = JSONText.decode(RestoreNote.self, file: project.origin)
    else {
      parent = before
      return
    }
    try? FileManager.default.removeItem(atPath: project.origin)
    parent = project.runNumbers.contains { RunFolder.format4($0) == note.run } ? note.run : before
  }

  private static func holds(_ project: ProjectFolder, _ file: String) -> Bool {
    func full(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
    return (full(file) as NSString).deletingLastPathComponent == full(project.path)
  }
}

/// `origin.json` of a project: the run whose config was restored last.
struct RestoreNote: Codable, Sendable {
  let run: String
}

extension QuantizeResult {
  /// Adds where the run comes from, and what of the net it quantized.
  mutating func add(_ origin: RunOrigin, _ graph: Graph) {
    parent = origin.parent
    started = origin.started
    version = ProductVersion.text
    directory = FileManager.default.currentDirectoryPath
    let fused = Set(layers.filter { $0.state == "fused" }.map(\.layer))
    quantizable = graph.nodes.count { node in
      let role = node.layer?.quantization ?? .none
      return role.kind != .none && !fused.contains(node.name)
    }
    let chosen = Set(layers.filter { $0.state == "quantized" }.map(\.layer))
    var (part, all) = (0, 0)
    for node in graph.nodes {
      let macs = graph.macs(of: node) ?? 0
      all += macs
      if chosen.contains(node.name) { part += macs }
    }
    macShare = all > 0 ? Double(part) / Double(all) : nil
  }

  /// A path of `files` or `work` as seen from anywhere.
  package func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : (directory ?? FileManager.default.currentDirectoryPath) + "/" + path
  }
}

extension RunFolder {
  /// Writes `run.json`, and before it the few figures that a list reads instead.
  func keep(_ result: QuantizeResult) throws(DiagnosticError) {
    try AtomicFile.write(path: figures, text: JSONText.encode(RunFigures(result)) + "\n")
    try AtomicFile.write(path: summary, text: JSONText.encode(result, pretty: true) + "\n")
  }
}
