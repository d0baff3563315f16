import Diagnostics
import QuantEngine
import Quantization

/// Changes of the working config: each intent of the person is one step of undo.
extension Session {
  /// Makes an edit, says what it was, or says why it is refused.
  ///
  /// Every change of the config goes through here: one call is one step of undo, on however many layers.
  /// - Parameter note: what else is to be said, behind the label.
  /// - Returns: whether something changed.
  @discardableResult
  mutating func edit(
    _ label: String, note: String = "", at time: Duration, _ body: (inout QuantConfig) throws -> Void
  ) -> Bool {
    if isRefused(at: time) { return false }
    do {
      let seconds = epoch + Double(time.components.seconds)
      guard try workspace?.edit(label, at: seconds, body) == true else { return false }
      say(.info, "\(label)\(note) (u undoes)", at: time)
      return true
    } catch {
      say(.error, Self.reason(error), at: time)
      return false
    }
  }

  /// The same for changes of config and recipe together.
  /// - Returns: whether something changed.
  @discardableResult
  mutating func editDocument(
    _ label: String, at time: Duration, _ body: (inout EditedConfig) throws -> Void
  ) -> Bool {
    if isRefused(at: time) { return false }
    do {
      let seconds = epoch + Double(time.components.seconds)
      let changed = try workspace?.editDocument(label, at: seconds, body) == true
      if changed { say(.info, "\(label) (u undoes)", at: time) }
      return changed
    } catch {
      say(.error, Self.reason(error), at: time)
      return false
    }
  }

  static func reason(_ error: any Error) -> String {
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
    return [.effect(.save(workspace.config, recipe: workspace.recipe))]
  }

  /// Says why nothing may be changed, when that is so.
  private mutating func isRefused(at time: Duration) -> Bool {
    guard let readOnlyReason else { return false }
    say(.warning, readOnlyReason, at: time)
    return true
  }
}
