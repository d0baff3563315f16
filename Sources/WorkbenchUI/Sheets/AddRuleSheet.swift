import Quantization

/// What is to be added to the recipe.
struct AddRuleSheet: QuestionSheet {
  enum Answer: Sendable {
    case block(RecipeBlock)
    case named(RecipeEntry)
  }

  let question: ChoiceSheet<Answer>
  private let reading: RecipeReading

  /// `nil` without a recipe.
  init?(_ reading: RecipeReading) {
    guard let recipe = reading.document?.recipe else { return nil }
    self.reading = reading
    var lines: [Span] = []
    var choices: [ChoiceSheet<Answer>.Choice] = []
    func add(_ key: Character, _ words: String, _ line: String, _ answer: Answer) {
      lines.append(Span("\(key)  \(line)"))
      choices.append(.init(.character(key), words, answer))
    }
    if recipe.location(of: .common) == nil {
      add("c", "common", "common_config: the rule for all layers", .block(.common))
    }
    add("t", "type", "a rule for a layer type, stronger than the common one", .named(.typeRule))
    add("l", "layer", "a rule for one layer, stronger than that of its type", .named(.layerRule))
    add("s", "float", "skip_layers: a layer that stays float", .named(.name(.skipLayers)))
    add("k", "float type", "skip_layer_types: a type whose layers stay float", .named(.name(.skipLayerTypes)))
    add("f", "unfused", "skip_fusion_layers: a layer that is not fused", .named(.name(.skipFusionLayers)))
    if recipe.location(of: .bnUpdate) == nil {
      add("b", "bn", "bn_update_config: how BatchNorm is refreshed", .block(.bnUpdate))
    }
    question = ChoiceSheet(title: "Add to the recipe", lines: lines, choices: choices, stay: "nothing")
  }

  func take(_ answer: Answer, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch answer {
    case .block(let block):
      session.tell(RecipeScreen.self) { screen, session in screen.add(block, &session, at: time) }
    case .named(let entry):
      if let prompt = Prompt.recipeName(entry, reading, session) { session.ask(prompt) }
    }
    return .close
  }
}
