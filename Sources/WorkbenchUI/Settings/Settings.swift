import Diagnostics

/// The config file of the workbench: `key = value` lines.
///
/// A line that is wrong is reported with its place and left out; the others hold.
package struct Settings: Sendable, Equatable {
  package enum Key: String, CaseIterable, Sendable {
    case theme, glyphs, mouse, lang, pace, bell
  }

  package var theme: String?
  package var glyphs: GlyphSet.Name?
  package var mouse: Bool?
  package var lang: Language?
  /// Frames a second, at most.
  package var pace: Int?
  /// A run that took at least so many seconds rings the bell at its end; `nil`: never.
  package var bell: Int? = 30
  package var keys = KeyRemap()

  package init() {}

  package static let paces = 1...60
  package static let bells = 0...86_400

  /// Reads a config text.
  package static func read(_ text: String, file: String) -> (settings: Settings, problems: [Diagnostic]) {
    var settings = Settings()
    var log = DiagnosticLog()
    settings.keys = KeyRemap(reading: text, file: file, screens: ActionNames.screens, log: &log)
    var lines: [Key: Int] = [:]
    for line in ConfigLine.all(text, file: file) {
      guard let key = line.key else {
        log.add(.error("a line is 'key = value'", at: line.place, help: ["comments begin with #"]))
        continue
      }
      if key.hasPrefix("key.") { continue }
      guard let known = Key(rawValue: key) else {
        let names = Key.allCases.map(\.rawValue)
        let near = NearestName.help(key, among: names)
        log.add(
          .error(
            "unknown key '\(key)'", at: line.place,
            help: near.isEmpty ? ["keys are \(names.joined(separator: ", ")) and key.ACTION"] : near))
        continue
      }
      if let first = lines[known] {
        log.add(
          .error(
            "'\(key)' stands twice", at: line.place,
            notes: [.init("first here", at: SourceLocation(file: file, line: first))]))
        continue
      }
      lines[known] = line.number
      if let range = settings.take(known, line.value) {
        log.add(.error("\(key) is \(range), not '\(line.value)'", at: line.valuePlace))
      }
    }
    return (settings, log.diagnostics)
  }

  /// Takes a value; what it must be when it is refused.
  private mutating func take(_ key: Key, _ text: String) -> String? {
    switch key {
    case .theme:
      if text.isEmpty { return "the name of a theme" }
      theme = text
    case .glyphs:
      guard let name = GlyphSet.Name(rawValue: text) else { return "ascii, box or braille" }
      glyphs = name
    case .mouse:
      guard let isOn = Self.flag(text) else { return "on or off" }
      mouse = isOn
    case .lang:
      guard let known = Language(word: text) else { return "en or zh" }
      lang = known
    case .pace:
      guard let number = Int(text), Self.paces.contains(number) else { return "a number of frames a second, 1 to 60" }
      pace = number
    case .bell:
      if text == "off" {
        bell = nil
      } else {
        guard let number = Int(text), Self.bells.contains(number) else { return "a number of seconds, or off" }
        bell = number
      }
    }
    return nil
  }

  package static func flag(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "on", "true", "yes": true
    case "off", "false", "no": false
    default: nil
    }
  }
}

/// A line of the config file that says something.
struct ConfigLine {
  let number: Int
  /// `nil` without an equals sign.
  let key: String?
  let value: String
  let place: SourceLocation
  let valuePlace: SourceLocation

  /// All lines but empty ones and comments.
  static func all(_ text: String, file: String) -> [ConfigLine] {
    // Files from Windows end their lines with two characters, which Swift counts as one.
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    return lines.enumerated().compactMap { index, line in
      guard let first = line.firstIndex(where: { !$0.isWhitespace }), line[first] != "#" else { return nil }
      func place(_ at: Substring.Index) -> SourceLocation {
        SourceLocation(file: file, line: index + 1, column: line.distance(from: line.startIndex, to: at) + 1)
      }
      guard let equals = line.firstIndex(of: "=") else {
        return ConfigLine(number: index + 1, key: nil, value: "", place: place(first), valuePlace: place(first))
      }
      let value = line[line.index(after: equals)...]
      let start = value.firstIndex { !$0.isWhitespace } ?? value.endIndex
      return ConfigLine(
        number: index + 1, key: trimmed(line[first..<equals]), value: trimmed(value[start...]), place: place(first),
        valuePlace: place(start))
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
