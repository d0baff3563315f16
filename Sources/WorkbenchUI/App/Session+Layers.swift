import Diagnostics
import QuantEngine
import Quantization

/// Changes of layers: of the one under the cursor or, with marks set, of all marked ones in one step.
extension Session {
  /// The layers that a change goes to.
  var targets: [LayerRow] {
    guard let workspace else { return [] }
    if marks.isEmpty { return selectedRow.map { [$0] } ?? [] }
    return marks.compactMap { workspace.index(of: $0) }.sorted().map { workspace.rows[$0] }
  }

  /// Makes a change on its layers as one step of undo; says on how many, and which of the others refused it and why.
  ///
  /// - Parameter label: what it was on a single layer; `nil`: in the change's own words.
  mutating func change(_ order: LayerEdit, label: String? = nil, at time: Duration) {
    let rows = targets
    guard let workspace, let first = rows.first else { return }
    var copy = workspace.config
    var refused: [(name: String, reason: String)] = []
    for row in rows {
      if let reason = Self.refusal(row) {
        refused.append((row.name, reason))
        continue
      }
      do {
        try order.make(on: row, &copy, workspace)
      } catch { refused.append((row.name, Self.reason(error))) }
    }
    lastChange = order
    let count = rows.count - refused.count
    if marks.isEmpty, let only = refused.first { return say(.error, only.reason, at: time) }
    let name = marks.isEmpty ? first.name : Digits.plural(count, "layer")
    let words = marks.isEmpty ? label ?? "\(first.name): \(order.words)" : "\(name): \(order.words)"
    for (name, reason) in refused { say(.warning, "\(name) refused \(order.words): \(reason)", at: time, toast: false) }
    let note = Self.note(refused)
    if count == 0 { return say(.error, "no marked layer takes \(order.words)\(note)", at: time) }
    if !edit(words, note: note, at: time, { $0 = copy }) {
      say(.info, "\(words): nothing changed\(note)", at: time)
    }
  }

  /// `, 2 refused: conv1_bn (fused into conv1), relu1 (never quantised)`; the log has them all.
  private static func note(_ refused: [(name: String, reason: String)]) -> String {
    guard !refused.isEmpty else { return "" }
    let shown = refused.prefix(2).map { "\($0.name) (\($0.reason))" }.joined(separator: ", ")
    return ", \(refused.count) refused: \(shown)" + (refused.count > 2 ? ", 8 lists them" : "")
  }

  /// Why a layer has no settings.
  private static func refusal(_ row: LayerRow) -> String? {
    if let host = row.fusedInto { return "fused into \(host)" }
    return row.isQuantizable ? nil : "\(row.type) is never quantised"
  }

  /// Float where some are quantised, quantised where none is.
  mutating func toggle(at time: Duration) {
    guard let workspace else { return }
    let rows = targets.filter { Self.refusal($0) == nil }
    let isOn = rows.contains { workspace.config.isEnabled($0.name) }
    let label = rows.first.map { "\($0.name): \(isOn ? "quantised -> float" : "float -> quantised")" }
    change(.enable(!isOn), label: label, at: time)
  }

  /// The next of 8, 12, 16 bits; on several layers that after the first one's.
  mutating func cycleBits(at time: Duration) {
    guard let workspace, let row = targets.first(where: { Self.refusal($0) == nil }) else {
      return change(.bits(12), at: time)
    }
    let now = workspace.config.value(ConfigPath(.activationBits, layer: row.name), workspace.graph)?.int ?? 8
    let next = now < 12 ? 12 : now < 16 ? 16 : 8
    let isOff = workspace.config.isEnabled(row.name) ? "" : ", still float: x quantises it"
    change(.bits(next), label: "\(row.name): num_bits \(now) -> \(next)\(isOff)", at: time)
  }

  /// The default of all fields.
  mutating func resetLayer(at time: Duration) { change(.resetAll, at: time) }

  mutating func repeatChange(at time: Duration) {
    if let lastChange { change(lastChange, at: time) }
  }

  /// Gives the settings of another layer to the layer under the cursor, or to the marked ones.
  mutating func paste(from source: String, at time: Duration) {
    guard let workspace, let row = workspace.index(of: source) else { return }
    // The algorithm before what depends on it; bits of weights follow it.
    let fields = workspace.fields(of: row).filter { $0.isEditable && $0.path.field != .weightBits }
    let ordered =
      fields.filter { $0.path.field == .weightAlgorithm } + fields.filter { $0.path.field != .weightAlgorithm }
    change(.paste(from: source, ordered.map { ($0.path, $0.text) }), at: time)
  }
}
