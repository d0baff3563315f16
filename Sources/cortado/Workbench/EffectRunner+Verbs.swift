import Foundation
import QuantEngine
import Terminal
import WorkbenchUI

/// Verbs of the command line, typed into the palette.
extension EffectRunner {
  /// Runs the program itself with these words, on this project where they name none, and tells what it printed.
  func runVerb(_ words: [String], _ news: NewsBox<AppNews>) throws(QuantError) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = completed(words) + Self.context(words, project)
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try attempting(.runFailed) { try process.run() }
    // As much as a person reads; the rest is taken off the pipe, so that the program can end.
    var kept = Data()
    while let piece = try? output.fileHandleForReading.read(upToCount: 1 << 16), !piece.isEmpty {
      if kept.count < 1 << 20 { kept += piece }
    }
    process.waitUntilExit()
    news.post(
      .verbEnded(words, status: process.terminationStatus, output: String(decoding: kept, as: UTF8.self)))
  }

  /// The words with the project's model and data for a verb that takes these and was given none.
  private func completed(_ words: [String]) -> [String] {
    let isBare = words.count == 1 || words[1].hasPrefix("-")
    if words.first == "pretest" || words.first == "evaluate", isBare, let weights = files.weights {
      // What was typed comes last and wins; the project's images that are left out are no others'.
      let isOther = words.contains { $0 == "--images" || $0.hasPrefix("--images=") }
      let own = isOther ? flags.filter { !$0.hasPrefix("--skip-image") } : flags
      return [words[0], files.prototxt, weights] + own + words.dropFirst()
    }
    if words == ["dataset", "info"], let images = imagesWord { return words + [images] }
    return words
  }

  /// The flags that say which project is meant, for verbs that have them and were given none.
  private static func context(_ words: [String], _ project: ProjectFolder) -> [String] {
    func has(_ flag: String) -> Bool { words.contains { $0 == flag || $0.hasPrefix(flag + "=") } }
    switch words.first ?? "" {
    case "config": return has("--config") ? [] : ["--config=\(project.config)"]
    case "runs", "job", "report", "save": return has("--project") ? [] : ["--project=\(project.path)"]
    case "compare": return has("--run") && !has("--project") ? ["--project=\(project.path)"] : []
    default: return []
    }
  }
}
