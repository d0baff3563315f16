import Quantization

/// What the keys of the layers do.
extension LayersScreen {
  mutating func perform(_ action: Action, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch action {
    case .open: open(&session, at: time)
    case .back: back(&session)
    case .fold: fold(&session)
    case .unfold: unfold(&session, at: time)
    case .pane: detail.hasFocus.toggle()
    case .filter: session.ask(.filter(filter))
    case .sort: sort(by: rows.order.next, &session)
    case .view: show(rows.view.next, &session)
    case .compare: session.go(to: CompareScreen.self)
    case .threshold: session.ask(.threshold(session))
    case .mark: mark(&session, at: time)
    case .range: markRange(&session, at: time)
    case .markAll: markAll(&session, at: time)
    case .unmark:
      session.say(.info, "\(Digits.plural(session.marks.count, "mark")) cleared", at: time)
      session.marks = []
    case .again: session.repeatChange(at: time)
    case .paste: if let sheet = PasteSheet(session) { session.open(sheet) }
    case .diff: if let sheet = LayerDiffSheet(session) { session.open(sheet) }
    case .reset:
      if detail.selectedField(session) != nil {
        detail.reset(&session, at: time)
      } else {
        session.resetLayer(at: time)
      }
    case .inherit: detail.set(inheritWord, &session, at: time)
    case .more: detail.step(1, &session, at: time)
    case .less: detail.step(-1, &session, at: time)
    case .nextMatch: goToMatch(1, &session, at: time)
    case .previousMatch: goToMatch(-1, &session, at: time)
    case .branchStart: follow({ $0.branchStart(of: $1) }, &session, at: time)
    case .branchEnd: follow({ $0.branchEnd(of: $1) }, &session, at: time)
    case .nextBad: session.moveToBad(1, among: session.workspace?.rows.map(\.index) ?? [], at: time)
    case .previousBad: session.moveToBad(-1, among: session.workspace?.rows.map(\.index) ?? [], at: time)
    }
    return []
  }

  // MARK: Opening

  private mutating func open(_ session: inout Session, at time: Duration) {
    if detail.hasFocus { return detail.edit(&session, at: time) }
    if let group = session.group { return toggleFold(group, &session) }
    if let host = session.selectedRow?.fusedInto, let row = session.workspace?.index(of: host) {
      session.cursor = row
      session.say(.info, "this layer is fused into \(host): here are its settings", at: time)
      return
    }
    detail.hasFocus = true
  }

  /// One step back each time: pane, range, filter, order.
  private mutating func back(_ session: inout Session) {
    if detail.hasFocus {
      detail.hasFocus = false
      if let cameFrom { session.show(cameFrom) }
    } else if rangeStart != nil {
      rangeStart = nil
    } else if !filter.isEmpty {
      rows.filter = .everything
    } else {
      rows.order = .network
    }
  }

  private mutating func fold(_ session: inout Session) {
    if detail.hasFocus {
      detail.hasFocus = false
    } else if rows.isTree, let workspace = session.workspace {
      // An open group folds; from a layer or a folded group to the group around it.
      if let group = session.group, !rows.folded.contains(group.prefix) { return toggleFold(group, &session) }
      guard let row = session.cursor, let around = rows.group(around: row, session.group, workspace.tree) else {
        return
      }
      session.cursor = around.rows.first
      session.group = around
      if session.group != nil, !rows.folded.contains(around.prefix) { toggleFold(around, &session) }
    } else if rows.view == .neighbourhood, let centre = rows.goBack() {
      session.cursor = centre
    }
  }

  private mutating func unfold(_ session: inout Session, at time: Duration) {
    if detail.hasFocus { return }
    if let group = session.group {
      if rows.folded.contains(group.prefix) { toggleFold(group, &session) }
    } else if rows.view == .neighbourhood, rows.order == .network, let row = session.cursor, row != rows.centre {
      rows.goTo(row)
    } else {
      open(&session, at: time)
    }
  }

