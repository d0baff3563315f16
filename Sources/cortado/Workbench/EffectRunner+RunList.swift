import Diagnostics
import Foundation
import QuantEngine
import Quantization
import Terminal
import WorkbenchUI

/// The runs there are: compared, named, pinned, deleted, reported.
extension EffectRunner {
  /// Reads what differs between two runs, unless another difference has been asked for meanwhile.
  func compare(_ a: Int, _ b: Int, _ news: NewsBox<AppNews>) {
    let ticket = wantedDiff.withLock { number in
      number += 1
      return number
    }
    // Somebody who walks through the list asks many times a second.
    Thread.sleep(forTimeInterval: 0.03)
    guard wantedDiff.withLock({ $0 }) == ticket else { return }
    news.post(.runsCompared(a, b, RunDiff(project.run(a), project.run(b))), replacing: "diff")
  }

  func change(_ run: Int, _ change: RunChange, _ news: NewsBox<AppNews>) throws(QuantError) {
    let store = RunStore(project)
    let done: String
    switch change {
    case .rename(let label):
      let after = try store.rename("\(run)", to: label)
      done = label.isEmpty ? "run \(run) has no name now" : "run \(run): \(after.labelLine)"
    case .pin(let isPinned):
      _ = try store.setPinned("\(run)", isPinned)
      done = isPinned ? "run \(run) is pinned: it cannot be deleted" : "run \(run) is not pinned any more"
    case .delete:
      try store.delete("\(run)")
      done = "run \(run) is deleted"
    }
    news.post(.runs(store.summaries(), done: done))
  }

  func readConfig(_ run: Int, _ news: NewsBox<AppNews>) throws(QuantError) {
    let path = project.run(run).config
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw QuantError(.badInput, "run \(run) left no config.json to restore")
    }
    let config = try attempting(.badInput) { try QuantConfig.read([UInt8](bytes), file: path) }
    news.post(.runConfig(run: run, config))
  }

  func report(_ run: Int, to path: String, overwriting: Bool, _ news: NewsBox<AppNews>) throws(QuantError) {
    if !overwriting, FileManager.default.fileExists(atPath: path) {
      return news.post(.wouldOverwrite([path], then: .report(run: run, path: path, overwriting: true)))
    }
    let report = try RunReport(project.run(run))
    let text: String
    switch (path as NSString).pathExtension.lowercased() {
    case "html": text = report.html
    case "csv": text = try report.csv()
    case "md": text = report.markdown
    default: throw QuantError(.usage, "\(path): a report ends in .html, .md or .csv")
    }
    try attempting(.runFailed) { try AtomicFile.write(path: path, text: text) }
    news.post(.reported(run: run, path: path))
  }
}
