import CCurses
import Synchronization

/// Where running effects leave their news for the loop, from any thread.
package final class NewsBox<News: Sendable>: Sendable {
  private struct Entry {
    var news: News
    var key: String?
  }

  private let entries = Mutex<[Entry]>([])
  private let wake: @Sendable () -> Void

  package init(wake: @escaping @Sendable () -> Void = { cur_wake() }) { self.wake = wake }

  /// `key`: of news not taken yet, those with the same key are dropped: of a progress only the newest counts.
  package func post(_ news: News, replacing key: String? = nil) {
    let isFirst = entries.withLock { entries in
      if let key { entries.removeAll { $0.key == key } }
      entries.append(Entry(news: news, key: key))
      return entries.count == 1
    }
    // One wake for all news that are waiting; the loop takes all at once.
    if isFirst { wake() }
  }

  /// All news, oldest first.
  package func take() -> [News] {
    entries.withLock { entries in
      defer { entries = [] }
      return entries.map(\.news)
    }
  }
}
