/// The layers by the parts of their names, split at `/` and `_`: `res2a_branch2a` lies under `res2a_`.
///
/// A part that only one layer has makes no group, parts that always go together make one.
struct LayerTree: Sendable {
  struct Group: Sendable, Hashable {
    /// The common beginning of the names, with the separator.
    let prefix: String
    let depth: Int
    /// In network order.
    let rows: [Int]
  }

  enum Item: Hashable, Sendable {
    /// Index into `groups`.
    case group(Int)
    case layer(Int)
  }

  private(set) var groups: [Group] = []
  /// Groups before their members, in the order of each group's first layer.
  private(set) var items: [Item] = []
  /// Groups that a layer is in.
  private(set) var depths: [Int]
  /// The innermost group of a layer.
  private(set) var groupOf: [Int?]
  /// For each group, how many items it has below it.
  private var sizes: [Int] = []

  /// Deeper parts are not told apart.
  private static let depthLimit = 24

  init(_ names: [String]) {
    depths = Array(repeating: 0, count: names.count)
    groupOf = Array(repeating: nil, count: names.count)
    let parts = names.map(Self.parts)
    add(Array(names.indices), parts, from: 0, depth: 0, in: nil)
  }

  /// `res2a_branch2a` as `res2a_`, `branch2a`.
  private static func parts(_ name: String) -> [Substring] {
    var parts: [Substring] = []
    var start = name.startIndex
    for i in name.indices where name[i] == "/" || name[i] == "_" {
      let end = name.index(after: i)
      parts.append(name[start..<end])
      start = end
    }
    if start < name.endIndex || parts.isEmpty { parts.append(name[start...]) }
    return parts
  }

  private mutating func add(_ rows: [Int], _ parts: [[Substring]], from: Int, depth: Int, in group: Int?) {
    var order: [Substring] = []
    var members: [Substring: [Int]] = [:]
    for row in rows {
      // The last part is the layer's own: `conv3` and `conv3_dw` are no group of one and the other.
      let key = from < parts[row].count - 1 && depth < Self.depthLimit ? parts[row][from] : Substring("\n\(row)")
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(row)
    }
    for key in order {
      let inside = members[key] ?? []
      guard inside.count > 1 else {
        items.append(.layer(inside[0]))
        depths[inside[0]] = depth
        groupOf[inside[0]] = group
        continue
      }
      var end = from + 1
      while inside.allSatisfy({ end < parts[$0].count - 1 && parts[$0][end] == parts[inside[0]][end] }) { end += 1 }
      let number = groups.count
      groups.append(Group(prefix: parts[inside[0]][..<end].joined(), depth: depth, rows: inside))
      sizes.append(0)
      items.append(.group(number))
      let before = items.count
      add(inside, parts, from: end, depth: depth + 1, in: number)
      sizes[number] = items.count - before
    }
  }

  /// What is to be seen: the layers that `shows` lets through, without those in folded groups, and their groups.
  func items(folded: Set<String>, showing shows: (Int) -> Bool) -> [Item] {
    var seen: [Item] = []
    var at = 0
    while at < items.count {
      switch items[at] {
      case .layer(let row): if shows(row) { seen.append(items[at]) }
      case .group(let number):
        guard groups[number].rows.contains(where: shows) else {
          at += sizes[number] + 1
          continue
        }
        seen.append(items[at])
        if folded.contains(groups[number].prefix) { at += sizes[number] }
      }
      at += 1
    }
    return seen
  }
}
