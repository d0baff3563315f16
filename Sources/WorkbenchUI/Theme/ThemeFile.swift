import Diagnostics

/// A theme file as it was written: nothing inherited, palette names not looked up yet.
package struct ThemeFile: Sendable {
  /// A colour in a role: said there, or by the name of a palette entry (of this theme or of one that inherits it).
  package enum ColorReference: Hashable, Sendable {
    case color(ThemeColor)
    case palette(String, at: SourceLocation)
  }

  /// What a line says about a role; a colour not said is that of role `text`.
  package struct Look: Hashable, Sendable {
    package var foreground: ColorReference?
    package var background: ColorReference?
    package var attributes: Attributes = []
  }

  package var name: String
  package var inherits: (name: String, location: SourceLocation)?
  package var palette: [String: ThemeColor] = [:]
  package var roles: [Role: Look] = [:]
}

/// Reads the `.theme` format, one `key = value` a line.
///
/// ```
/// name = mine                          # after "# " stands a comment
/// inherits = dark
/// palette.blue = #56b4e9 / 74 / cyan   # 24-bit / 256 colours / 16 colours, any of them
/// metric.bad = fg orange, bg default, attr bold reverse
/// metric.* = fg blue                   # every role that fits; the last line for a role counts
/// ```
package struct ThemeParser {
  private let file: String
  private var theme: ThemeFile
  private var log = DiagnosticLog()
  private var lineNumber = 0

  /// `defaultName`: the theme's name when the file does not say it.
  /// - Throws: up to 20 diagnostics with file, line and column.
  package static func parse(_ text: String, file: String, defaultName: String) throws(DiagnosticError) -> ThemeFile {
    var parser = ThemeParser(file: file, name: defaultName)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      parser.lineNumber += 1
      parser.read(line)
    }
    try parser.log.throwIfErrors()
    return parser.theme
  }

  private init(file: String, name: String) {
    self.file = file
    theme = ThemeFile(name: name)
  }

  private mutating func read(_ line: Substring) {
    let content = Self.withoutComment(line)
    guard !content.allSatisfy(\.isWhitespace) else { return }
    guard let equals = content.firstIndex(of: "=") else {
      log.add(.error("expected 'key = value'", at: place(of: Self.trim(content), in: line)))
      return
    }
    let key = Self.trim(content[..<equals])
    let value = Self.trim(content[content.index(after: equals)...])
    guard !value.isEmpty else {
      log.add(.error("'\(key)' has no value", at: place(of: key, in: line)))
      return
    }
    switch key {
    case "name": theme.name = String(value)
    case "inherits": theme.inherits = (String(value), place(of: value, in: line))
    case _ where key.hasPrefix("palette."): readPalette(key, value, line)
    default: readRole(key, value, line)
    }
  }

  private mutating func readPalette(_ key: Substring, _ value: Substring, _ line: Substring) {
    let name = String(key.dropFirst("palette.".count))
    if name.first?.isLetter != true || name == "default" {
      log.add(.error("'\(name)' cannot be the name of a palette entry", at: place(of: key, in: line)))
    }
    if let color = readColor(value, line) { theme.palette[name] = color }
  }

  /// Ways separated by `/`.
  private mutating func readColor(_ text: Substring, _ line: Substring) -> ThemeColor? {
    var result: ThemeColor?
    for part in text.split(separator: "/", omittingEmptySubsequences: false).map(Self.trim) {
      guard let way = ThemeColor(word: part) else {
        log.add(
          .error(
            "'\(part)' is no colour", at: place(of: part, in: line),
            help: ["a colour is #rrggbb, 0 to 255, default, or one of \(RGB.ansiNames[0..<8].joined(separator: " "))"]))
        return nil
      }
      guard let joined = result.map({ $0.merged(with: way) }) ?? way else {
        log.add(
          .error(
            "'\(part)' says the same once more", at: place(of: part, in: line),
            help: ["write one 24-bit, one 256-colour and one 16-colour value: #56b4e9 / 74 / cyan"]))
        return nil
      }
      result = joined
    }
    return result
  }

  private mutating func readRole(_ key: Substring, _ value: Substring, _ line: Substring) {
    let roles = Role.allCases.filter { key.contains("*") ? Glob.matches($0.name, pattern: key) : $0.name == key }
    if roles.isEmpty {
      log.add(
        .error(
          "unknown role '\(key)'", at: place(of: key, in: line),
          help: NearestName.help(String(key), among: Role.names + ["name", "inherits"])))
      return
    }
    var look = ThemeFile.Look()
    for part in value.split(separator: ",", omittingEmptySubsequences: false).map(Self.trim) {
      let word = part.prefix { !$0.isWhitespace }
      let rest = Self.trim(part.dropFirst(word.count))
      switch word {
      case "fg": look.foreground = readReference(rest, part, line)
      case "bg": look.background = readReference(rest, part, line)
      case "attr": look.attributes.formUnion(readAttributes(rest, line))
      default:
        log.add(
          .error(
            "expected fg, bg or attr, found '\(word)'", at: place(of: part, in: line),
            help: ["for example: \(key) = fg blue, attr bold"]))
      }
    }
    for role in roles { theme.roles[role] = look }
  }

  private mutating func readReference(
    _ text: Substring, _ part: Substring, _ line: Substring
  ) -> ThemeFile.ColorReference? {
    if text.isEmpty {
      log.add(.error("a colour is missing after '\(part)'", at: place(of: part, in: line)))
      return nil
    }
    // A palette name wins over a colour name, so that a theme may define its own blue.
    let isName = text.first?.isLetter == true && text.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) }
    if isName, text != "default" { return .palette(String(text), at: place(of: text, in: line)) }
    return readColor(text, line).map { .color($0) }
  }

  private mutating func readAttributes(_ text: Substring, _ line: Substring) -> Attributes {
    var result: Attributes = []
    for word in text.split(whereSeparator: \.isWhitespace) where word != "plain" {
      if let known = Attributes.names.first(where: { $0.name == word }) {
        result.insert(known.value)
      } else {
        log.add(
          .error(
            "unknown attribute '\(word)'", at: place(of: word, in: line),
            help: ["attributes are \(Attributes.names.map(\.name).joined(separator: " ")) and plain"]))
      }
    }
    return result
  }

  // MARK: Text

  private func place(of part: Substring, in line: Substring) -> SourceLocation {
    SourceLocation(
      file: file, line: lineNumber, column: line.distance(from: line.startIndex, to: part.startIndex) + 1)
  }

  private static func trim(_ text: Substring) -> Substring {
    let head = text.drop(while: \.isWhitespace)
    guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return head }
    return head[...last]
  }

  /// A `#` begins a comment at the start of a line or between spaces; elsewhere it begins a colour.
  private static func withoutComment(_ line: Substring) -> Substring {
    var previous: Character = " "
    for index in line.indices {
      if line[index] == "#", previous.isWhitespace {
        let next = line.index(after: index)
        if next == line.endIndex || line[next].isWhitespace || line[..<index].allSatisfy(\.isWhitespace) {
          return line[..<index]
        }
      }
      previous = line[index]
    }
    return line
  }
}
