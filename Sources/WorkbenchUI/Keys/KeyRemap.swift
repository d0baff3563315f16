import Diagnostics

/// Keys given to actions in the config file: lines `key.ACTION = KEY KEY ...`, for instance `key.run = F5 r`.
package struct KeyRemap: Sendable, Equatable {
  package private(set) var keys: [String: [Key]] = [:]

  package init() {}

  package var isEmpty: Bool { keys.isEmpty }

  /// Reads the `key.` lines of a config text; other lines are somebody else's.
  ///
  /// `none` takes all keys away.
  /// - Throws: for unknown actions and keys, and for a key given twice, with file, line and column.
  package init(config text: String, file: String, actions: [String]) throws(DiagnosticError) {
    var log = DiagnosticLog()
    self.init(reading: text, file: file, screens: [Set(actions)], log: &log)
    try log.throwIfErrors()
  }

  /// Reads the `key.` lines as far as they are right; what is wrong goes to the log, with file, line and column.
  ///
  /// - Parameter screens: the actions of each screen: a key may be given to two actions that no screen has together.
  package init(reading text: String, file: String, screens: [Set<String>], log: inout DiagnosticLog) {
    let actions = Set(screens.joined())
    var owners: [Key: [(action: String, line: Int)]] = [:]
    for line in ConfigLine.all(text, file: file) {
      guard let name = line.key, name.hasPrefix("key.") else { continue }
      let action = String(name.dropFirst(4))
      if !actions.contains(action) {
        log.add(
          .error(
            "unknown action '\(action)'", at: line.place, help: NearestName.help(action, among: actions.sorted())))
        continue
      }
      var found: [Key] = []
      for word in line.value.split(whereSeparator: \.isWhitespace) {
        if word == "none" { continue }
        let place = SourceLocation(
          file: file, line: line.number,
          column: line.valuePlace.column + line.value.distance(from: line.value.startIndex, to: word.startIndex))
        guard let key = Key(name: String(word)) else {
          log.add(
            .error(
              "unknown key '\(word)'", at: place, help: ["keys are written r, R, ctrl-r, F5, space, page-down"]))
          continue
        }
        let other = owners[key]?.first { other in
          screens.contains { $0.contains(action) && $0.contains(other.action) }
        }
        if let other {
          log.add(
            .error(
              "key '\(word)' is given to '\(action)' and to '\(other.action)'", at: place,
              notes: [.init("'\(other.action)' has it here", at: SourceLocation(file: file, line: other.line))]))
          continue
        }
        owners[key, default: []].append((action, line.number))
        found.append(key)
      }
      keys[action] = found
    }
  }
}
