/// Says when to paint: at most 10 frames a second (4 over ssh), and a key pressed after a pause is answered at once.
package struct FramePacer: Sendable {
  package let interval: Duration
  private var lastFrame: Duration?
  private var lastAnswer: Duration?
  private var isDirty = false
  private var answersKey = false

  package init(interval: Duration = .milliseconds(100)) { self.interval = interval }

  /// The pace that suits the environment: 4 frames a second over ssh.
  ///
  /// - Parameter pace: frames a second that the person asks for.
  package static func suited(to environment: [String: String], pace: Int? = nil) -> FramePacer {
    if let pace, pace > 0 { return FramePacer(interval: .nanoseconds(1_000_000_000 / pace)) }
    return FramePacer(interval: environment["SSH_CONNECTION"] == nil ? .milliseconds(100) : .milliseconds(250))
  }

  /// Something changed that may be seen; `key`: because the person did something.
  package mutating func changed(key: Bool) {
    isDirty = true
    answersKey = answersKey || key
  }

  /// When the next frame may be painted; `nil` when there is nothing to paint.
  ///
  /// A key does not wait for the frames that news painted, only for the frames that answered keys.
  package var due: Duration? {
    guard isDirty else { return nil }
    return (answersKey ? lastAnswer : lastFrame).map { $0 + interval } ?? .zero
  }

  package mutating func painted(at time: Duration) {
    lastFrame = time
    if answersKey { lastAnswer = time }
    isDirty = false
    answersKey = false
  }
}
