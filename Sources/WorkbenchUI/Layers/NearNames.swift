import Diagnostics

/// Names that somebody may have meant whose filter found nothing.
enum NearNames {
  /// At most three of the names, the nearest first: their edit distance to the text, or that of one of their parts.
  static func of(_ filter: FilterExpression, among names: [String]) -> [String] {
    guard let text = filter.nameText, !text.isEmpty else { return [] }
    let wanted = Array(text.lowercased())
    let limit = max(1, min(3, wanted.count / 3))
    var found: [(distance: Int, name: String)] = []
    for name in names {
      let lower = name.lowercased()
      let parts = [Substring(lower)] + lower.split { $0 == "_" || $0 == "/" }
      let nearest = parts.map { NearestName.distance(wanted, Array($0), limit: limit) }.min() ?? .max
      if nearest <= limit { found.append((nearest, name)) }
    }
    return found.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }.prefix(3)
      .map(\.element.name)
  }
}

extension FilterExpression {
  /// What the filter says about the name: its first plain text or pattern, without stars.
  fileprivate var nameText: String? {
    for term in terms {
      switch term {
      case .text(let text): return text
      case .name(let glob): return String(glob.filter { $0 != "*" && $0 != "?" })
      default: continue
      }
    }
    return nil
  }
}
