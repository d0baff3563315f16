import QuantEngine
import Quantization

/// Who else works on the project.
package struct ProjectHold: Sendable, Hashable {
  /// `nil` for somebody who has not said yet who it is.
  package let holder: ProjectLock.Holder?

  package init(_ holder: ProjectLock.Holder?) { self.holder = holder }

  var words: String { holder.map { "process \($0.pid) on \($0.host)" } ?? "another workbench" }
}

/// The project folder, shared with others: another workbench that has it, a config.json that was changed outside.
extension Session {
  /// Why nothing of the project may be changed here; `nil` when it may.
  var readOnlyReason: String? {
    hold.map { "opened read-only: \($0.words) works on this project" }
  }

  mutating func hear(_ news: ProjectHold?, at time: Duration) {
    let before = hold
    hold = news
    if let news {
      say(.warning, "read-only: \(news.words) works on this project; what it runs is shown here", at: time)
    } else if before != nil {
      say(.info, "the other workbench has closed: edits and runs are possible here now", at: time)
    }
  }

  // MARK: config.json changed outside

  mutating func hearChange(_ config: QuantConfig, at time: Duration) {
    guard let workspace, config != workspace.saved else { return }
    if hold != nil || config == workspace.config {
      // Nothing of one's own is at stake. Who only looks on sees what the other has saved.
      self.workspace?.edit("config.json as the other workbench saved it", at: epoch) { $0 = config }
      self.workspace?.noteSaved(config, recipe: workspace.savedRecipe)
      return
    }
    outside = config
    isOutsideNew = true
    say(.warning, "config.json was changed outside: S asks what to do", at: time)
    showOutside()
  }

  /// Asks what to do with a config.json that was changed outside, unless something is being asked or typed.
  mutating func showOutside() {
    guard sheets.isEmpty, prompt == nil, let sheet = OutsideSheet(self) else { return }
    isOutsideNew = false
    open(sheet)
  }

  /// Makes what lies on the disk one edit, and what was here another one on top of it: undo leads to the disk's.
  mutating func takeOutside(_ outside: QuantConfig, then config: QuantConfig, _ label: String, at time: Duration) {
    self.outside = nil
    let seconds = epoch + Double(time.components.seconds)
    workspace?.edit("config.json taken from the disk", at: seconds) { $0 = outside }
    if let workspace { self.workspace?.noteSaved(outside, recipe: workspace.savedRecipe) }
    if workspace?.edit(label, at: seconds, { $0 = config }) == true {
      say(.info, "\(label) (u takes the disk's)", at: time)
    } else {
      say(.info, "config.json taken from the disk (u undoes)", at: time)
    }
  }

  // MARK: Restoring

  mutating func restore(_ run: Int, _ config: QuantConfig, at time: Duration) {
    guard let workspace else { return }
    if let stranger = config.layerNames.first(where: { workspace.index(of: $0) == nil }) {
      return say(.error, "the config of run \(run) is about another net: it has a layer '\(stranger)'", at: time)
    }
    if config == workspace.config { return say(.info, "the config is that of run \(run) already", at: time) }
    edit("config of run \(run) restored", at: time) { $0 = config }
    restored = self.workspace.map { (run, $0.history.current) }
  }

  /// Starts a run of the config that the screen shows.
  mutating func startRun() -> [Request<AppEffect>] {
    guard let workspace else { return [] }
    isStarting = true
    go(to: RunScreen.self) { screen, _ in screen.isFollowing = true }
    var changes: [ConfigChange] = []
    if let last = workspace.last?.config { changes = QuantConfig.diff(last, workspace.config, graph: workspace.graph) }
    let label = RunLabel.of(
      changes, since: workspace.last?.number, sameData: RunData.areSame(workspace.last?.data, workspace.images?.data))
    var requests: [Request<AppEffect>] = [.effect(.nameNextRun(label))]
    if let (run, entry) = restored {
      restored = nil
      if workspace.history.isApplied(entry) { requests.append(.effect(.noteOrigin(run: run))) }
    }
    self.workspace?.noteRun(workspace.config)
    return requests + [.effect(.start(workspace.config, recipe: workspace.recipeOfConfig))]
  }
}
