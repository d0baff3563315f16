import ArgumentParser

/// Every verb, one line each, in the order that help shows them.
enum CommandCatalog {
  static let verbs: [any ParsableCommand.Type] = [
    OpenCommand.self,
    InspectCommand.self,
    ConfigCommand.self,
    RecipeCommand.self,
    PretestCommand.self,
    QuantizeCommand.self,
    ConvertCommand.self,
    UninplaceCommand.self,
    JobCommand.self,
    RunsCommand.self,
    ReportCommand.self,
    SaveCommand.self,
    CompareCommand.self,
    EvaluateCommand.self,
    ForwardCommand.self,
    BenchCommand.self,
    FactorsCommand.self,
    DatasetCommand.self,
    LayersCommand.self,
    ProtoCommand.self,
    ThemeCommand.self,
    ReplayCommand.self,
  ]

  /// Words that may follow a verb that has verbs of its own; empty for others.
  static func subverbs(of name: String) -> [String] {
    verbs.first { $0.configuration.commandName == name }?.configuration.subcommands
      .compactMap { $0.configuration.commandName } ?? []
  }

  static let names = verbs.compactMap { $0.configuration.commandName } + ["help"]
}
