import Diagnostics
import QuantEngine
import Quantization

extension AppModel {
  var context: AppContext {
    var context = AppContext()
    context.hasModel = workspace != nil
    context.hasImages = workspace?.images != nil
    context.hasRun = workspace?.last != nil
    context.isRunning = isStarting || job?.isRunning == true
    context.isUnsaved = workspace?.isUnsaved ?? false
    context.undo = workspace?.history.undoLabel
    context.redo = workspace?.history.redoLabel
    context.hasField = selectedField != nil
    if let row = selectedRow {
      if let host = row.fusedInto {
        context.layerOff = "\(row.name) is fused into \(host): change that one"
      } else if !row.isQuantizable {
        context.layerOff = "a \(row.type) layer is never quantised: it has no settings"
      }
    } else {
      context.layerOff = "this line is the whole net: choose a layer"
    }
    return context
  }

  mutating func press(_ key: Key, at time: Duration) -> [Request<AppEffect>] {
    if SplitLayout.isTooSmall(size) {
      return key == .character("q") || key == .function(10) || key == .control("c") ? quit(at: time) : []
    }
    if sheet != nil { return pressInSheet(key, at: time) }
    if prompt != nil { return pressInPrompt(key, at: time) }
    if editor != nil { return pressInEditor(key, at: time) }
    if key != .control("c") { lastInterrupt = nil }
    let context = context
    var found = AppKeys.map(screen).lookup(key, in: context)
    if found == .unbound { found = AppKeys.everywhere.lookup(key, in: context) }
    switch found {
    case .action(let action): return perform(action, at: time)
    case .off(let action, let reason):
      // The line of the whole net has fields, though it is no layer.
      if action == .reset, focus == .detail, selectedField != nil { return perform(action, at: time) }
      say(.warning, reason, at: time)
    case .unbound: break
    }
    return []
  }

  private mutating func perform(_ action: AppAction, at time: Duration) -> [Request<AppEffect>] {
    switch action {
    case .down: move(.by(1))
    case .up: move(.by(-1))
    case .first: move(.first)
    case .last: move(.last)
    case .pageDown: move(.pageDown)
    case .pageUp: move(.pageUp)
    case .halfPageDown: move(.halfPageDown)
    case .halfPageUp: move(.halfPageUp)
    case .open: open(at: time)
    case .back: back()
    case .pane: if screen == .layers { focus = focus == .list ? .detail : .list }
    case .layers: go(.layers)
    case .runScreen: go(.run)
    case .compare: go(.compare)
    case .compareResult:
      go(.compare)
      setOrder(.worst)
    case .log: go(.log)
    case .filter: prompt = (.filter, FieldEditor(text: filter.source, rule: Self.filterRule))
    case .threshold:
      let rule = FieldRule.number("above 0, below 1") { $0 > 0 && $0 < 1 }
      prompt = (.threshold, FieldEditor(text: PlotNumber.text(threshold), rule: rule))
    case .write: prompt = (.prefix, FieldEditor(text: workspace?.stem ?? "", rule: Self.prefixRule))
    case .order:
      setOrder(Order.allCases[((Order.allCases.firstIndex(of: order) ?? 0) + 1) % Order.allCases.count])
    case .nextBad: moveToBad(1, at: time)
    case .previousBad: moveToBad(-1, at: time)
    case .toggle: toggle(at: time)
    case .bits: cycleBits(at: time)
    case .reset: reset(at: time)
    case .inherit: setField(to: inheritWord, at: time)
    case .flip: flipField(at: time)
    case .more: stepField(1, at: time)
    case .less: stepField(-1, at: time)
    case .undo: undo(at: time)
    case .redo: redo(at: time)
    case .save: return save(at: time)
    case .run: openStartSheet(at: time)
    case .cancel: askCancel()
    case .follow:
      isFollowing.toggle()
      followActive()
    case .failedOnly:
      failedOnly.toggle()
      fitLists()
    case .copy: return copy(at: time)
    case .help: openHelp()
    case .quit: return quit(at: time)
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    case .interrupt:
      if let last = lastInterrupt, time - last < .seconds(2) { return quit(at: time) }
      lastInterrupt = time
      say(.info, "Ctrl-C again quits", at: time)
    }
    return []
  }

  // MARK: Moving

  mutating func go(_ to: AppScreen) {
    screen = to
    if to == .log { logList.move(.last) }
    refreshLists()
  }

  /// A ranking is asked for its head, so the cursor goes there; network order keeps the layer.
  private mutating func setOrder(_ new: Order) {
    order = new
    refreshLists()
    guard new != .network, let first = compared.first else { return }
    cursor = first
    detail = ListState()
    placeCursor()
  }

  private mutating func move(_ move: ListState.Move) {
    switch screen {
    case .layers where focus == .detail: moveField(move)
    case .layers:
      list.move(move)
      if shown.indices.contains(list.selection) { cursor = shown[list.selection] }
      detail = ListState()
      placeCursor()
    case .compare:
      compareList.move(move)
      if compared.indices.contains(compareList.selection) { cursor = compared[compareList.selection] }
      detail = ListState()
      placeCursor()
    case .run:
      isFollowing = false
      runList.move(move)
      if searches.indices.contains(runList.selection) {
        cursor = workspace?.index(of: searches[runList.selection].layer) ?? cursor
      }
      placeCursor()
    case .log: logList.move(move)
    }
  }

