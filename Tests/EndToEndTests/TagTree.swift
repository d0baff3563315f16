/// A page read as nested tags, as a browser would: enough to see that every tag is closed where it was opened.
struct TagTree {
  struct Broken: Error { let text: String }

  private static let void: Set<String> = ["meta", "br", "hr", "rect", "line"]

  /// Text between tags, by the name of the tag around it, in order.
  private(set) var texts: [(tag: String, text: String)] = []
  private(set) var counts: [String: Int] = [:]

  init(_ page: String) throws {
    var open: [String] = []
    var rest = page[...]
    while let start = rest.firstIndex(of: "<") {
      texts.append((open.last ?? "", String(rest[..<start])))
      guard let end = rest[start...].firstIndex(of: ">") else { throw Broken(text: "a tag is cut off") }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("!") { continue }
      let name = String(tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber })
      if tag.hasPrefix("/") {
        guard open.last == name else { throw Broken(text: "</\(name)> closes \(open.last ?? "nothing")") }
        open.removeLast()
      } else {
        counts[name, default: 0] += 1
        if !Self.void.contains(name) { open.append(name) }
      }
    }
    guard open.isEmpty else { throw Broken(text: "never closed: \(open)") }
  }

  func text(_ tag: String) -> [String] { texts.filter { $0.tag == tag && !$0.text.isEmpty }.map(\.text) }
}
