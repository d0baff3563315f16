/// The screens there are, in the order of their tabs.
enum ScreenCatalog {
  static let all: [any Screen.Type] = [
    HomeScreen.self,
    LayersScreen.self,
    RecipeScreen.self,
    RunScreen.self,
    CompareScreen.self,
    TuneScreen.self,
    RunsScreen.self,
    LogScreen.self,
  ]

  /// What is shown first, unless the surroundings say otherwise.
  static let start: any Screen.Type = LayersScreen.self
}
