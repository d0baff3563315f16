import Diagnostics

/// Phase, level and stages of a net, against which the `include` and `exclude` rules of its layers are held.
/// - Source: Caffe `net.cpp`, `Net::FilterNet` and `Net::StateMeetsRule`.
struct NetState {
  var phase: Phase
  var level: Int
  var stages: Set<String>

  /// The net's own state with the wanted phase; a level other than 0 replaces, stages add to, those of the file.
  init(_ message: ProtoMessage?, phase: Phase, level: Int, stages: [String]) {
    self.phase = phase
    self.level = level != 0 ? level : message?.int("level") ?? 0
    self.stages = Set(message?.strings("stage") ?? []).union(stages)
  }

  /// The layers that are part of the net in this state.
  /// - Throws: a layer with both `include` and `exclude`.
  func filter(_ layers: [ProtoMessage]) throws(DiagnosticError) -> [ProtoMessage] {
    var log = DiagnosticLog()
    let kept = layers.filter { layer in
      let include = layer.messages("include")
      let exclude = layer.messages("exclude")
      if !include.isEmpty, !exclude.isEmpty {
        log.add(
          .error(
            "layer '\(layer.string("name") ?? "")' has include and exclude rules; only one kind is allowed",
            at: layer.location(of: "exclude")))
      }
      return include.isEmpty ? !exclude.contains(where: meets) : include.contains(where: meets)
    }
    try log.throwIfErrors()
    return kept
  }

  /// Whether every condition of the rule holds.
  func meets(_ rule: ProtoMessage) -> Bool {
    if let wanted = rule.enumName("phase"), wanted != phase.rawValue { return false }
    if let least = rule.int("min_level"), level < least { return false }
    if let most = rule.int("max_level"), level > most { return false }
    if !rule.strings("stage").allSatisfy(stages.contains) { return false }
    return !rule.strings("not_stage").contains(where: stages.contains)
  }
}
