import Diagnostics

/// Keys given to actions in the config file: lines `key.ACTION = KEY KEY ...`, for instance `key.run = F5 r`.
package struct KeyRemap: Sendable, Equatable {
  package private(set) var keys: [String: [Key]] = [:]

  package init() {}

  /// Reads the `key.` lines of a config text; other lines are somebody else's.
  ///
  /// `none` takes all keys away.
  /// - Throws: for unknown actions and keys, and for a key given twice, with file, line and column.
  package init(config text: String, file: String, actions: [String]) throws(DiagnosticError) {
    var log = DiagnosticLog()
    var owner: [Key: (action: String, line: Int)] = [:]
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard let equals = line.firstIndex(of: "="), let start = line.firstIndex(where: { !$0.isWhitespace }) else {
        continue
      }
      let name = line[start..<equals].split(separator: " ").first ?? ""
      guard name.hasPrefix("key.") else { continue }
      func place(_ part: Substring) -> SourceLocation {
        SourceLocation(
          file: file, line: number + 1, column: line.distance(from: line.startIndex, to: part.startIndex) + 1)
      }
      let action = String(name.dropFirst(4))
      if !actions.contains(action) {
        log.add(
          .error("unknown action '\(action)'", at: place(name), help: NearestName.help(action, among: actions)))
        continue
      }
      var found: [Key] = []
      for word in line[line.index(after: equals)...].split(whereSeparator: \.isWhitespace) {
        if word == "none" { continue }
        guard let key = Key(name: String(word)) else {
          log.add(
            .error(
              "unknown key '\(word)'", at: place(word), help: ["keys are written r, R, ctrl-r, F5, space, page-down"]))
          continue
        }
        if let other = owner[key] {
          log.add(
            .error(
              "key '\(word)' is given to '\(action)' and to '\(other.action)'", at: place(word),
              notes: [.init("'\(other.action)' has it here", at: SourceLocation(file: file, line: other.line))]))
          continue
        }
        owner[key] = (action, number + 1)
        found.append(key)
      }
      keys[action] = found
    }
    try log.throwIfErrors()
  }
}
