import QuantEngine

/// What the list of layers is sorted by.
enum LayerOrder: String, CaseIterable, Sendable {
  case network, name, mac, params, bits, metric

  /// Words for the line below the list.
  var words: String {
    switch self {
    case .network: "network order"
    case .name: "name"
    case .mac: "MAC, largest first"
    case .params: "params, largest first"
    case .bits: "bits, most first"
    case .metric: "metric, worst first"
    }
  }

  var next: LayerOrder {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }

  /// Rows in this order; equal ones stay in network order, those without a value come last.
  func sorted(_ rows: [Int], _ workspace: Workspace) -> [Int] {
    switch self {
    case .network: return rows
    case .name: return sorted(rows, by: { workspace.rows[$0].name }, before: <)
    case .mac: return sorted(rows, by: { workspace.rows[$0].macs }, before: >)
    case .params: return sorted(rows, by: { workspace.rows[$0].params }, before: >)
    case .bits: return sorted(rows, by: { workspace.activationBits(workspace.rows[$0]) ?? 0 }, before: >)
    case .metric:
      // Not a number is worst of all; a fused layer has no value of its own.
      return sorted(
        rows,
        by: { row in
          workspace.metrics[workspace.rows[row].name].map { $0.cosine.isNaN ? -.infinity : $0.cosine } ?? .infinity
        }, before: <)
    }
  }

  private func sorted<Value>(_ rows: [Int], by value: (Int) -> Value, before: (Value, Value) -> Bool) -> [Int]
  where Value: Comparable {
    rows.map { (row: $0, value: value($0)) }.sorted { a, b in
      a.value == b.value ? a.row < b.row : before(a.value, b.value)
    }.map(\.row)
  }
}
