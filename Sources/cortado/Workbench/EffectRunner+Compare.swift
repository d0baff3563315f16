import QuantEngine
import Synchronization
import Terminal
import WorkbenchUI

/// What the screen Compare reads of runs.
extension EffectRunner {
  /// The index of a run's details is read once.
  final class DetailsCache: Sendable {
    private let latest = Mutex<(run: Int, reader: DetailsReader)?>(nil)

    /// `nil` where the run has no details; that is asked again, as a run may just be ending.
    func reader(of run: Int, _ folder: RunFolder) -> DetailsReader? {
      latest.withLock { known in
        if known?.run != run { known = DetailsReader(folder).map { (run, $0) } }
        return known?.reader
      }
    }
  }

  /// Answers for every layer, whatever happens.
  func readDetails(_ layers: [String], of run: Int, _ news: NewsBox<AppNews>) {
    let reader = details.reader(of: run, project.run(run))
    var answers: [String: DetailsAnswer] = [:]
    for layer in layers {
      guard let reader else {
        answers[layer] = .none(
          "Run \(run) kept no details of its layers: it is of an earlier version, or they were deleted. A new run keeps them."
        )
        continue
      }
      if let found = reader.layer(layer) {
        answers[layer] = .found(found)
      } else {
        let isThere = reader.layers.contains(layer)
        answers[layer] = .none(
          isThere ? "What \(reader.path) says of this layer is damaged." : "Run \(run) did not compare this layer.")
      }
    }
    news.post(.details(run: run, answers))
  }

  func listComparedRuns(_ news: NewsBox<AppNews>) { news.post(.comparedRuns(RunStore(project).summaries())) }

  func readComparedRun(_ number: Int, _ news: NewsBox<AppNews>) {
    news.post(.comparedRun(FinishedRun(reading: number, of: project)))
  }
}
