import Diagnostics
import QuantEngine
import Quantization

/// Changes of the working config: each intent of the person is one step of undo.
extension Session {
  /// Makes an edit, says what it was, or says why it is refused.
  ///
  /// Every change of the config goes through here: one call is one step of undo, on however many layers.
  mutating func edit(_ label: String, at time: Duration, _ body: (inout QuantConfig) throws -> Void) {
    if let readOnlyReason { return say(.warning, readOnlyReason, at: time) }
    do {
      let seconds = epoch + Double(time.components.seconds)
      if try workspace?.edit(label, at: seconds, body) == true { say(.info, "\(label) (u undoes)", at: time) }
    } catch {
      say(.error, Self.reason(error), at: time)
    }
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? any DiagnosticConvertible, let first = error.diagnostics.first else {
      return "\(error)"
    }
    return ([first.text] + first.help).joined(separator: "; ")
  }

  mutating func undo(at time: Duration) {
    if let label = workspace?.undo() { say(.info, "undone: \(label)", at: time) }
  }

  mutating func redo(at time: Duration) {
    if let label = workspace?.redo() { say(.info, "done again: \(label)", at: time) }
  }

  mutating func save() -> [Request<AppEffect>] {
    guard hold == nil, let workspace else { return [] }
    if outside != nil {
      quitsAfterSave = false
      if let sheet = OutsideSheet(self) { open(sheet) }
      return []
    }
    return [.effect(.save(workspace.config))]
  }

  // MARK: The layer under the cursor

  mutating func toggle(at time: Duration) {
    guard let row = selectedRow, let workspace else { return }
    let isOn = workspace.config.isEnabled(row.name)
    edit("\(row.name): \(isOn ? "quantised -> float" : "float -> quantised")", at: time) {
      try $0.set(ConfigPath(.quantEnable, layer: row.name), text: isOn ? "false" : "true", graph: workspace.graph)
    }
  }

  mutating func cycleBits(at time: Duration) {
    guard let row = selectedRow, let workspace else { return }
    let path = ConfigPath(.activationBits, layer: row.name)
    let now = workspace.config.value(path, workspace.graph)?.int ?? 8
    let next = now < 12 ? 12 : now < 16 ? 16 : 8
    let isOff = workspace.config.isEnabled(row.name) ? "" : ", still float: x quantises it"
    edit("\(row.name): num_bits \(now) -> \(next)\(isOff)", at: time) {
      try $0.set(path, text: "\(next)", graph: workspace.graph)
    }
  }

  /// The default of all fields of the layer.
  mutating func resetLayer(at time: Duration) {
    guard let row = selectedRow, let workspace else { return }
    let fields = workspace.fields(of: cursor)
    edit("\(row.name): all back to default", at: time) { config in
      // The algorithm first: bits and the fields of the other algorithm follow it.
      if fields.contains(where: { $0.path.field == .weightAlgorithm }) {
        try config.reset(ConfigPath(.weightAlgorithm, layer: row.name), graph: workspace.graph)
      }
      for field in fields where !field.path.field.isNonUniformOnly {
        try config.reset(field.path, graph: workspace.graph)
      }
    }
  }
}
