/// What screens keep between sessions, as words.
extension LayersScreen {
  var memory: [String: String] {
    var words = ["order": rows.order.rawValue, "view": rows.view.rawValue]
    if !filter.isEmpty { words["filter"] = filter.source }
    return words
  }

  mutating func recall(_ memory: [String: String], _ session: inout Session) {
    // A ranking puts the cursor on its head; here the layer is remembered too.
    let cursor = session.cursor
    if let order = memory["order"].flatMap(LayerOrder.init), order != rows.order { sort(by: order, &session) }
    session.cursor = cursor
    if let view = memory["view"].flatMap(LayerView.init), view != rows.view { show(view, &session) }
    if let text = memory["filter"], let filter = try? FilterExpression(parsing: text) { show(only: filter, &session) }
  }
}

extension CompareScreen {
  var memory: [String: String] { ["order": order.rawValue] }

  mutating func recall(_ memory: [String: String], _ session: inout Session) {
    guard let order = memory["order"].flatMap(Order.init), order != self.order else { return }
    // A ranking puts the cursor on its head; here the layer is remembered too.
    let cursor = session.cursor
    sort(by: order, &session)
    session.cursor = cursor
  }
}
