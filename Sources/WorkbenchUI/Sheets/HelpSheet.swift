/// The keys of the screen that is shown.
struct HelpSheet: Sheet {
  private var help: HelpOverlay

  init(_ help: HelpOverlay) { self.help = help }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    help.handle(key) ? .stay : .close
  }

  mutating func refresh(_ session: Session) { help.fit(session.size) }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) { canvas.draw(help, look: session.look) }
}

extension Screen {
  func helpSheet(_ session: Session) -> HelpSheet {
    let rows = keyRows(session)
    return HelpSheet(
      HelpOverlay(
        screen: Self.tab.name,
        sections: [.init(title: Self.tab.name, rows: rows.own), .init(title: "Everywhere", rows: rows.shared)]))
  }
}
