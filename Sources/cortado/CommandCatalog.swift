import ArgumentParser

/// Every verb, one line each, in the order that help shows them.
enum CommandCatalog {
  static let verbs: [any ParsableCommand.Type] = [
    OpenCommand.self,
    InspectCommand.self,
    ConfigCommand.self,
    RecipeCommand.self,
    QuantizeCommand.self,
    CompareCommand.self,
    EvaluateCommand.self,
    ForwardCommand.self,
    BenchCommand.self,
    FactorsCommand.self,
    LayersCommand.self,
  ]

  static let names = verbs.compactMap { $0.configuration.commandName } + ["help"]
}
