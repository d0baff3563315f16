import Diagnostics

/// What the model knows of the person and the machine: read from files by the program, before the model begins.
package struct Surroundings: Sendable {
  package var settings = Settings()
  /// What is wrong in the files below; told in the log.
  package var problems: [Diagnostic] = []
  package var state = WorkbenchState()
  package var themes = ThemeLibrary()
  /// The theme in use; empty where nobody asks.
  package var theme = ""
  /// The theme for this terminal when none is asked for.
  package var defaultTheme = ""
  /// The project that is opened; `nil`: none, only Home is there.
  package var project: RecentProject?
  /// Bytes of net and weights.
  package var modelBytes = 0
  /// Home is shown first, unless another screen is remembered.
  package var startsAtHome = false
  /// First words of command lines that the program takes.
  package var verbs: [String] = []
  /// False: no model was named, Home lists the projects.
  package var hasModel = true

  package init() {}
}
