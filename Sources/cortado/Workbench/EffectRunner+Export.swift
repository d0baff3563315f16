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
    news.post(
      present.isEmpty
        ? .exported(prefix: prefix, count: copies.count)
        : .wouldOverwrite(run: number, prefix: prefix, files: present))
  }
}
