/// What lies over the screen and takes all keys until it is answered: a question, a list, help.
///
/// A sheet is a file of its own in this folder; `session.open(XSheet(...))` shows it.
protocol Sheet: Sendable {
  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome
  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration)

  // Hooks that most sheets do without.

  mutating func paste(_ text: String)
  /// Fits lists to the size and to what changed; called after every event.
  mutating func refresh(_ session: Session)
  /// News from work outside, which `Session` has taken in already.
  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> SheetOutcome
}

extension Sheet {
  mutating func paste(_ text: String) {}
  mutating func refresh(_ session: Session) {}
  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> SheetOutcome { .stay }
}

enum SheetOutcome: Sendable {
  case stay
  case close
  /// Stays, and asks for something.
  case ask([Request<AppEffect>])
  /// Closes, and asks for something.
  case done([Request<AppEffect>])
}

/// A sheet that is a question with several answers.
protocol QuestionSheet: Sheet {
  associatedtype Answer: Sendable

  var question: ChoiceSheet<Answer> { get }
  mutating func take(_ answer: Answer, _ session: inout Session, at time: Duration) -> SheetOutcome
}

extension QuestionSheet {
  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch question.handle(key) {
    case .answer(let answer): take(answer, &session, at: time)
    case .closed: .close
    case .undecided: .stay
    }
  }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    canvas.draw(question, look: session.look)
  }
}

extension Session {
  /// Gives something to the sheet on top; sheets that it opens lie above it.
  mutating func withTopSheet(
    _ body: (inout any Sheet, inout Session) -> SheetOutcome
  ) -> [Request<AppEffect>] {
    guard !sheets.isEmpty else { return [] }
    return withSheet(sheets.count - 1, body)
  }

  /// Lets all sheets hear news.
  mutating func sheetsHear(_ news: AppNews, at time: Duration) -> [Request<AppEffect>] {
    var requests: [Request<AppEffect>] = []
    for index in sheets.indices.reversed() {
      requests += withSheet(index) { $0.hear(news, &$1, at: time) }
    }
    return requests
  }

  private mutating func withSheet(
    _ index: Int, _ body: (inout any Sheet, inout Session) -> SheetOutcome
  ) -> [Request<AppEffect>] {
    var sheet = sheets.remove(at: index)
    switch body(&sheet, &self) {
    case .stay: sheets.insert(sheet, at: index)
    case .ask(let requests):
      sheets.insert(sheet, at: index)
      return requests
    case .close: break
    case .done(let requests): return requests
    }
    return []
  }
}
