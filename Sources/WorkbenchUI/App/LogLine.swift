import QuantEngine

/// How much a line of the log matters.
enum LogLevel: String, CaseIterable, Comparable, Sendable {
  case debug, info, warning, error

  init(_ kind: Toasts.Kind) {
    switch kind {
    case .info: self = .info
    case .warning: self = .warning
    case .error: self = .error
    }
  }

  static func < (a: LogLevel, b: LogLevel) -> Bool { a.rank < b.rank }
  private var rank: Int { LogLevel.allCases.firstIndex(of: self) ?? 0 }

  /// The level after this one; behind the last comes the first.
  var next: LogLevel { LogLevel.allCases[(rank + 1) % LogLevel.allCases.count] }

  var letter: String {
    switch self {
    case .debug: "."
    case .info: "ok"
    case .warning: "?"
    case .error: "!"
    }
  }

  var role: Role {
    switch self {
    case .debug: .logDebug
    case .info: .logInfo
    case .warning: .logWarn
    case .error: .logError
    }
  }
}

/// One line of the log.
struct LogLine: Equatable, Sendable {
  /// Older lines go when there are more.
  static let limit = 20_000

  var time: Duration
  var level: LogLevel
  var text: String

  /// The layer that the line is about: the first word that is the name of one.
  func layer(in workspace: Workspace) -> Int? {
    // A name may hold any sign but a space; what a sentence puts around it is taken off.
    let around: Set<Character> = ["'", "\"", ":", ",", ";", ".", "(", ")"]
    for word in text.split(separator: " ") {
      if let row = workspace.index(of: String(word)) { return row }
      var bare = word
      while let first = bare.first, around.contains(first) { bare.removeFirst() }
      while let last = bare.last, around.contains(last) { bare.removeLast() }
      if !bare.isEmpty, let row = workspace.index(of: String(bare)) { return row }
    }
    return nil
  }

  /// A line as a file has it.
  func fileText(epoch: Double) -> String {
    let seconds = Digits.fixed(epoch + Double(time.components.seconds), 0)
    return "\(seconds) \(level.rawValue.uppercased()) \(text)"
  }

  /// What a run's event says in detail; `nil` for events that are only progress.
  static func text(of event: JobEvent) -> String? {
    let layer = event.layer ?? ""
    switch event.kind {
    case .stage: return event.stage.map { "stage \($0.rawValue)" }
    case .found:
      func number(_ value: Float) -> String { PlotNumber.text(Double(value)) }
      var words = ["\(layer): found"]
      if let scale = event.scale { words.append("scale \(number(scale))") }
      if let low = event.clipMin, let high = event.clipMax { words.append("clip \(number(low)) .. \(number(high))") }
      return words.joined(separator: " ")
    case .reused: return "\(layer): reused"
    default: return nil
    }
  }
}
