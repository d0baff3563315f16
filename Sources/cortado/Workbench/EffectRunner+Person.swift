import Diagnostics
import Foundation
import QuantEngine
import Terminal
import WorkbenchUI

/// The person's own files: what is remembered, themes, the log.
extension EffectRunner {
  /// Keeps what outlives the session, in the order it was asked for.
  func remember(_ state: WorkbenchState, _ project: RecentProject?, _ news: NewsBox<AppNews>) {
    historyQueue.async {
      do throws(QuantError) {
        try StateFile.write(state, project)
      } catch {
        // Nothing is lost that matters: it is told, and work goes on.
        news.post(.failed(error.diagnostics.map { .warning($0.text) }))
      }
    }
  }

  func write(_ text: String, _ path: String, overwriting: Bool, _ news: NewsBox<AppNews>) throws(QuantError) {
    if !overwriting, FileManager.default.fileExists(atPath: path) {
      return news.post(.wouldOverwrite([path], then: .write(text: text, path: path, overwriting: true)))
    }
    try attempting(.runFailed) { try AtomicFile.write(path: path, text: text) }
    news.post(.written(path: path))
  }

  /// Looks at the user's files of these themes once a second, while they are in use.
  ///
  /// Built-in themes have no files, and nothing runs for them.
  func watch(_ names: [String], _ news: NewsBox<AppNews>) {
    let turn = themeWatch.withLock { turn in
      turn += 1
      return turn
    }
    let files = names.map { ThemeFolder.path + "/\($0).theme" }.filter { FileManager.default.fileExists(atPath: $0) }
    if files.isEmpty { return }
    Thread.detachNewThread { [self] in
      // What was read last, not what stands there now: no change between the two is missed.
      let start = themeStamps.withLock { known in files.map { known[$0] ?? Self.stamp($0) } }
      var now = files.map(Self.stamp)
      while now == start {
        Thread.sleep(forTimeInterval: 1)
        if themeWatch.withLock({ $0 != turn }) { return }
        now = files.map(Self.stamp)
      }
      themeStamps.withLock { known in for (file, stamp) in zip(files, now) { known[file] = stamp } }
      reread(names, news)
    }
  }

  private func reread(_ names: [String], _ news: NewsBox<AppNews>) {
    do throws(DiagnosticError) {
      news.post(.themes(try ThemeFolder.library(for: names.first), []))
    } catch {
      news.post(.themes(ThemeLibrary(), error.diagnostics))
      // The next change may repair it.
      watch(names, news)
    }
  }

  /// Changes when the file does: time and size; empty without a file.
  private static func stamp(_ file: String) -> String {
    guard let facts = try? FileManager.default.attributesOfItem(atPath: file) else { return "" }
    let time = (facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    return "\(time) \(facts[.size] as? Int ?? 0) \(facts[.systemFileNumber] as? Int ?? 0)"
  }
}
