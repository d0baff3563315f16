import Diagnostics

/// The command palette: every action that there is here, and commands with words, found by a few letters.
///
/// Empty, it begins with what was used last. Behind the name of a command it lists what may follow.
struct PaletteSheet: Sheet {
  private let actions: [PaletteEntry]
  private(set) var field = TextField()
  private(set) var entries: [PaletteEntry] = []
  private(set) var list = ListState()
  /// The person has gone to an entry: Enter takes that one and not the text.
  private var hasChosen = false
  /// Why the last Enter did nothing.
  private(set) var problem: String?
  /// The theme that is tried.
  private var previewed: String?

  /// - Parameter rows: the actions that can be done here.
  init(_ rows: [KeyRow], _ session: Session) {
    var seen: Set<String> = []
    actions = rows.filter { seen.insert($0.action).inserted && $0.action != SharedAction.palette.rawValue }
      .map { PaletteEntry($0) }
    find(session)
  }

  // MARK: Keys

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch key {
    case .escape, .control("c"), .function(8), .function(10): return close(session)
    case .backspace where field.isEmpty: return close(session)
    case .up, .control("p"): choose(.by(-1))
    case .down, .control("n"): choose(.by(1))
    case .pageUp: choose(.pageUp)
    case .pageDown: choose(.pageDown)
    case .tab: complete(session)
    case .enter: return enter(&session, at: time)
    default:
      if field.handle(key) { changed(session) }
    }
    return preview(session)
  }

  mutating func paste(_ text: String) { field.insert(text) }

  private mutating func choose(_ move: ListState.Move) {
    list.move(move)
    hasChosen = !entries.isEmpty
  }

  private mutating func changed(_ session: Session) {
    problem = nil
    hasChosen = false
    find(session)
    list.move(.first)
  }

  private func close(_ session: Session) -> SheetOutcome {
    guard previewed != nil, let theme = try? session.themes.theme(session.theme) else { return .close }
    return .done([.theme(theme)])
  }

  /// The selected name into the line.
  private mutating func complete(_ session: Session) {
    guard entries.indices.contains(list.selection) else { return }
    take(entries[list.selection])
    changed(session)
  }

  private mutating func take(_ entry: PaletteEntry) {
    switch entry.kind {
    case .action(let name):
      // A command of the same name may go on with words.
      let takesWords = PaletteCommand.find(name).map { $0.rest.isEmpty && !$0.command.usage.isEmpty } ?? false
      field = TextField(takesWords ? name + " " : name)
    case .line(let line): field = TextField(line)
    case .command(let command): field = TextField(command.usage.isEmpty ? command.name : command.name + " ")
    case .candidate(let word):
      guard let found = PaletteCommand.find(field.text) else { return }
      let typed = PaletteWords(found.rest)
      let head = String(field.text.dropLast(found.rest.count - typed.lastStart))
      field = TextField(head + word + " ")
    }
  }

  // MARK: Finding

  /// The command that is typed, once its name is complete.
  private var command: (command: PaletteCommand, words: PaletteWords)? {
    guard let found = PaletteCommand.find(field.text), found.rest.hasPrefix(" ") else { return nil }
    return (found.command, PaletteWords(found.rest))
  }

  private mutating func find(_ session: Session) {
    let text = field.text.trimmed
    if let (command, words) = command {
      let all = command.candidates(words.complete, session).map { PaletteEntry($0) }
      entries = words.last.isEmpty ? all : Self.best(all, for: words.last)
    } else if text.isEmpty {
      entries =
        Self.recent(session, actions) + actions.filter { $0.offReason == nil } + commands(session)
        + actions.filter { $0.offReason != nil }
    } else {
      entries = Self.best(actions + commands(session), for: text)
    }
    list.fit(count: entries.count)
  }

  private func commands(_ session: Session) -> [PaletteEntry] {
    PaletteCommand.all.map { PaletteEntry($0, session) }
  }

  /// Lines used last that mean something here.
  private static func recent(_ session: Session, _ actions: [PaletteEntry]) -> [PaletteEntry] {
    let names = Set(actions.map(\.name))
    return session.memory.palette.filter { names.contains($0) || PaletteCommand.find($0) != nil }.prefix(5)
      .map { PaletteEntry(line: $0) }
  }

  /// The best first; what is off behind what is on, among equals in their order.
  private static func best(_ entries: [PaletteEntry], for text: String) -> [PaletteEntry] {
    let found = entries.enumerated().compactMap { index, entry in
      entry.score(text).map { (entry: entry, score: $0 - (entry.offReason == nil ? 0 : 300), index: index) }
    }
    return found.sorted { $0.score != $1.score ? $0.score > $1.score : $0.index < $1.index }.map(\.entry)
  }

  // MARK: Doing

  private mutating func enter(_ session: inout Session, at time: Duration) -> SheetOutcome {
    problem = nil
    if hasChosen || field.isEmpty, entries.indices.contains(list.selection) {
      let entry = entries[list.selection]
      if case .action(let name) = entry.kind { return perform(name, &session, at: time) }
      take(entry)
      // A command without its words goes on in the line.
      if case .command(let command) = entry.kind, !command.usage.isEmpty {
        changed(session)
        return preview(session)
      }
    }
    let line = field.text.trimmed
    if line.isEmpty { return .stay }
    // `save` is the key's action, `save PREFIX` the command.
    if actions.contains(where: { $0.name == line }) { return perform(line, &session, at: time) }
    if let (command, rest) = PaletteCommand.find(line) { return run(command, rest, line, &session, at: time) }
    // Any other line of the program: it reads it itself.
    let words = PaletteWords(line).all
    if let verb = words.first, session.verbs.contains(verb), words.count > 1 || entries.isEmpty {
      session.memory.note(line: line)
      session.say(.info, "cortado \(line) is run", at: time)
      return .done([.effect(.verb(words))])
    }
    if let best = entries.first, !line.contains(" ") {
      switch best.kind {
      case .action(let name): return perform(name, &session, at: time)
      default:
        take(best)
        changed(session)
        return preview(session)
      }
    }
    let names = actions.map(\.name) + PaletteCommand.all.flatMap { [$0.name] + $0.aliases }
    let word = line.split(separator: " ").first.map(String.init) ?? line
    let near = NearestName.help(line, among: names) + NearestName.help(word, among: names)
    problem = (["there is no command '\(line)'"] + near.prefix(1)).joined(separator: ": ")
    return .stay
  }

  private func perform(_ name: String, _ session: inout Session, at time: Duration) -> SheetOutcome {
    session.memory.note(line: name)
    session.perform(name)
    return .close
  }

  private mutating func run(
    _ command: PaletteCommand, _ rest: String, _ line: String, _ session: inout Session, at time: Duration
  ) -> SheetOutcome {
    if let reason = command.offReason(session) {
      problem = reason
      return .stay
    }
    do {
      let requests = try command.run(PaletteWords(rest).all, &session, time)
      session.memory.note(line: line)
      return .done(requests)
    } catch {
      let first = (error as? any DiagnosticConvertible)?.diagnostics.first
      problem = first.map { ([$0.text] + $0.help).joined(separator: "; ") } ?? "\(error)"
      return .stay
    }
  }

  // MARK: A theme is tried while it is chosen

  private mutating func preview(_ session: Session) -> SheetOutcome {
    let wanted = themeTyped(session)
    guard wanted != previewed, let theme = try? session.themes.theme(wanted ?? session.theme) else { return .stay }
    previewed = wanted
    return .ask([.theme(theme)])
  }

  private func themeTyped(_ session: Session) -> String? {
    guard let (command, words) = command, command.name == PaletteCommand.theme.name, words.complete.isEmpty else {
      return nil
    }
    if hasChosen, entries.indices.contains(list.selection) {
      let name = entries[list.selection].name
      return session.themes.files[name] == nil ? session.configuredTheme : name
    }
    return session.themes.files[words.last] == nil ? nil : words.last
  }

  // MARK: Drawing

  mutating func refresh(_ session: Session) { list.fit(height: max(1, Self.rect(session.size).rows - 5)) }

  private static func rect(_ size: Size) -> Rect {
    Rect(size).centered(columns: min(90, size.columns - 2), rows: min(30, size.rows - 4))
  }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    let (rect, look) = (Self.rect(session.size), session.look)
    canvas.fill(rect, role: .dialog)
    let inner = canvas.drawFrame(rect, title: "Command", isFocused: true, look: look).inset(columns: 1)
    let (top, rest) = inner.splitRows(1)
    let (body, foot) = rest.splitRows(rest.rows - 1)
    canvas.put(":", in: top, role: .key)
    canvas.draw(field, in: top.splitColumns(2).rest, isValid: problem == nil)
    let rows = Rect(column: body.column, row: body.row + 1, columns: body.columns, rows: body.rows - 1)
    if entries.isEmpty {
      canvas.put(command == nil ? look.strings["nothing fits"] : "", in: rows, role: .textDim)
    }
    let isWide = rows.columns >= 70
    canvas.draw(list, in: rows, isActive: hasChosen, look: look) { index, canvas, line in
      draw(entries[index], isWide: isWide, look: look, on: &canvas, in: line)
    }
    drawFoot(on: &canvas, in: foot, look: look)
  }

  private func draw(_ entry: PaletteEntry, isWide: Bool, look: Look, on canvas: inout Canvas, in line: Rect) {
    let isOff = entry.offReason != nil
    let widths = isWide ? (name: 19, keys: 20) : (name: 17, keys: 13)
    if case .line = entry.kind {
      canvas.put(entry.name, in: line, role: .textStrong)
      canvas.put(look.strings["used last"], in: line, indent: 40, role: .textDim, alignment: .trailing)
      return
    }
    if case .candidate = entry.kind {
      canvas.put(TextClip.cut(entry.name, to: 38, keep: .tail), in: line, role: .text)
      canvas.put(entry.help, in: line, indent: 40, role: .textDim)
      return
    }
    canvas.put(TextClip.cut(entry.name, to: widths.name), in: line, role: isOff ? .textDim : .text)
    canvas.put(
      TextClip.cut(entry.keys, to: widths.keys), in: line, indent: widths.name + 1, role: isOff ? .textDim : .key)
    let help = look.strings[entry.help]
    canvas.put(
      entry.offReason.map { look.strings.offNow($0) } ?? help, in: line, indent: widths.name + widths.keys + 2,
      role: isOff ? .textDim : .text)
  }

  private func drawFoot(on canvas: inout Canvas, in line: Rect, look: Look) {
    if let problem {
      canvas.put(problem, in: line, role: .inputBad)
    } else if let (command, _) = command {
      canvas.put([Span(command.title, .key), Span("  \(look.strings[command.help])", .textDim)], in: line)
    } else {
      let words = [("Enter", "do it"), ("Tab", "complete"), ("Esc", "close")]
      canvas.put(
        words.flatMap { [Span($0.0, .key), Span(" \(look.strings[$0.1])  ", .textDim)] }, in: line)
    }
  }
}

extension Screen {
  func paletteSheet(_ session: Session) -> PaletteSheet {
    let rows = keyRows(session)
    let all = rows.own + rows.shared
    // Moves come last: they have keys that everybody knows.
    let moves = Set(MoveAction.allCases.map(\.rawValue))
    return PaletteSheet(all.filter { !moves.contains($0.action) } + all.filter { moves.contains($0.action) }, session)
  }
}
