import Diagnostics

/// A theme with everything it inherits: a look for every role.
package struct Theme: Sendable {
  package struct Look: Hashable, Sendable {
    package var foreground: ThemeColor?
    package var background: ThemeColor?
    package var attributes: Attributes = []
  }

  package let name: String
  /// The theme's name, then those of the themes it inherits.
  package let lineage: [String]
  package let looks: [Role: Look]

  /// The styles at a colour depth.
  package func styles(at depth: ColorDepth) -> StyleTable { StyleTable(self, depth: depth) }
}

/// The style of each role, and of each role under an overlay, at one colour depth.
package struct StyleTable: Equatable, Sendable {
  package let theme: String
  package let depth: ColorDepth
  private let styles: [Style]
  private let overlays: [Overlay]

  private struct Overlay: Equatable, Sendable {
    var foreground, background: Color?
    var attributes: Attributes
  }

  init(_ theme: Theme, depth: ColorDepth) {
    self.theme = theme.name
    self.depth = depth
    let ground = theme.looks[.text] ?? Theme.Look()
    var styles: [Style] = []
    var overlays: [Overlay] = []
    for role in Role.allCases {
      let look = theme.looks[role] ?? ground
      styles.append(
        Style(
          foreground: (look.foreground ?? ground.foreground)?.color(at: depth) ?? .default,
          background: (look.background ?? ground.background)?.color(at: depth) ?? .default,
          attributes: look.attributes))
      overlays.append(
        Overlay(
          foreground: look.foreground?.color(at: depth), background: look.background?.color(at: depth),
          attributes: look.attributes))
    }
    self.styles = styles
    self.overlays = overlays
  }

  /// The style of a role; where an overlay says a colour, that one; attributes of both.
  ///
  /// Reverse over reverse is not reverse, and bold: a bad value stays visible under a reversed cursor line.
  package func style(_ role: Role, under overlay: Role? = nil) -> Style {
    var style = styles[Int(role.rawValue)]
    guard let overlay else { return style }
    let over = overlays[Int(overlay.rawValue)]
    if let color = over.foreground { style.foreground = color }
    if let color = over.background { style.background = color }
    if style.attributes.contains(.reverse), over.attributes.contains(.reverse) {
      style.attributes = style.attributes.union(over.attributes).subtracting(.reverse).union(.bold)
    } else {
      style.attributes.formUnion(over.attributes)
    }
    return style
  }
}

/// The themes that can be chosen, by name.
package struct ThemeLibrary: Sendable {
  package private(set) var files: [String: ThemeFile] = [:]

  package init(_ files: [ThemeFile] = []) { for file in files { add(file) } }

  /// Adds a theme; one of the same name is replaced, so a user's `dark` stands in for the built-in one.
  package mutating func add(_ file: ThemeFile) { files[file.name] = file }

  package var names: [String] { files.keys.sorted() }

  /// - Throws: for an unknown theme or palette name, and for themes that inherit each other.
  package func theme(_ name: String) throws(DiagnosticError) -> Theme {
    let chain = try lineage(of: name)
    var palette: [String: ThemeColor] = [:]
    var roles: [Role: ThemeFile.Look] = [:]
    for file in chain.reversed() {
      palette.merge(file.palette) { $1 }
      roles.merge(file.roles) { $1 }
    }
    var log = DiagnosticLog()
    func color(_ reference: ThemeFile.ColorReference?) -> ThemeColor? {
      switch reference {
      case nil: return nil
      case .color(let color): return color
      case .palette(let name, let place):
        if let color = palette[name] ?? ThemeColor(word: name) { return color }
        log.add(
          .error(
            "unknown colour '\(name)'", at: place,
            help: NearestName.help(name, among: palette.keys.sorted() + RGB.ansiNames)))
        return nil
      }
    }
    var looks: [Role: Theme.Look] = [:]
    for role in Role.allCases {
      guard let look = roles[role] else { continue }
      looks[role] = Theme.Look(
        foreground: color(look.foreground), background: color(look.background), attributes: look.attributes)
    }
    try log.throwIfErrors()
    return Theme(name: name, lineage: chain.map(\.name), looks: looks)
  }

  /// The theme's file, then those it inherits.
  private func lineage(of name: String) throws(DiagnosticError) -> [ThemeFile] {
    guard let first = files[name] else {
      throw DiagnosticError("there is no theme '\(name)'", help: unknownHelp(name))
    }
    var chain = [first]
    while let parent = chain[chain.count - 1].inherits {
      guard let file = files[parent.name] else {
        throw DiagnosticError(
          "there is no theme '\(parent.name)' to inherit", at: parent.location, help: unknownHelp(parent.name))
      }
      if chain.contains(where: { $0.name == file.name }) {
        throw DiagnosticError("theme '\(name)' inherits itself by way of '\(parent.name)'", at: parent.location)
      }
      chain.append(file)
    }
    return chain
  }

  private func unknownHelp(_ name: String) -> [String] {
    let near = NearestName.help(name, among: names)
    return near.isEmpty ? ["themes are \(names.joined(separator: ", "))"] : near
  }
}
