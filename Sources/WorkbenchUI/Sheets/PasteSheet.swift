import QuantEngine

/// Which layer's settings to paste: the one copied last is at hand, any other can be found by its name.
struct PasteSheet: Sheet {
  private let title: String
  private(set) var picks: PickList

  /// `nil` when there is no other layer with settings.
  init?(_ session: Session) {
    guard let workspace = session.workspace else { return nil }
    let targets = Set(session.targets.map(\.name))
    let items = workspace.rows.filter { row in
      row.isQuantizable && row.fusedInto == nil && !(targets.count == 1 && targets.contains(row.name))
    }.map { row in
      let isCopied = row.name == session.copiedLayer
      return PickList.Item(
        name: row.name, note: "\(row.type)  \(workspace.bitsText(row))" + (isCopied ? "  copied last" : ""))
    }
    guard !items.isEmpty else { return nil }
    let target = session.marks.isEmpty ? targets.first ?? "" : Digits.plural(session.marks.count, "marked layer")
    title = "Paste settings to \(target) from"
    picks = PickList(items, at: session.copiedLayer)
  }

  private static func rect(_ size: Size) -> Rect {
    Rect(size).centered(columns: min(72, size.columns - 4), rows: size.rows - 4)
  }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch picks.handle(key) {
    case .stay: return .stay
    case .close: return .close
    case .accept:
      if let source = picks.selected?.name { session.paste(from: source, at: time) }
      return .close
    }
  }

  mutating func paste(_ text: String) { picks.paste(text) }
  mutating func refresh(_ session: Session) { picks.fit(height: max(1, Self.rect(session.size).rows - 6)) }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    let rect = Self.rect(session.size)
    canvas.fill(rect, role: .dialog)
    let inner = canvas.drawFrame(rect, title: Words(title), isFocused: true, look: session.look).inset(columns: 1)
    canvas.draw(picks, verb: "paste", in: inner, look: session.look)
  }
}
