/// The names that the config file can give keys to.
enum ActionNames {
  /// The actions of each screen, those that all screens share included.
  static let screens: [Set<String>] = ScreenCatalog.all.map { names(of: $0) }

  static let all: [String] = Set(screens.joined()).sorted()

  private static func names<S: Screen>(of type: S.Type) -> Set<String> {
    Set((S.bindings + S.everywhere).map(\.action.rawValue))
  }
}
