import Diagnostics
import LayerGraph
import Quantization

/// What the selected part of a recipe does, in lines.
struct RecipeEffectText {
  private(set) var lines: [[Span]] = []
  private let width: Int
  private let strings: Strings
  /// More names or changes than this are counted.
  private static let limit = 60

  init(_ reading: RecipeReading, _ part: RecipeNode.Part?, width: Int, strings: Strings = .english) {
    self.width = max(10, width)
    self.strings = strings
    addProblems(reading)
    guard let effect = reading.effect, let part else {
      if reading.document != nil { add("The effect is shown once the values are legal.", .textDim) }
      return
    }
    switch part {
    case .block(.globals): addNet(effect) { $0.path.field.group == .global }
    case .block(.bnUpdate): addNet(effect) { $0.path.field.group == .bnUpdate }
    case .block(let block), .data(let block), .weights(let block): add(effect.rule(block), block)
    case .list(let list):
      for skip in effect.skips where skip.list == list { add(skip) }
      if !effect.skips.contains(where: { $0.list == list }) { add("the list is empty", .textDim) }
    case .name(let name, let list):
      for skip in effect.skips where skip.list == list && skip.name == name { add(skip) }
    }
    addTotal(effect)
  }

  private mutating func add(_ words: Words, _ role: Role = .text, indent: Int = 0) {
    let margin = String(repeating: " ", count: indent)
    let text = strings[words]
    lines += TextClip.wrap(text, to: width - indent).map { [Span(margin + $0, role)] }
  }

  private mutating func addProblems(_ reading: RecipeReading) {
    for problem in reading.problems {
      let place = problem.location.map { "line \($0.line): " } ?? ""
      add("\(place)\(problem.text)", .logError)
      for line in problem.notes.map(\.text) + problem.help { add("\(line)", .textDim, indent: 2) }
    }
    let others = reading.effect?.diagnostics.filter { $0.severity == .warning } ?? []
    for other in others {
      let place = other.location.map { "line \($0.line): " } ?? ""
      add("\(place)\(other.text)", .logWarn)
    }
    if !lines.isEmpty { lines.append([]) }
  }

  private mutating func add(_ names: [String], indent: Int = 2) {
    guard !names.isEmpty else { return }
    let rest = names.count - Self.limit
    let list = names.prefix(Self.limit).joined(separator: ", ")
    add(
      rest > 0 ? "\(written: list), and \(rest) more" : "\(written: list)", .textDim,
      indent: indent)
  }

  private mutating func add(_ rule: RecipeEffect.Rule?, _ block: RecipeBlock) {
    guard let rule else {
      return add("not in the recipe: a value set here makes it", .textDim)
    }
    add("matches \(Digits.plural(rule.matches.count, "layer"))")
    if block != .common || rule.matches.count <= 12 { add(rule.matches) }
    if block == .common { add("governs \(Digits.plural(rule.governs.count, "layer"))") }
    if rule.shadowed.isEmpty {
      add("shadowed by a stronger rule: 0")
    } else {
      add("shadowed by a stronger rule: \(rule.shadowed.count)")
      for shadow in rule.shadowed.prefix(Self.limit) {
        add("\(shadow.layer): \(said: Self.words(shadow.by))", .textDim, indent: 2)
      }
    }
    if !rule.float.isEmpty {
      add("stay float, by default or skipped: \(rule.float.count)")
      if block != .common || rule.float.count <= 12 { add(rule.float) }
    }
    add("differs from hand edits: \(rule.handEdited.count)", rule.handEdited.isEmpty ? .text : .fromHand)
    add(rule.handEdited)
    add(rule.changes, "against the config")
  }

  private static func words(_ block: RecipeBlock) -> String {
    switch block {
    case .type(let name): "type \(name)"
    case .layer: "layer rule"
    default: "\(block)"
    }
  }

  private mutating func add(_ skip: RecipeEffect.Skip) {
    let what: Words = skip.list == .skipFusionLayers ? "not fused" : "float"
    add("\(skip.name): \(Digits.plural(skip.layers.count, "layer")) \(what)")
    if skip.layers != [skip.name] { add(skip.layers) }
  }

  private mutating func addNet(_ effect: RecipeEffect, _ isShown: (ConfigChange) -> Bool) {
    let hand = effect.handEdits.first { $0.layer == nil }?.changes.filter(isShown) ?? []
    add("differs from hand edits: \(hand.count)", hand.isEmpty ? .text : .fromHand)
    for change in hand { add("\(change.path.field.key)", .textDim, indent: 2) }
    let changes = effect.changes.first { $0.layer == nil }?.changes.filter(isShown) ?? []
    add("against the config: \(changes.isEmpty ? "the same" : "")")
    for change in changes { add(change) }
  }

  private mutating func add(_ changes: [LayerChange], _ title: Words) {
    lines.append(Self.counts(changes, title))
    for change in changes.prefix(Self.limit) {
      add(change.layer.map { "\($0)" } ?? "the net", indent: 2)
      for one in change.changes { add(one, indent: 4) }
    }
    if changes.count > Self.limit { add("and \(changes.count - Self.limit) more layers", .textDim, indent: 2) }
  }

  /// `against the config: +0 -0 ~1`.
  static func counts(_ changes: [LayerChange], _ title: Words) -> [Span] {
    func count(_ kind: LayerChange.Kind) -> Int { changes.count { $0.kind == kind } }
    return [
      Span("\(title): "), Span("+\(count(.added))", .diffAdd), Span(" "), Span("-\(count(.removed))", .diffDel),
      Span(" "), Span("~\(count(.changed))", .diffMod),
    ]
  }

  private mutating func add(_ change: ConfigChange, indent: Int = 2) {
    lines.append([Span(String(repeating: " ", count: indent))] + Self.spans(change))
  }

  /// `num_bits 8 -> 12`, without the layer's name.
  static func spans(_ change: ConfigChange) -> [Span] {
    let input = change.path.input.map { "input \($0) " } ?? ""
    let weights = change.path.field == .weightBits ? "weight " : ""
    return [
      Span("\(input)\(weights)\(change.path.field.key) ", .textDim), Span(change.old?.text ?? inheritWord, .diffDel),
      Span(" -> ", .textDim), Span(change.new?.text ?? inheritWord, .diffAdd),
    ]
  }

  /// The whole recipe, below the part.
  private mutating func addTotal(_ effect: RecipeEffect) {
    lines.append([])
    guard effect.generated != nil else { return add("the net refuses this recipe", .logError) }
    lines.append(Self.counts(effect.changes.filter { $0.layer != nil }, "whole recipe"))
    let hand = effect.handEdits.count { $0.layer != nil }
    if hand > 0 { add("layers changed by hand: \(hand)", .fromHand) }
    if effect.changes.isEmpty { add("the config is what it makes", .textDim) } else { add("A applies it", .textDim) }
  }
}
