import Diagnostics
import QuantEngine

/// Screen 1: what is open and whether it works, what to do next, and the projects that were open before.
struct HomeScreen: Screen {
  enum Action: String, ActionName, CaseIterable {
    case open = "open-project"
    case check = "check-model"
    case next = "next-step"
    case forget = "forget-project"
  }

  static let tab = Chrome.Tab(key: "1", name: "Home", short: "Hom")
  static let command = (name: "home", help: "the model, its checks and recent projects")
  static let needsModel = false

  static let bindings: [Bound] = moving + own

  private static let own: [Bound] = [
    Bound(.enter, action: .own(.open), help: "open the project under the cursor", footer: "open", offWhen: noProject),
    Bound("n", action: .own(.next), help: "go where the next step is", footer: "next step", offWhen: Off.model),
    running,
    Bound("c", action: .own(.check), help: "try the original net on one batch", footer: "check", offWhen: noCheck),
    Bound(
      "X", action: .own(.forget), help: "take the project off this list; its files stay",
      offWhen: { scene in
        noProject(scene) ?? (scene.screen.isOpen(scene.session) ? "this project is open" : nil)
      }),
    Bound("y", action: .shared(.copy), help: "copy the command that opens the project"),
  ]

  private static func noProject(_ scene: Scene<HomeScreen>) -> String? {
    scene.screen.selected(scene.session) == nil ? "no project was open before" : nil
  }

  private static func noCheck(_ scene: Scene<HomeScreen>) -> String? {
    if let reason = Off.model(scene) { return reason }
    if case .running = scene.screen.check { return "the check is under way" }
    if Off.isBusy(scene) { return "a run is under way" }
    return scene.session.workspace?.images == nil ? "no images: start with --images FOLDER" : nil
  }

  enum Check: Sendable, Equatable {
    case none, running
    case done(ModelCheck)
  }

  private(set) var list = ListState()
  private(set) var check = Check.none
  /// What the project was opened with: why images cannot be used, for one.
  private(set) var warnings: [Diagnostic] = []
  /// How long the model took to open.
  private(set) var opened: Duration?

  func selected(_ session: Session) -> RecentProject? {
    session.memory.projects.indices.contains(list.selection) ? session.memory.projects[list.selection] : nil
  }

  /// The project under the cursor is the one that is open.
  func isOpen(_ session: Session) -> Bool {
    selected(session).map { $0.id == session.project?.id } ?? false
  }

  mutating func perform(_ action: Action, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch action {
    case .open:
      guard let project = selected(session) else { return [] }
      if !isOpen(session) { return session.quit(to: project) }
      session.go(to: LayersScreen.self)
    case .check:
      check = .running
      return [.effect(.check)]
    case .next: NextStep(session)?.go(&session)
    case .forget:
      if let project = selected(session) {
        session.memory.projects.removeAll { $0.id == project.id }
        session.memory.forgotten = (session.memory.forgotten ?? []) + [project.id]
      }
    }
    return []
  }

  mutating func move(_ move: ListState.Move, _ session: inout Session) { list.move(move) }

  mutating func appear(_ session: inout Session) {
    if check == .none, Self.noCheck(Scene(screen: self, session: session)) == nil {
      session.perform(Action.check.rawValue)
    }
  }

  mutating func refresh(_ session: Session) {
    list.fit(
      count: session.memory.projects.count, height: max(1, HomeLayout(session.size, session).recent.rows - 1))
  }

  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch news {
    case .opened(let project):
      warnings = project.warnings
      opened = time
      if session.screen == ScreenID(HomeScreen.self) { appear(&session) }
    case .checked(let found):
      check = .done(found)
      if let problem = found.problem { session.say(problem, at: time) }
      for (blob, count) in found.notFinite.sorted(by: { $0.key < $1.key }) {
        session.say(
          .error, "the original net gives \(Digits.plural(count, "value")) that are not finite in '\(blob)'", at: time)
      }
    default: break
    }
    return []
  }

  func place(_ session: Session) -> String {
    list.count == 0 ? "" : "\(list.selection + 1)/\(list.count)"
  }

  func copyText(_ session: Session) -> String? {
    selected(session).map { project in
      "cd \(ShellWord.quoted(project.folder)) && cortado \(project.words.map(ShellWord.quoted).joined(separator: " "))"
    }
  }

  func view(_ session: Session, on canvas: inout Canvas, at time: Duration) {
    canvas.drawHome(self, session, at: time)
  }
}
