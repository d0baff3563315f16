import Foundation

/// The literals of Swift sources: what stands between quotes, with `{}` for what is interpolated.
struct SourceLiterals {
  struct Literal {
    let key: String
    let line: Int
    /// What stands before the first quote: `put(`.
    let before: String
  }

  private let text: [Character]
  private(set) var found: [Literal] = []

  init(_ source: String) {
    text = Array(source)
    var at = 0
    var line = 1
    while at < text.count {
      if text[at] == "\n" { line += 1 }
      if has("//", at) {
        while at < text.count, text[at] != "\n" { at += 1 }
      } else if has("\"\"\"", at) {
        at += 3
        while at < text.count, !has("\"\"\"", at) { at += 1 }
        at += 3
      } else if text[at] == "\"" {
        at = read(at, line)
      } else {
        at += 1
      }
    }
  }

  private func has(_ word: String, _ at: Int) -> Bool {
    at + word.count <= text.count && String(text[at..<at + word.count]) == word
  }

  /// Reads from an opening quote; the place behind the closing one.
  private mutating func read(_ start: Int, _ line: Int) -> Int {
    var key = ""
    var at = start + 1
    while at < text.count, text[at] != "\"" {
      if has("\\(", at) {
        key += "{}"
        at += 2
        var depth = 1
        while depth > 0, at < text.count {
          if text[at] == "\"" {
            at = read(at, line)
            continue
          }
          depth += text[at] == "(" ? 1 : text[at] == ")" ? -1 : 0
          at += 1
        }
      } else if text[at] == "\\" {
        key += text[at + 1] == "n" ? "\n" : String(text[at + 1])
        at += 2
      } else {
        key.append(text[at])
        at += 1
      }
    }
    found.append(Literal(key: key, line: line, before: String(text[max(0, start - 5)..<start])))
    return at + 1
  }
}
