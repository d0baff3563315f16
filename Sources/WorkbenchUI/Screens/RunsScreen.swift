import QuantEngine

/// Screen 7: all runs of the project, two of them picked and compared.
struct RunsScreen: Screen {
  enum Action: String, ActionName, CaseIterable {
    case pickA = "pick-a"
    case pickB = "pick-b"
    case difference, back, rename, pin, delete, report
    case write
    case restore = "restore-config"
  }

  static let tab = Chrome.Tab(key: "7", name: "Runs", short: "Rns")
  static let command = (name: "runs", help: "all runs: compare, restore, name, delete")

  static let bindings: [Bound] = moving + picking + [running] + changing

  private static let picking: [Bound] = [
    Bound("a", action: .own(.pickA), help: "pick the run as a", footer: "pick two", offWhen: noRun),
    Bound("b", action: .own(.pickB), help: "pick the run as b", footer: "pick two", offWhen: noRun),
    Bound(
      "d", .enter, action: .own(.difference), help: "all that differs between the two", footer: "diff",
      offWhen: { noRun($0) ?? ($0.screen.pair == nil ? "there is no other run to compare with" : nil) }),
    Bound(.escape, action: .own(.back), help: "back to the list; take the picks away; back to the layers"),
  ]

  private static let changing: [Bound] = [
    Bound(
      "R", action: .own(.restore), help: "make the run's config the working config (u undoes)", footer: "restore",
      offWhen: { noRun($0) ?? Off.readOnly($0) }),
    Bound(
      "N", action: .own(.rename), help: "give the run a name", footer: "name",
      offWhen: { noRun($0) ?? Off.readOnly($0) }),
    Bound(
      "P", action: .own(.pin), help: "protect the run from deletion, or no more", footer: "pin",
      offWhen: { noRun($0) ?? Off.readOnly($0) }),
    Bound(
      "X", action: .own(.delete), help: "delete the run with all its files", footer: "delete",
      offWhen: { noRun($0) ?? Off.readOnly($0) ?? $0.screen.undeletable }),
    Bound("E", action: .own(.report), help: "write a report: .html, .md or .csv", footer: "report", offWhen: noRun),
    Bound("w", action: .own(.write), help: "write the models of the run", footer: "write", offWhen: notDone),
    Bound("y", action: .shared(.copy), help: "copy the command that shows the same", offWhen: noRun),
  ]

  private static func notDone(_ scene: Scene<RunsScreen>) -> String? {
    noRun(scene) ?? (scene.screen.selected?.state == .done ? nil : "this run is not done")
  }

  private static func noRun(_ scene: Scene<RunsScreen>) -> String? {
    scene.screen.selected == nil ? "no run yet: r starts one" : nil
  }

  /// The latest first.
  private(set) var runs: [RunSummary] = []
  private(set) var list = ListState()
  /// Numbers of the picked runs.
  private(set) var a: Int?
  private(set) var b: Int?
  /// What differs between the pair, once it is read.
  private(set) var diff: RunDiff?
  private var diffOf: Pair?
  private var asked: Pair?
  /// The differences take the whole screen.
  private(set) var isZoomed = false
  private(set) var lines = ListState()
  private var hasList = false

  /// Two runs, the earlier one first.
  struct Pair: Equatable, Sendable {
    let before: Int
    let after: Int
  }

  var selected: RunSummary? { runs.indices.contains(list.selection) ? runs[list.selection] : nil }

  /// What is compared: the two picks, a pick and the run under the cursor, or that one and the run it started from.
  var pair: Pair? {
    if let a, let b { return Pair(before: min(a, b), after: max(a, b)) }
    guard let here = selected?.number else { return nil }
    if let pick = a ?? b { return pick == here ? nil : Pair(before: min(pick, here), after: max(pick, here)) }
    let parent = selected?.parent.flatMap { Int($0) }
    guard let parent, runs.contains(where: { $0.number == parent }) else { return nil }
    return Pair(before: parent, after: here)
  }

  /// The difference of the pair, when it has been read.
  var shownDiff: RunDiff? { diffOf == pair ? diff : nil }

