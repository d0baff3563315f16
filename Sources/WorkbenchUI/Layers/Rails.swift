/// The branches of a net beside its list of layers, drawn like a commit graph: one line a layer.
///
/// ```
/// *          pool         a value runs down a lane; lanes are two columns apart
/// *\         branch1      its first reader takes the lane, the value goes on in the next one
/// | *        branch2a     the last reader takes the lane it is in
/// | *        branch2b
/// */         sum          a layer with several inputs joins their lanes in the leftmost
/// ```
/// Where a lane is crossed `|` stays, where it is met there is a `+`.
struct Rails: Sendable {
  enum Cell: UInt8, Sendable {
    case blank, node, line, across
    /// A lane begins, or ends, at the far end of what branches here.
    case fork, join
    /// The same for lanes between.
    case started, ended
    /// A lane that is read here and goes on: between, and at the far end.
    case met, metLast
    /// Lanes that are not drawn.
    case more
  }

  /// The cells of each layer, without blanks at their end.
  let rows: [[Cell]]
  /// Cells of the widest row.
  let width: Int

  /// Lanes that are drawn.
  static let limit = 16

  /// - Complexity: O(layers x lanes).
  init(_ links: LayerLinks) {
    var layout = RailsLayout(links.steps)
    rows = links.steps.indices.map { layout.next($0) }
    width = rows.map(\.count).max() ?? 0
  }

  /// The cells of a row in so many columns.
  func cells(_ row: Int, columns: Int) -> [Cell] {
    let cells = rows[row]
    return cells.count <= columns ? cells : Array(cells.prefix(max(0, columns - 1))) + (columns > 0 ? [.more] : [])
  }
}

/// Goes down the net and keeps which value is in which lane.
private struct RailsLayout {
  private let steps: [LayerLinks.Step]
  /// The last row that reads a value.
  private var lastReader: [Int: Int] = [:]
  private var laneOf: [Int: Int] = [:]
  private var lanes: [Int?] = []

  init(_ steps: [LayerLinks.Step]) {
    self.steps = steps
    for (row, step) in steps.enumerated() { for value in step.reads { lastReader[value] = row } }
  }

  /// One row: the lane of its node, and the lanes that are tied to it.
  private struct Ties {
    var home = 0
    var node = 0
    var joins: Set<Int> = []
    var forks: Set<Int> = []
    /// The lanes before the row.
    var before: [Int?] = []
    var last: Int { max(node, joins.max() ?? 0, forks.max() ?? 0) }
  }

  mutating func next(_ row: Int) -> [Rails.Cell] {
    let inputs = steps[row].reads.compactMap { laneOf[$0] }.sorted()
    let outputs = steps[row].makes.filter { (lastReader[$0] ?? -1) > row }
    var ties = Ties()
    ties.before = lanes
    ties.home = inputs.first ?? free(from: 0, ties)
    ties.node = ties.home
    ties.joins = Set(inputs.dropFirst()).subtracting([ties.home])
    var ended: [Int] = []
    for lane in Set(inputs) {
      guard let value = lanes[lane] else { continue }
      if lastReader[value] == row {
        ended.append(lane)
        laneOf[value] = nil
      } else if lane == ties.home {
        // The node stands in the lane; the value goes on beside it. A node that nothing follows stands beside it itself.
        let other = free(from: lane + 1, ties)
        if outputs.isEmpty {
          ties.node = other
        } else {
          move(value, to: other)
          ties.forks.insert(other)
          ended.append(lane)
        }
      }
    }
    for (k, value) in outputs.enumerated() {
      let lane = k == 0 ? ties.home : free(from: ties.home + 1, ties)
      if k > 0 { ties.forks.insert(lane) }
      move(value, to: lane)
    }
    for lane in ended where lane != ties.home || outputs.isEmpty { lanes[lane] = nil }
    while let last = lanes.last, last == nil { lanes.removeLast() }
    return draw(ties)
  }

  /// The first lane that is free before and behind the row.
  private func free(from start: Int, _ ties: Ties) -> Int {
    var lane = start
    while value(lanes, lane) != nil || value(ties.before, lane) != nil { lane += 1 }
    return lane
  }

  private func value(_ lanes: [Int?], _ lane: Int) -> Int? { lane < lanes.count ? lanes[lane] : nil }

  private mutating func move(_ value: Int, to lane: Int) {
    while lanes.count <= lane { lanes.append(nil) }
    lanes[lane] = value
    laneOf[value] = lane
  }

  private func draw(_ ties: Ties) -> [Rails.Cell] {
    let last = ties.last
    let used = max(last + 1, ties.before.count, lanes.count)
    var cells: [Rails.Cell] = []
    for lane in 0..<min(used, Rails.limit) {
      if lane > 0 { cells.append(connector(lane, ties, last)) }
      cells.append(cell(lane, ties, last))
    }
    if used > Rails.limit { cells.append(.more) }
    while cells.last == .blank { cells.removeLast() }
    return cells
  }

  /// Between a lane and the one left of it.
  private func connector(_ lane: Int, _ ties: Ties, _ last: Int) -> Rails.Cell {
    if lane <= ties.home || lane > last { return .blank }
    if lane < last || lane == ties.node { return .across }
    if ties.forks.contains(lane) { return .fork }
    return goesOn(lane, ties) ? .across : .join
  }

  private func cell(_ lane: Int, _ ties: Ties, _ last: Int) -> Rails.Cell {
    if lane == ties.node { return .node }
    if lane == ties.home { return .met }
    if ties.joins.contains(lane) {
      if goesOn(lane, ties) { return lane == last ? .metLast : .met }
      return lane == last ? .blank : .ended
    }
    if ties.forks.contains(lane) { return lane == last ? .blank : .started }
    if goesOn(lane, ties) { return .line }
    return lane > ties.home && lane < last ? .across : .blank
  }

  private func goesOn(_ lane: Int, _ ties: Ties) -> Bool {
    guard let before = value(ties.before, lane) else { return false }
    return before == value(lanes, lane)
  }
}

extension GlyphSet {
  /// A cell of the rails as a sign.
  func sign(_ cell: Rails.Cell) -> Character {
    switch cell {
    case .blank: " "
    case .node: node
    case .line: vertical
    case .across: horizontal
    case .fork: fork
    case .join: join
    case .started: teeDown
    case .ended: teeUp
    case .met: cross
    case .metLast: teeLeft
    case .more: ">"
    }
  }
}
