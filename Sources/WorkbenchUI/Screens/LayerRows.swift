import QuantEngine

/// The rows of the layer list: what view, filter, order and folding make of the net. Made anew only when one of them,
/// the config or the results have changed.
struct LayerRows: Sendable {
  var view = LayerView.rails
  var order = LayerOrder.network
  var filter = FilterExpression.everything
  /// Prefixes of the groups that are folded.
  var folded: Set<String> = []
  /// The layer that the neighbourhood is drawn around, and those before it.
  private(set) var centre = 0
  private var earlier: [Int] = []

  private(set) var shown: [LayerListRow] = []
  /// In the neighbourhood: how far from the centre each row is.
  private(set) var distances: [Int: Int] = [:]
  /// Names that a filter without result may have meant.
  private(set) var near: [String] = []
  private var places: [LayerListRow: Int] = [:]
  private var key: RowsKey?

  /// All that the rows depend on.
  private struct RowsKey: Equatable {
    let view: LayerView
    let order: LayerOrder
    let filter: FilterExpression
    let folded: Set<String>
    let centre: Int
    let revision: Int
    let threshold: Double
  }

  /// A list in another order than that of the net has no branches and no groups.
  var isTree: Bool { view == .tree && order == .network }
  var isRails: Bool { view == .rails && order == .network }
  var isNeighbourhood: Bool { view == .neighbourhood && order == .network && filter.isEmpty }

  mutating func goTo(_ row: Int) {
    if row != centre { earlier.append(centre) }
    centre = row
  }

  /// Back to the centre before.
  mutating func goBack() -> Int? {
    guard let last = earlier.popLast() else { return nil }
    centre = last
    return last
  }

  /// - Returns: whether other rows are shown than before.
  mutating func refresh(_ session: Session, _ workspace: Workspace) -> Bool {
    if isNeighbourhood, let row = session.cursor, distances[row] == nil { goTo(row) }
    centre = min(centre, max(0, workspace.rows.count - 1))
    let now = RowsKey(
      view: view, order: order, filter: filter, folded: folded, centre: centre, revision: workspace.revision,
      threshold: session.threshold)
    if now == key { return false }
    key = now
    let before = shown
    make(session, workspace)
    near = shown.isEmpty ? NearNames.of(filter, among: workspace.rows.map(\.name)) : []
    if shown == before { return false }
    places = Dictionary(uniqueKeysWithValues: shown.enumerated().map { ($1, $0) })
    return true
  }

  private mutating func make(_ session: Session, _ workspace: Workspace) {
    distances = [:]
    let net: [LayerListRow] = filter.isEmpty ? [.net] : []
    if isNeighbourhood, !workspace.rows.isEmpty {
      let around = workspace.links.neighbourhood(of: centre)
      for neighbour in around { distances[neighbour.row] = neighbour.distance }
      shown = around.map { .layer($0.row) }
      return
    }
    if isTree {
      var found = [Bool](repeating: true, count: workspace.rows.count)
      if !filter.isEmpty { for row in workspace.rows.indices { found[row] = finds(row, session, workspace) } }
      shown =
        net
        + workspace.tree.items(folded: folded) { found[$0] }.map { item in
          switch item {
          case .group(let number): .group(number)
          case .layer(let row): .layer(row)
          }
        }
      return
    }
    let all = Array(workspace.rows.indices)
    let found = filter.isEmpty ? all : all.filter { finds($0, session, workspace) }
    shown = net + order.sorted(found, workspace).map { .layer($0) }
    // A ranking begins with the first of it.
    if order != .network, !net.isEmpty { shown.append(shown.removeFirst()) }
  }

  func finds(_ row: Int, _ session: Session, _ workspace: Workspace) -> Bool {
    filter.isEmpty
      || filter.matches(LayerItem(row: workspace.rows[row], workspace: workspace, threshold: session.threshold))
  }

  /// Where the cursor is in the list; in the tree a folded group stands for its layers. `nil`: it is not shown.
  func index(of session: Session) -> Int? {
    guard let row = session.cursor, let workspace = session.workspace else { return places[.net] }
    if isTree {
      if let group = session.group, let number = workspace.tree.groups.firstIndex(of: group) {
        return places[.group(number)]
      }
      if let at = places[.layer(row)] { return at }
      return workspace.tree.groups.lastIndex { $0.rows.contains(row) && folded.contains($0.prefix) }.flatMap {
        places[.group($0)]
      }
    }
    return places[.layer(row)]
  }

  /// The group around a layer, or around a group.
  func group(around row: Int, _ inner: LayerTree.Group?, _ tree: LayerTree) -> LayerTree.Group? {
    tree.groups.last { group in group.rows.contains(row) && (inner.map { group.depth < $0.depth } ?? true) }
  }
}
