/// Words that the program says, to be looked up in the language of the screens when they are drawn.
///
/// A literal where words are drawn is one: `Span("\(count) of \(all) quantised")`. What is interpolated is taken over as
/// it is, so that a layer called `config` keeps its name, unless it is a literal too, or marked: `"\(said: reason)"`.
package struct Words: ExpressibleByStringInterpolation, Sendable {
  enum Argument: Sendable {
    case name(String)
    case exact(String)
    case words(Words)
  }

  /// A literal: its letters with `{}` for what was interpolated.
  struct Piece: Sendable {
    var key = ""
    var arguments: [Argument] = []
  }

  private(set) var pieces: [Piece]
  package private(set) var english: String

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var piece = Piece()
    fileprivate var english = ""

    package init(literalCapacity: Int, interpolationCount: Int) {}

    package mutating func appendLiteral(_ literal: String) {
      piece.key += literal
      english += literal
    }

    package mutating func appendInterpolation(_ words: Words) {
      piece.key += "{}"
      piece.arguments.append(.words(words))
      english += words.english
    }

    /// Words of the program that come as text.
    package mutating func appendInterpolation(said text: String) { appendInterpolation(Words(text)) }

    /// What a person wrote, which is not to be looked at.
    package mutating func appendInterpolation(written text: String) {
      piece.key += "{}"
      piece.arguments.append(.exact(text))
      english += text
    }

    @_disfavoredOverload
    package mutating func appendInterpolation(_ value: some Any) {
      let text = "\(value)"
      piece.key += "{}"
      piece.arguments.append(.name(text))
      english += text
    }
  }

  package init(stringLiteral value: String) { self.init(value) }

  package init(stringInterpolation: StringInterpolation) {
    pieces = [stringInterpolation.piece]
    english = stringInterpolation.english
  }

  /// Words of the program that come as text.
  package init(_ text: String) {
    pieces = [Piece(key: text)]
    english = text
  }

  /// Words whose English alone does not say what is meant: an open door is another one than an open question.
  init(_ text: String, as key: String) {
    pieces = [Piece(key: key)]
    english = text
  }

  package static func + (left: Words, right: Words) -> Words {
    var sum = left
    sum.pieces += right.pieces
    sum.english += right.english
    return sum
  }
}

extension Words: Equatable, CustomStringConvertible {
  package var description: String { english }

  package static func == (left: Words, right: Words) -> Bool { left.english == right.english }
}

extension Sentences {
  /// Words in this language; pieces without a translation stay English.
  subscript(_ words: Words) -> String {
    if isEmpty { return words.english }
    return words.pieces.map(said).joined()
  }

  private func said(_ piece: Words.Piece) -> String {
    let key = piece.key
    guard let first = key.firstIndex(where: { $0 != " " }), let last = key.lastIndex(where: { $0 != " " }) else {
      return key
    }
    let core = String(key[first...last])
    if piece.arguments.isEmpty { return key[..<first] + self[core] + key[key.index(after: last)...] }
    let parts = parts(of: core)
    var text = String(key[..<first]) + parts[0]
    for (argument, part) in zip(piece.arguments, parts.dropFirst()) {
      switch argument {
      case .words(let words): text += self[words]
      case .exact(let name): text += name
      case .name(let name): text += self[argument: name]
      }
      text += part
    }
    return text + key[key.index(after: last)...]
  }
}
