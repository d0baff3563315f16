/// Short messages that go by themselves after 6 seconds.
///
/// The log keeps them all.
package struct Toasts: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case info, warning, error

    package var role: Role {
      switch self {
      case .info: .toastInfo
      case .warning: .toastWarn
      case .error: .toastError
      }
    }
    /// Beside the colour, for those who do not see it.
    package var letter: String {
      switch self {
      case .info: "ok"
      case .warning: "?"
      case .error: "!"
      }
    }
  }

  package struct Toast: Equatable, Sendable {
    package let kind: Kind
    package let text: String
    package let until: Duration
  }

  package static let lifetime = Duration.seconds(6)

  private var toasts: [Toast] = []

  package init() {}

  package mutating func show(_ kind: Kind, _ text: String, at time: Duration) {
    expire(at: time)
    toasts.append(Toast(kind: kind, text: text, until: time + Self.lifetime))
  }

  package mutating func expire(at time: Duration) { toasts.removeAll { $0.until <= time } }
  package mutating func clear() { toasts = [] }

  /// The latest that is still to be seen.
  package func latest(at time: Duration) -> Toast? { toasts.last { $0.until > time } }

  /// When something goes, for `WorkbenchModel.nextDeadline`.
  package var nextDeadline: Duration? { toasts.map(\.until).min() }
}
