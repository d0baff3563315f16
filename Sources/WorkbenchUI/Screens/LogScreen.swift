/// Screen 8: all messages, from the level that is asked for on.
struct LogScreen: Screen {
  enum Action: String, ActionName, CaseIterable {
    case level, filter, follow, wrap
    case goToLayer = "go-to-layer"
    case fileLevel = "file-level"
    case saveLog = "save-log"
    case showAll = "show-all"
  }

  static let tab = Chrome.Tab(key: "8", name: "Log", short: "Log")
  static let command = (name: "log", help: "all messages")
  static let needsModel = false

  static let bindings: [Bound] = moving + own

  private static let own: [Bound] = [
    Bound(
      .enter, action: .own(.goToLayer), help: "go to the layer of the line", footer: "layer", offWhen: noLayer),
    Bound("/", action: .own(.filter), help: "only lines with these words", footer: "filter"),
    Bound("l", action: .own(.level), help: "lowest level shown: debug, info, warning, error", footer: "level"),
    Bound("L", action: .own(.fileLevel), help: "lowest level written to a file"),
    Bound("f", action: .own(.follow), help: "stay at the end", footer: "follow"),
    Bound("W", action: .own(.wrap), help: "long lines whole, or cut", footer: "wrap"),
    Bound("s", action: .own(.saveLog), help: "write the log to a file", footer: "to file"),
    running,
    Bound(.escape, action: .own(.showAll), help: "clear the filter; back to the layers"),
    Bound("y", action: .shared(.copy), help: "copy the line", footer: "copy"),
  ]

  private static func noLayer(_ scene: Scene<LogScreen>) -> String? {
    if let reason = Off.model(scene) { return reason }
    return scene.screen.layer(scene.session) == nil ? "this line is about no layer" : nil
  }

  private(set) var list = ListState()
  var screenLevel = LogLevel.info
  var fileLevel = LogLevel.debug
  private(set) var words = ""
  private(set) var isFollowing = true
  private(set) var isWrapped = false
  /// Lines that are shown, and which part of them: without wrapping each is one row.
  private(set) var rows: [Row] = []
  /// What `rows` was made from.
  private var made: Source?

  struct Row: Equatable, Sendable {
    /// Index in the session's log.
    var line: Int
    var text: String
    var isFirst: Bool
  }

  private struct Source: Equatable, Sendable {
    var count, dropped: Int
    var level: LogLevel
    var words: String
    var width: Int?
  }

  mutating func perform(_ action: Action, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch action {
    case .level: screenLevel = screenLevel.next
    case .fileLevel:
      fileLevel = fileLevel.next
      session.say(.info, "files get lines from \(fileLevel.rawValue) on", at: time)
    case .filter: session.ask(.logFilter(words))
    case .follow:
      isFollowing.toggle()
      if isFollowing { list.move(.last) }
    case .wrap: isWrapped.toggle()
    case .saveLog: session.ask(.saveLog(text(session)))
    case .goToLayer: if let row = layer(session) { session.go(toLayer: row) }
    case .showAll: if words.isEmpty { session.go(to: LayersScreen.self) } else { show(only: "", session) }
    }
    return []
  }

  mutating func move(_ move: ListState.Move, _ session: inout Session) {
    list.move(move)
    isFollowing = list.selection >= list.count - 1
  }

  /// Only lines with all these words; `layer` names count as words.
  mutating func show(only words: String, _ session: Session) {
    self.words = words
    refresh(session)
    list.move(.last)
  }

  mutating func appear(_ session: inout Session) {
    refresh(session)
    isFollowing = true
    list.move(.last)
  }

  mutating func refresh(_ session: Session) {
    let width = isWrapped ? max(20, session.body.columns - 13) : nil
    let source = Source(
      count: session.log.count, dropped: session.logDropped, level: screenLevel, words: words, width: width)
    if source != made {
      made = source
      rows = rows(session, width: width)
    }
    list.fit(count: rows.count, height: max(1, session.body.rows - 2 - footRows(session)))
    if isFollowing { list.move(.last) }
  }

  private func rows(_ session: Session, width: Int?) -> [Row] {
    let wanted = words.lowercased().split(separator: " ")
    var rows: [Row] = []
    for (index, line) in session.log.enumerated() where line.level >= screenLevel {
      if !wanted.isEmpty {
        let text = line.text.lowercased()
        guard wanted.allSatisfy({ text.contains($0) }) else { continue }
      }
      if let width {
        for (part, text) in TextClip.wrap(line.text, to: width).enumerated() {
          rows.append(Row(line: index, text: text, isFirst: part == 0))
        }
      } else {
        rows.append(Row(line: index, text: line.text, isFirst: true))
      }
    }
    return rows
  }

  func selected(_ session: Session) -> LogLine? {
    guard rows.indices.contains(list.selection) else { return nil }
    let index = rows[list.selection].line
    return session.log.indices.contains(index) ? session.log[index] : nil
  }

  private func layer(_ session: Session) -> Int? {
    guard let workspace = session.workspace else { return nil }
    return selected(session)?.layer(in: workspace)
  }

  /// The whole log from the file level on.
  private func text(_ session: Session) -> String {
    session.log.filter { $0.level >= fileLevel }.map { $0.fileText(epoch: session.epoch) + "\n" }.joined()
  }

  func place(_ session: Session) -> String {
    rows.isEmpty ? screenLevel.rawValue : "\(list.selection + 1)/\(rows.count)  \(screenLevel.rawValue)"
  }

  func copyText(_ session: Session) -> String? { selected(session)?.text }

  /// Rows for a line that is longer than its row: it is shown whole below.
  func footRows(_ session: Session) -> Int {
    let count = whole(session).count
    return count == 0 ? 0 : min(5, count + 1)
  }

  func whole(_ session: Session) -> [String] {
    guard !isWrapped, let text = selected(session)?.text else { return [] }
    let columns = session.body.columns - 2
    return CellWidth.of(text) > columns - 11 ? TextClip.wrap(text, to: columns) : []
  }

  func view(_ session: Session, on canvas: inout Canvas, at time: Duration) { canvas.drawLog(self, session) }
}
