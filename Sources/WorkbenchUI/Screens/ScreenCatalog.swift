/// The screens there are, in the order of their tabs.
enum ScreenCatalog {
  static let all: [any Screen.Type] = [
    LayersScreen.self,
    RecipeScreen.self,
    RunScreen.self,
    CompareScreen.self,
    TuneScreen.self,
    RunsScreen.self,
    LogScreen.self,
  ]

  /// What is shown first.
  static let start: any Screen.Type = LayersScreen.self
}
