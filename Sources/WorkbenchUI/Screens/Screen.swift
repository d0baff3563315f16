/// One of the screens on the keys 1 to 8: its own state, its keys, what they do, and how it looks.
///
/// A screen is a file of its own in this folder and one line in `ScreenCatalog`. What it shares with the others is in
/// `Session`; it keeps only what no other screen needs: lists, focus, order.
protocol Screen: Sendable {
  /// What the screen's own keys do; `NoAction` when the shared ones are enough.
  associatedtype Action: ActionName, CaseIterable

  static var tab: Chrome.Tab { get }
  /// The action that shows the screen: its name, and what help says about it.
  static var command: (name: String, help: String) { get }
  /// Until the model is read, the reason is shown in place of the screen.
  static var needsModel: Bool { get }
  /// The screen's keys in the order of help and footer; they win over the shared ones (`SharedKeys`).
  static var bindings: [Bound] { get }

  init()

  mutating func perform(_ action: Action, _ session: inout Session, at time: Duration) -> [Request<AppEffect>]
  mutating func move(_ move: ListState.Move, _ session: inout Session)
  /// Fits lists to the size, the config, the runs and the cursor; called after every event while the screen is shown.
  mutating func refresh(_ session: Session)
  func view(_ session: Session, on canvas: inout Canvas, at time: Duration)
  /// Where one is, for the status line: `27/168`.
  func place(_ session: Session) -> String
  /// What `y` copies; `nil` when there is nothing.
  func copyText(_ session: Session) -> String?

  // Hooks that most screens do without.

  /// The screen was gone to, also from itself.
  mutating func appear(_ session: inout Session)
  /// News from work outside, whether the screen is shown or not; `Session` has taken them in already.
  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> [Request<AppEffect>]
  /// Work outside that what is shown waits for; asked after every event while the screen is shown.
  mutating func wants(_ session: Session) -> [AppEffect]
  /// Takes a key before the key table does, while text is edited in place; `nil` when it is not.
  mutating func type(_ key: Key, _ session: inout Session, at time: Duration) -> [Request<AppEffect>]?
  mutating func paste(_ text: String)
  /// Keys go into a text that is edited in place.
  var isTyping: Bool { get }
  /// Closes what lies over the screen's first view; false when nothing does, and `q` quits.
  mutating func close(_ session: Session) -> Bool
  /// What is kept for the next session, such as order and filter; and how it is taken up again.
  var memory: [String: String] { get }
  mutating func recall(_ memory: [String: String], _ session: inout Session)
}

extension Screen {
  typealias Bound = Binding<Command<Action>, Scene<Self>>

  static var needsModel: Bool { true }

  mutating func appear(_ session: inout Session) {}
  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] { [] }
  mutating func wants(_ session: Session) -> [AppEffect] { [] }
  mutating func type(_ key: Key, _ session: inout Session, at time: Duration) -> [Request<AppEffect>]? { nil }
  mutating func paste(_ text: String) {}
  var isTyping: Bool { false }
  mutating func close(_ session: Session) -> Bool { false }
  var memory: [String: String] { [:] }
  mutating func recall(_ memory: [String: String], _ session: inout Session) {}
}

/// What decides whether a key works now.
struct Scene<S: Screen>: Sendable {
  let screen: S
  let session: Session
}

/// A screen by its type.
struct ScreenID: Hashable, Sendable {
  let type: any Screen.Type

  init(_ type: any Screen.Type) { self.type = type }

  static func == (a: ScreenID, b: ScreenID) -> Bool { ObjectIdentifier(a.type) == ObjectIdentifier(b.type) }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(type)) }
}

/// For screens without actions of their own.
enum NoAction: ActionName, CaseIterable {
  init?(rawValue: String) { nil }
  var rawValue: String { switch self {} }
}

extension Screen where Action == NoAction {
  mutating func perform(_ action: NoAction, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {}
}
