import Diagnostics

/// The themes inside the binary, from `Themes/`.
package enum BuiltInThemes {
  package static let sources: [(name: String, bytes: [UInt8])] = [
    ("dark", PackageResources.dark_theme), ("light", PackageResources.light_theme),
    ("contrast", PackageResources.contrast_theme), ("cvd-dark", PackageResources.cvd_dark_theme),
    ("cvd-light", PackageResources.cvd_light_theme), ("mono", PackageResources.mono_theme),
    ("terminal", PackageResources.terminal_theme),
  ]

  package static func library() throws(DiagnosticError) -> ThemeLibrary {
    var library = ThemeLibrary()
    for source in sources {
      library.add(
        try ThemeParser.parse(
          String(decoding: source.bytes, as: UTF8.self), file: "\(source.name).theme", defaultName: source.name))
    }
    return library
  }

  /// The theme to use: `mono` without colour, the one asked for, or the colour-blind safe one for the ground.
  package static func choose(asked: String?, depth: ColorDepth, ground: GroundTone?) -> String {
    if depth == .mono { return "mono" }
    return asked ?? (ground == .light ? "cvd-light" : "cvd-dark")
  }
}