  private mutating func toggleFold(_ group: LayerTree.Group, _ session: inout Session) {
    if rows.folded.remove(group.prefix) == nil { rows.folded.insert(group.prefix) }
  }

  mutating func sort(by order: LayerOrder, _ session: inout Session) {
    rows.order = order
    refresh(session)
    // A ranking is asked for its head; network order keeps the layer.
    guard order != .network, rows.shown.count > 0 else { return }
    list.move(.to(0))
    takeCursor(&session)
  }

  mutating func show(_ view: LayerView, _ session: inout Session) {
    rows.view = view
    if view == .neighbourhood { rows.goTo(session.cursor ?? 0) }
    session.group = nil
  }

  // MARK: Marks

  private mutating func mark(_ session: inout Session, at time: Duration) {
    if detail.hasFocus { return detail.flip(&session, at: time) }
    if rangeStart != nil { return markRange(&session, at: time) }
    let names = names(of: list.selection..<(list.selection + 1), session)
    if names.isEmpty { return session.say(.info, "the line of the whole net cannot be marked", at: time) }
    if names.allSatisfy(session.marks.contains) {
      session.marks.subtract(names)
    } else {
      session.marks.formUnion(names)
    }
    move(.by(1), &session)
  }

  private mutating func markRange(_ session: inout Session, at time: Duration) {
    guard let start = rangeStart else {
      if detail.hasFocus { detail.hasFocus = false }
      rangeStart = list.selection
      session.say(.info, "range: move to its end, V marks it, Esc does not", at: time)
      return
    }
    rangeStart = nil
    let names = names(of: min(start, list.selection)..<(max(start, list.selection) + 1), session)
    session.marks.formUnion(names)
    session.say(.info, "marked \(Digits.plural(names.count, "layer")), \(session.marks.count) in all", at: time)
  }

  private mutating func markAll(_ session: inout Session, at time: Duration) {
    let names = names(of: 0..<rows.shown.count, session)
    session.marks.formUnion(names)
    session.say(.info, "marked \(Digits.plural(names.count, "layer")), \(session.marks.count) in all", at: time)
  }

  /// The layers of rows of the list; a group stands for those in it that the filter finds.
  private func names(of range: Range<Int>, _ session: Session) -> [String] {
    guard let workspace = session.workspace else { return [] }
    var names: [String] = []
    for index in range.clamped(to: 0..<rows.shown.count) {
      switch rows.shown[index] {
      case .net: break
      case .layer(let row): names.append(workspace.rows[row].name)
      case .group(let number):
        names += workspace.tree.groups[number].rows.filter { rows.finds($0, session, workspace) }.map {
          workspace.rows[$0].name
        }
      }
    }
    return names
  }

  // MARK: Going about

  private mutating func goToMatch(_ step: Int, _ session: inout Session, at time: Duration) {
    guard let workspace = session.workspace else { return }
    let all = rows.order.sorted(workspace.rows.map(\.index), workspace)
    let now = session.cursor.flatMap { all.firstIndex(of: $0) } ?? (step > 0 ? -1 : all.count)
    let ahead = step > 0 ? Array(all.suffix(from: min(all.count, now + 1))) : all.prefix(max(0, now)).reversed()
    let next = ahead.first { row in
      lastFilter.matches(LayerItem(row: workspace.rows[row], workspace: workspace, threshold: session.threshold))
    }
    guard let next else {
      return session.say(.info, "no more layer for '\(lastFilter.source)' in this direction", at: time)
    }
    session.cursor = next
  }

  private mutating func follow(
    _ way: (LayerLinks, Int) -> Int, _ session: inout Session, at time: Duration
  ) {
    guard let workspace = session.workspace, let row = session.cursor else { return }
    let next = way(workspace.links, row)
    if next == row { return session.say(.info, "the net goes no further here", at: time) }
    session.cursor = next
  }
}