  private mutating func moveToBad(_ step: Int, at time: Duration) {
    guard let workspace else { return }
    let order = screen == .compare ? compared : workspace.rows.map(\.index)
    let bad = order.enumerated().filter { _, row in
      guard let metric = workspace.metrics[workspace.rows[row].name] else { return false }
      return !(metric.cosine >= threshold)
    }
    let now = cursor.flatMap { order.firstIndex(of: $0) } ?? -1
    let next = step > 0 ? bad.first { $0.offset > now } : bad.last { $0.offset < now }
    guard let next else {
      say(
        .info, bad.isEmpty ? "no layer is under \(PlotNumber.text(threshold))" : "no more in this direction", at: time)
      return
    }
    cursor = next.element
    detail = ListState()
    placeCursor()
  }

  private mutating func open(at time: Duration) {
    switch screen {
    case .layers where focus == .list: focus = .detail
    case .layers: editField(at: time)
    case .run: break
    case .compare:
      focus = .detail
      go(.layers)
    case .log: break
    }
    fitDetail()
  }

  private mutating func back() {
    switch screen {
    case .layers where focus == .detail: focus = .list
    case .layers:
      filter = .everything
      refreshLists()
    default: go(.layers)
    }
  }

  mutating func followActive() {
    fitLists()
    guard isFollowing, let at = searches.lastIndex(where: { $0.state != .waiting }) else { return }
    runList.move(.to(at))
  }

  // MARK: Prompts

  static let filterRule = FieldRule(range: "text, name:res3*, type:Conv, state:F, bits>8, chain<.99, mac>2, !term") {
    text, _ in
    do {
      _ = try FilterExpression(parsing: text)
      return nil
    } catch { return (error as? any DiagnosticConvertible)?.diagnostics.first?.text ?? "\(error)" }
  }

  private static let prefixRule = FieldRule(range: "PREFIX_deploy_model.prototxt and the others") { text, strings in
    text.isEmpty ? strings.empty : text.hasSuffix("/") ? "a name must follow the folder" : nil
  }

  private mutating func pressInPrompt(_ key: Key, at time: Duration) -> [Request<AppEffect>] {
    guard let kind = prompt?.kind, let outcome = prompt?.editor.handle(key) else { return [] }
    switch outcome {
    case .editing, .ignored: promptChanged()
    case .cancelled:
      prompt = nil
      if kind == .filter {
        filter = .everything
        refreshLists()
      }
    case .accepted(let text):
      prompt = nil
      switch kind {
      case .filter: if shown.isEmpty { say(.warning, "the filter '\(text)' finds nothing: Esc clears it", at: time) }
      case .threshold:
        threshold = Double(text) ?? threshold
        refreshLists()
      case .prefix:
        if let run = workspace?.last?.number {
          return [.effect(.export(run: run, prefix: text, overwriting: false))]
        }
      }
    }
    return []
  }

  /// A filter works while it is typed.
  mutating func promptChanged() {
    guard let prompt, prompt.kind == .filter else { return }
    if let parsed = try? FilterExpression(parsing: prompt.editor.field.text) { filter = parsed }
    refreshLists()
    // The cursor stays on a row that is shown.
    if !shown.isEmpty, !shown.contains(cursor) {
      cursor = shown[min(list.selection, shown.count - 1)]
      placeCursor()
    }
  }

  // MARK: Sheets

  private mutating func openHelp() {
    let context = context
    let own = AppKeys.map(screen)
    let taken = Set(own.bindings.flatMap(\.keys))
    let shared = AppKeys.everywhere.rows(in: context).filter { !$0.keys.allSatisfy(taken.contains) }
    var help = HelpOverlay(
      screen: screen.name,
      sections: [
        .init(title: screen.name, rows: own.rows(in: context)), .init(title: "Everywhere", rows: shared),
      ])
    help.fit(size)
    sheet = .help(help)
  }

  private mutating func pressInSheet(_ key: Key, at time: Duration) -> [Request<AppEffect>] {
    switch sheet {
    case .help(var help): sheet = help.handle(key) ? .help(help) : nil
    case .choice(let choice):
      switch choice.handle(key) {
      case .answer(let answer): return take(answer, at: time)
      case .closed: sheet = nil
      case .undecided: break
      }
    case nil: break
    }
    return []
  }

  private func copyText() -> String? {
    switch screen {
    case .layers: return selectedField.map { "\($0.path) = \($0.text)" } ?? selectedRow?.name
    case .compare:
      return selectedRow.map { row in
        row.name + (workspace?.metrics[row.name].map { " " + Digits.cosine($0.cosine) } ?? "")
      }
    case .run: return searches.indices.contains(runList.selection) ? searches[runList.selection].layer : nil
    case .log: return log.indices.contains(logList.selection) ? log[logList.selection].text : nil
    }
  }

  private mutating func copy(at time: Duration) -> [Request<AppEffect>] {
    guard let text = copyText() else { return [] }
    say(.info, "copied: \(text)", at: time)
    return [.copy(text)]
  }
}
