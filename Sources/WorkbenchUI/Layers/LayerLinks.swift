import LayerGraph

/// Which layers feed which, by row: the edges of the net, found once.
struct LayerLinks: Sendable {
  /// Values that a row reads and makes, each a number of its own.
  struct Step: Sendable {
    var reads: [Int]
    var makes: [Int]
  }

  let steps: [Step]
  /// Rows that make what a row reads, and rows that read what it makes; ascending, each once.
  let producers: [[Int]]
  let consumers: [[Int]]

  init(_ graph: Graph) {
    self.init(graph.nodes.map { Step(reads: $0.bottoms.map(\.index), makes: $0.tops.map(\.index)) })
  }

  init(_ steps: [Step]) {
    self.steps = steps
    var maker: [Int: Int] = [:]
    var producers: [[Int]] = []
    var consumers = [[Int]](repeating: [], count: steps.count)
    producers.reserveCapacity(steps.count)
    for (row, step) in steps.enumerated() {
      var own: [Int] = []
      for value in step.reads { if let from = maker[value], !own.contains(from) { own.append(from) } }
      own.sort()
      for from in own { consumers[from].append(row) }
      producers.append(own)
      for value in step.makes { maker[value] = row }
    }
    self.producers = producers
    self.consumers = consumers
  }

  /// The first layer of the branch that a layer is on; from there, the layer before it: where the branch forks off.
  func branchStart(of row: Int) -> Int {
    var at = row
    while producers[at].count == 1, consumers[producers[at][0]].count == 1 { at = producers[at][0] }
    return at == row ? producers[row].first ?? row : at
  }

  /// The last layer of the branch; from there, the layer behind it: where branches meet.
  func branchEnd(of row: Int) -> Int {
    var at = row
    while consumers[at].count == 1, producers[consumers[at][0]].count == 1 { at = consumers[at][0] }
    return at == row ? consumers[row].first ?? row : at
  }

  /// A layer near another one; `distance` is negative above it.
  struct Neighbour: Hashable, Sendable {
    let row: Int
    let distance: Int
  }

  /// What feeds a layer, the layer, and what it feeds, up to `depth` layers away, in network order.
  ///
  /// - Parameter limit: so many at most on each side, the nearest ones.
  func neighbourhood(of row: Int, depth: Int = 3, limit: Int = 50) -> [Neighbour] {
    func reach(_ table: [[Int]], _ sign: Int) -> [Neighbour] {
      var (found, seen, edge): ([Neighbour], Set<Int>, [Int]) = ([], [row], [row])
      for level in 1...depth {
        edge = edge.flatMap { table[$0] }.filter { seen.insert($0).inserted }
        found += edge.prefix(limit - found.count).map { Neighbour(row: $0, distance: sign * level) }
        if edge.isEmpty || found.count == limit { break }
      }
      return found.sorted { $0.row < $1.row }
    }
    return reach(producers, -1) + [Neighbour(row: row, distance: 0)] + reach(consumers, 1)
  }
}
