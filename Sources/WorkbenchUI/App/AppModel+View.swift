import Diagnostics
import QuantEngine

extension AppModel {
  package func view(_ size: Size, at time: Duration) -> Canvas {
    if SplitLayout.isTooSmall(size) { return .tooSmall(size, look: look) }
    var canvas = Canvas(size)
    canvas.draw(chrome(at: time), look: look)
    switch (screen, workspace) {
    case (.log, _): drawLog(on: &canvas)
    case (.run, let workspace): canvas.drawRun(self, workspace, at: time)
    case (.layers, let workspace?): canvas.drawLayers(self, workspace)
    case (.compare, let workspace?): canvas.drawCompare(self, workspace)
    case (_, nil): drawOpening(on: &canvas)
    }
    if let prompt { drawPrompt(prompt.kind, prompt.editor, on: &canvas) }
    switch sheet {
    case .help(let help): canvas.draw(help, look: look)
    case .choice(let choice): canvas.draw(choice, look: look)
    case nil: break
    }
    return canvas
  }

  private func chrome(at time: Duration) -> Chrome {
    let context = context
    var keys = AppKeys.map(screen).rows(in: context)
    keys += AppKeys.everywhere.rows(in: context).filter { $0.action == AppAction.help.rawValue }
    var chrome = Chrome(
      header: header, tabs: AppScreen.allCases.map(\.tab), selectedTab: AppScreen.allCases.firstIndex(of: screen) ?? 0,
      message: toasts.latest(at: time), hint: hint, keys: keys, place: place, facts: facts)
    chrome.hasCommands = false
    return chrome
  }

  private var header: [String] {
    var parts = ["CORTADO  \(title)"]
    guard let workspace else {
      if case .refused = opening { return parts + ["not opened"] }
      return parts + ["reading"]
    }
    if let job, job.isRunning {
      parts.append("run \(job.run): \(RunScreen.summary(job.progress))")
    } else if let last = workspace.last, let comparison = last.comparison {
      parts.append("run \(last.number) done, output cos \(Digits.cosine(comparison.outputCosine))")
      parts.append("\(badCount) under \(PlotNumber.text(threshold))")
    } else {
      parts.append("no run yet")
    }
    if workspace.last != nil, workspace.editCount > 0 {
      parts.append("\(Digits.plural(workspace.editCount, "edit")) not run yet")
    }
    parts.append(workspace.images.map { Digits.plural($0.count, "image") } ?? "no images")
    return parts
  }

  private var hint: String {
    guard let history = workspace?.history, let label = history.undoLabel else { return "" }
    return "\(Digits.plural(history.path(to: history.current).count, "edit")); u undoes: \(label)"
  }

  private var place: String {
    let position: String
    switch screen {
    case .layers: position = cursor.map { "\($0 + 1)/\(workspace?.rows.count ?? 0)" } ?? "net"
    case .run: position = searches.isEmpty ? "" : "\(runList.selection + 1)/\(searches.count)"
    case .compare: position = compared.isEmpty ? "" : "\(compareList.selection + 1)/\(compared.count)"
    case .log: position = log.isEmpty ? "" : "\(logList.selection + 1)/\(log.count)"
    }
    return [screen.name.uppercased(), position].filter { !$0.isEmpty }.joined(separator: "  ")
  }

  private var facts: [String] {
    var parts = terminal
    let isUnsaved = workspace?.isUnsaved ?? false
    parts.append(look.strings.unsaved(isUnsaved ? ["config.json"] : []))
    let running = job.flatMap { $0.isRunning ? "run \($0.run)" : nil } ?? (isStarting ? "starting" : nil)
    parts.append(look.strings.job + (running ?? look.strings.noJob))
    return parts
  }

  private func drawOpening(on canvas: inout Canvas) {
    let inner = canvas.drawFrame(Chrome.body(of: size), title: screen.name, look: look)
    guard case .refused(let diagnostics) = opening else {
      canvas.put("reading \(title)", in: inner, line: 1, indent: 2, role: .textDim)
      return
    }
    canvas.put("The model cannot be opened.", in: inner, line: 1, indent: 2, role: .textStrong)
    let room = Rect(column: inner.column + 2, row: inner.row + 3, columns: inner.columns - 4, rows: inner.rows - 3)
    let lines = diagnostics.flatMap(\.lines).flatMap { TextClip.wrap($0, to: room.columns) }
    for (index, line) in lines.enumerated() {
      canvas.put(line, in: room, line: index, role: line.contains("error:") ? .logError : .text)
    }
    canvas.put([Span("q", .key), Span(" quits", .textDim)], in: room, line: lines.count + 1)
  }

  private func drawLog(on canvas: inout Canvas) {
    let inner = canvas.drawFrame(Chrome.body(of: size), title: "Log", isFocused: true, look: look)
    if log.isEmpty { canvas.put("no message yet", in: inner, line: 1, indent: 2, role: .textDim) }
    // A message that is longer than its line is shown whole below.
    let selected = log.indices.contains(logList.selection) ? log[logList.selection].text : ""
    let whole = CellWidth.of(selected) > inner.columns - 11 ? TextClip.wrap(selected, to: inner.columns) : []
    let (rows, foot) = inner.splitRows(inner.rows - (whole.isEmpty ? 0 : min(5, whole.count + 1)))
    if !whole.isEmpty {
      canvas.drawRule("whole message", in: foot.line(0), look: look)
      for (index, line) in whole.enumerated() { canvas.put(line, in: foot, line: index + 1) }
    }
    canvas.draw(logList, in: rows, look: look) { index, canvas, line in
      let entry = log[index]
      let role: Role = entry.kind == .error ? .logError : entry.kind == .warning ? .logWarn : .logInfo
      canvas.put(Digits.clock(Double(entry.time.components.seconds)), in: line, role: .textDim)
      canvas.put(entry.kind.letter, in: line, indent: 7, role: role)
      canvas.put(entry.text, in: line, indent: 10, role: role)
    }
  }

  private func drawPrompt(_ kind: Prompt, _ editor: FieldEditor, on canvas: inout Canvas) {
    let line = Rect(column: 1, row: size.rows - Chrome.rowsBelow, columns: size.columns - 2, rows: 1)
    canvas.fill(Rect(row: line.row, columns: size.columns, rows: 2))
    let title =
      switch kind {
      case .filter: "filter: "
      case .threshold: "threshold: "
      case .prefix: "write the models of run \(workspace?.last?.number ?? 0) to prefix: "
      }
    let width = canvas.put(title, in: line, role: .key)
    canvas.draw(editor.field, in: line.splitColumns(width).rest, isValid: editor.problem == nil)
    let help = Rect(column: 1, row: line.row + 1, columns: line.columns, rows: 1)
    canvas.put(editor.problem ?? editor.rule.range, in: help, role: editor.problem == nil ? .textDim : .inputBad)
  }
}
