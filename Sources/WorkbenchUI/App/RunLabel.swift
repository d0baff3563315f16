import Quantization

/// The name that a run gets at its start: what is different from the run before.
enum RunLabel {
  /// `conv3_dw num_bits 8 -> 12`, `conv3_dw float and 2 more`, `num_bits 12 on 5 layers`.
  /// - Parameter sameData: false when the run before saw other images, or other preprocessing.
  static func of(_ changes: [ConfigChange], since run: Int?, sameData: Bool? = nil) -> String {
    if sameData == false, let run {
      return changes.isEmpty ? "other data than run \(run)" : "other data, \(of(changes, since: run))"
    }
    guard let first = changes.first else { return run.map { "same settings as run \($0)" } ?? "first run" }
    if changes.count == 1 { return words(first) }
    let alike = changes.allSatisfy { $0.path.layer != nil && $0.path.field == first.path.field && $0.new == first.new }
    let layers = Set(changes.compactMap(\.path.layer)).count
    if alike, layers > 1 { return "\(value(first)) on \(layers) layers" }
    return "\(words(first)) and \(changes.count - 1) more"
  }

  /// A label as it is shown: one that a person wrote is not translated.
  static func words(_ label: String) -> Words {
    let isOwn = label == "first run" || label.hasPrefix("same settings as run ") || label.hasPrefix("other data")
    return isOwn ? Words(label) : "\(written: label)"
  }

  private static func words(_ change: ConfigChange) -> String {
    if change.path.field == .quantEnable { return "\(change.path.layer ?? "") \(value(change))" }
    let layer = change.path.layer.map { "\($0) " } ?? ""
    return "\(layer)\(change.path.field.key) \(change.old?.text ?? inheritWord) -> \(change.new?.text ?? inheritWord)"
  }

  private static func value(_ change: ConfigChange) -> String {
    if change.path.field == .quantEnable { return change.new?.flag == true ? "quantised" : "float" }
    return "\(change.path.field.key) \(change.new?.text ?? inheritWord)"
  }
}
