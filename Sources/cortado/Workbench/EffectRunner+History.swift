import Dispatch
import QuantEngine
import Terminal
import WorkbenchUI

/// The history of edits.
extension EffectRunner {
  /// Writes lines of the history, one batch after another.
  ///
  /// After a failure nothing more is written: a history with a gap would be no use.
  func record(_ batch: HistoryBatch, _ news: NewsBox<AppNews>) {
    historyQueue.async { [self] in
      if hasHistoryFailed.withLock({ $0 }) || isReadOnly.withLock({ $0 }) { return }
      let file = HistoryFile(project)
      do throws(QuantError) {
        if batch.isNew { try file.begin(with: batch.lines) } else { try file.append(batch.lines) }
      } catch {
        hasHistoryFailed.withLock { $0 = true }
        news.post(.historyFailed(error.diagnostics))
      }
    }
  }

  /// Waits until all edits are on the disk.
  func finish() { historyQueue.sync {} }
}
