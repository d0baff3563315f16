extension Prompt {
  /// The similarity under which a layer is bad.
  static func threshold(_ session: Session) -> Prompt {
    Prompt(
      "threshold: ", text: PlotNumber.text(session.threshold),
      rule: .number("above 0, below 1") { $0 > 0 && $0 < 1 }
    ) { text, session, _ in
      session.threshold = Double(text) ?? session.threshold
      return []
    }
  }
}
