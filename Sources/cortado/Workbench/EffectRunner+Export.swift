import QuantEngine
import Terminal
import WorkbenchUI

/// What leaves the project folder.
extension EffectRunner {
  /// Copies the models of a run to a prefix.
  func export(
    _ number: Int, to prefix: String, overwriting: Bool, _ news: NewsBox<AppNews>
  ) throws(QuantError) {
    let copies = ProjectStore.copies(
      of: FinishedRun(reading: number, of: project).files, to: try OutputPrefix(prefix))
    guard !copies.isEmpty else {
      throw QuantError(.runFailed, "run \(number) left no models in its folder", help: ["start a new run"])
    }
    let present = try ProjectStore.export(copies, overwriting: overwriting)
    guard present.isEmpty else {
      return news.post(
        .wouldOverwrite(present, then: .export(run: number, prefix: prefix, overwriting: true)))
    }
    let written = try attempting(.runFailed) {
      try copies.map { copy in
        let digest = try FileDigest(file: copy.to)
        return WrittenFile(path: copy.to, bytes: digest.bytes, sha256: digest.sha256)
      }
    }
    news.post(.exported(run: number, prefix: prefix, files: written))
  }
}
