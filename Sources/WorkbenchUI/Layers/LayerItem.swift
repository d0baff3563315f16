import QuantEngine

/// A layer as filters see it.
struct LayerItem: FilterableRow {
  let row: LayerRow
  let workspace: Workspace
  let threshold: Double

  var filterName: String { row.name }
  var filterType: String { row.type }
  var filterState: (letter: Character, word: String) {
    let state = workspace.state(of: row, threshold: threshold)
    return (state.letter, state.word)
  }
  func filterNumber(_ field: FilterExpression.Field) -> Double? {
    switch field {
    case .bits: workspace.activationBits(row).map(Double.init)
    case .chain: workspace.metric(of: row)?.cosine
    case .sqnr: workspace.metric(of: row)?.sqnr_db
    case .mse: workspace.metric(of: row)?.mse
    case .mac: workspace.totalMacs > 0 ? Double(row.macs) / Double(workspace.totalMacs) * 100 : nil
    case .par: Double(row.params)
    case .index: Double(row.index)
    case .local: workspace.metric(of: row)?.local
    case .oneIn, .oneOut: nil
    }
  }
}
