import Foundation
import QuantEngine
import Quantization
import Synchronization
import Terminal
import WorkbenchUI

/// The model and its project folder.
extension EffectRunner {
  func open(_ news: NewsBox<AppNews>) throws(QuantError) {
    takeLock(news)
    noteConfig()
    news.post(.opened(try OpenedProject(files, data: data, project: project, recipe: recipe)))
    let underWay = RunStore(project).underWay().first
    if underWay == nil, let last = project.runNumbers.last.map(project.run), RunSummary.died(last) {
      var tail = EventTail(path: last.events)
      news.post(.died(run: Int(last.id) ?? 0, kept: JobProgress(tail.read()).finishedLayers))
    }
    toldRun.withLock { $0 = project.runNumbers.last ?? 0 }
    // For the rest of the session: what others do in the folder.
    Thread.detachNewThread { [self] in watch(news) }
    if let underWay { attach(underWay, news) }
  }

  func save(_ config: QuantConfig, _ recipe: ProjectRecipe, _ news: NewsBox<AppNews>) throws(QuantError) {
    // Somebody may have written it in the meantime: then it is asked first what counts.
    if try tellChange(news) {
      throw QuantError(.badInput, "not saved: config.json was changed outside")
    }
    try ProjectStore.save(config, recipe, in: project)
    noteConfig()
    news.post(.saved(config, recipe: recipe))
  }

  /// - Parameter images: `nil`: all images are used again.
  /// - Returns: whether it is noted.
  func noteLeftOut(_ images: [String]?, _ news: NewsBox<AppNews>) -> Bool {
    if isReadOnly.withLock({ $0 }) { return false }
    do throws(QuantError) {
      if let images { try LeftOutImages.add(images, to: project) } else { try LeftOutImages.clear(project) }
      return true
    } catch {
      news.post(.failed(error.diagnostics))
      return false
    }
  }

  /// How many images there are now.
  func tellImages(_ news: NewsBox<AppNews>) throws(QuantError) {
    let data = data
    let feed = try DataFeed(data, for: try LoadedModel(files))
    news.post(
      .images(
        ImageSupply(
          count: feed.itemCount, batchSize: feed.batchSize, leftOut: data.leftOut.count, data: RunData(feed, data))))
  }

  // MARK: The lock

  private func takeLock(_ news: NewsBox<AppNews>) {
    switch ProjectLock.take(project) {
    case .mine(let taken): lock.withLock { $0 = taken }
    case .taken(let holder):
      isReadOnly.withLock { $0 = true }
      news.post(.held(ProjectHold(holder)))
    case .impossible: break  // Such a folder is not written anyway, or knows no locks.
    }
  }

  /// The lock is free: edits are possible here, on what the other has left.
  private func retakeLock(_ news: NewsBox<AppNews>) {
    guard case .mine(let taken) = ProjectLock.take(project) else { return }
    lock.withLock { $0 = taken }
    noteConfig()
    guard let opened = try? OpenedProject(files, data: data, project: project, recipe: recipe) else { return }
    isReadOnly.withLock { $0 = false }
    news.post(.held(nil))
    news.post(.opened(opened))
  }

  // MARK: What others do in the folder

  /// Looks every two seconds whether somebody has written config.json, started a run, or left the project. Nothing is
  /// told and nothing drawn while nothing has changed.
  private func watch(_ news: NewsBox<AppNews>) {
    while true {
      Thread.sleep(forTimeInterval: 2)
      do throws(QuantError) { _ = try tellChange(news) } catch { news.post(.warned(error.diagnostics)) }
      if isReadOnly.withLock({ $0 }) { retakeLock(news) }
      guard followed.withLock({ $0 }) == nil else { continue }
      if RunStore(project).mayBeUnderWay, let folder = RunStore(project).underWay().first {
        Thread.detachNewThread { [self] in attach(folder, news) }
      } else {
        tellEnded(news)
      }
    }
  }

  private func noteConfig() { knownConfig.withLock { $0 = ConfigFileState(reading: project.config) } }

  /// Tells a config.json that is another one than was last read or written here, once.
  /// - Throws: what is wrong with it.
  private func tellChange(_ news: NewsBox<AppNews>) throws(QuantError) -> Bool {
    let changed = knownConfig.withLock { $0.update(project.config) }
    guard let bytes = changed else { return false }
    news.post(
      .changedOutside(try attempting(.badInput) { try QuantConfig.read([UInt8](bytes), file: project.config) }))
    return true
  }
}

/// A file's content, and what shows without reading that it has been written.
struct ConfigFileState {
  private struct Stamp: Equatable {
    let seconds: Int
    let nanoseconds: Int
    let size: Int
    let inode: UInt64

    init?(_ path: String) {
      var info = stat()
      guard unsafe stat(path, &info) == 0 else { return nil }
      seconds = Int(info.st_mtim.tv_sec)
      nanoseconds = Int(info.st_mtim.tv_nsec)
      size = Int(info.st_size)
      inode = UInt64(info.st_ino)
    }
  }

  private var stamp: Stamp?
  private var content: Data?

  init() {}

  init(reading path: String) {
    stamp = Stamp(path)
    content = FileManager.default.contents(atPath: path)
  }

  /// - Returns: the new content, when it is another one; `nil` also for a file that is gone.
  mutating func update(_ path: String) -> Data? {
    let now = Stamp(path)
    guard now != stamp else { return nil }
    let before = content
    self = ConfigFileState(reading: path)
    return content == before ? nil : content
  }
}