  private var undeletable: String? {
    guard let run = selected else { return nil }
    if run.pinned { return "run \(run.number ?? 0) is pinned: P takes the pin away" }
    return run.state.isUnderWay ? "run \(run.number ?? 0) is under way: 4 shows it" : nil
  }

  mutating func perform(_ action: Action, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    guard let run = selected, let number = run.number else {
      if action == .back { session.go(to: LayersScreen.self) }
      return []
    }
    switch action {
    case .pickA:
      if b == number { b = nil }
      a = a == number ? nil : number
    case .pickB:
      if a == number { a = nil }
      b = b == number ? nil : number
    case .difference:
      isZoomed.toggle()
      lines = ListState()
    case .back:
      if isZoomed {
        isZoomed = false
      } else if a != nil || b != nil {
        (a, b) = (nil, nil)
      } else {
        session.go(to: LayersScreen.self)
      }
    case .restore: return [.effect(.readConfig(run: number))]
    case .rename: session.ask(.rename(run))
    case .pin: return [.effect(.changeRun(number, .pin(!run.pinned)))]
    case .delete: session.open(DeleteRunSheet(run))
    case .write: if let prompt = Prompt.write(session, run: number) { session.ask(prompt) }
    case .report: session.ask(.report(run: number, session))
    }
    askForDiff(&session)
    return []
  }

  mutating func move(_ move: ListState.Move, _ session: inout Session) {
    if isZoomed { lines.move(move) } else { list.move(move) }
    askForDiff(&session)
  }

  mutating func appear(_ session: inout Session) { session.want(.listRuns) }

  mutating func refresh(_ session: Session) {
    let inside = max(1, session.body.rows - 2)
    list.fit(count: runs.count, height: max(1, inside - 1 - Self.rowsBelow(inside, runs: runs.count)))
    if isZoomed {
      if pair == nil { isZoomed = false }
      lines.fit(
        count: shownDiff.map { RunsText.lines($0, columns: session.body.columns - 3) }?.count ?? 0, height: inside)
    }
  }

  /// What was read is shown; of a new pair the difference is asked for. The list is read anew when a run begins or ends.
  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch news {
    case .opened, .started, .attached, .ended, .died: return [.effect(.listRuns)]
    case .runs(let found, _):
      let here = hasList ? selected?.number : nil
      let wasFirst = list.selection == 0
      runs = found
      hasList = true
      let numbers = Set(found.compactMap(\.number))
      if let pick = a, !numbers.contains(pick) { a = nil }
      if let pick = b, !numbers.contains(pick) { b = nil }
      list.fit(count: runs.count)
      // The cursor stays on its run; at the head it stays with the newest.
      if !wasFirst, let at = runs.firstIndex(where: { $0.number == here }) { list.move(.to(at)) }
      // A run that was under way has figures now.
      (diff, diffOf, asked) = (nil, nil, nil)
      askForDiff(&session)
      return []
    case .runsCompared(let before, let after, let found):
      diff = found
      diffOf = Pair(before: before, after: after)
      return []
    default: return []
    }
  }

  /// Asks for the difference of the pair shown, once.
  private mutating func askForDiff(_ session: inout Session) {
    guard session.screen == ScreenID(RunsScreen.self), let pair, pair != asked, pair != diffOf else { return }
    asked = pair
    session.want(.compareRuns(pair.before, pair.after))
  }

  func place(_ session: Session) -> String { runs.isEmpty ? "" : "\(list.selection + 1)/\(runs.count)" }

  /// The command that prints the same.
  func copyText(_ session: Session) -> String? {
    guard let number = selected?.number else { return nil }
    let folder = session.workspace?.configPath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    let project = folder.map { $0.isEmpty ? "" : " --project \(ShellWord.quoted($0))" } ?? ""
    if (a != nil && b != nil) || isZoomed, let pair {
      return "cortado runs diff \(pair.before) \(pair.after)\(project)"
    }
    return "cortado runs show \(number)\(project)"
  }

  func view(_ session: Session, on canvas: inout Canvas, at time: Duration) { canvas.drawRuns(self, session) }
}

/// A word for a shell.
enum ShellWord {
  static func quoted(_ word: String) -> String {
    let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=:,@%".contains($0)) }
    return plain
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
