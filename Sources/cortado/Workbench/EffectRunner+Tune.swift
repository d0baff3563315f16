import QuantEngine
import Terminal
import WorkbenchUI

/// What the screen Tune goes by.
extension EffectRunner {
  /// All layers of a run, without the values and channels that only plots show.
  func readTuningDetails(of run: Int, _ news: NewsBox<AppNews>) {
    var found: [String: LayerDetails] = [:]
    if let reader = DetailsReader(project.run(run)) {
      for name in reader.layers {
        guard var details = reader.layer(name) else { continue }
        details.scatter = nil
        (details.channelMin, details.channelMax, details.channelCosine) = ([], [], [])
        found[name] = details
      }
    }
    news.post(.tuningDetails(run: run, found))
  }
}
