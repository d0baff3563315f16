import ArgumentParser
import QuantEngine
import Quantization

/// `cortado recipe check|show|apply|lift`.
struct RecipeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipe", abstract: "Check, explain and apply a simple .cfg recipe; make one from a config.",
    discussion: "Example: cortado recipe show net.cfg net.prototxt net.caffemodel",
    subcommands: [Check.self, Show.self, Apply.self, Lift.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Check a recipe, and what a net makes of it.",
      discussion: "Example: cortado recipe check net.cfg net.prototxt net.caffemodel")

    @Argument(help: ArgumentHelp("The recipe.", valueName: "file.cfg")) var recipe: String
    @OptionGroup var model: MaybeModelOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
      let file = try RecipeFile(reading: recipe)
      let loaded = try model.files(common).map { try LoadedModel($0, missing: nil) }
      loaded?.warnings.forEach(common.console.tell)
      common.show(try file.check(for: loaded, common.console.tell)) { s in
        let rules = [
          s.common ? "common rule" : nil, s.layerTypes > 0 ? counted(s.layerTypes, "type rule") : nil,
          s.layers > 0 ? counted(s.layers, "layer rule") : nil,
        ]
        let named = rules.compactMap(\.self)
        var text = "ok: " + (named.isEmpty ? "no rules" : named.joined(separator: ", "))
        if let quantized = s.quantized, let listed = s.listed { text += "; \(quantized) of \(listed) listed layers on" }
        return text
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show a recipe as a tree, and its effect on a net.",
      discussion: "Example: cortado recipe show net.cfg net.prototxt net.caffemodel --config config.json")

    @Argument(help: ArgumentHelp("The recipe.", valueName: "file.cfg")) var recipe: String
    @OptionGroup var model: LooseModelOptions
    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("The configuration to compare with (default: the net's defaults).", valueName: "file"))
    var config: String?

    func run() throws {
      let file = try RecipeFile(reading: recipe)
      let loaded = try LoadedModel(model.files(common), missing: nil)
      loaded.warnings.forEach(common.console.tell)
      common.show(try file.show(for: loaded, config: config, common.console.tell), RecipeText.text)
    }
  }

  struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "apply", abstract: "Write the config that a recipe makes, with or without values set by hand.",
      discussion: """
        Example: cortado recipe apply net.cfg net.prototxt net.caffemodel --config config.json -o config.json

        A value of --config counts as set by hand where it differs from what the recipe before (--previous), or the \
        defaults, make of the net.
        """)

    @Argument(help: ArgumentHelp("The recipe.", valueName: "file.cfg")) var recipe: String
    @OptionGroup var model: MaybeModelOptions
    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("The configuration in use.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The recipe that --config was made from.", valueName: "file.cfg"))
    var previous: String?

    @Option(help: ArgumentHelp("Values set by hand: keep or take the recipe's.", valueName: "choice"))
    var hand = HandChoice.keep

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write.", valueName: "config.json"))
    var output: String

    func validate() throws {
      if previous != nil, config == nil { throw ValidationError("--previous belongs to --config") }
    }

    func run() throws {
      let file = try RecipeFile(reading: recipe)
      let files =
        try model.files(common) ?? ModelFiles.ofNearestProject(to: ".", protos: common.proto, plugins: common.plugin)
      let loaded = try LoadedModel(files, missing: nil)
      loaded.warnings.forEach(common.console.tell)
      let applied = try file.apply(
        to: loaded, config: config, previous: previous.map { try RecipeFile(reading: $0) }, hand: hand,
        common.console.tell)
      try applied.write(to: output)
      common.show(applied) { a in
        let kept = a.kept.map { "kept      \($0.path): \($0.new ?? "-"), the recipe says \($0.old ?? "-")" }
        let replaced = a.replaced.map { "replaced  \($0.path): \($0.old ?? "-") -> \($0.new ?? "-")" }
        return (kept + replaced + ["wrote \(output): \(a.quantized) of \(a.listed) listed layers on"])
          .joined(separator: "\n")
      }
    }
  }

  struct Lift: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "lift", abstract: "Make a recipe that generates a config: hand edits become overrides.",
      discussion:
        "Example: cortado recipe lift net.prototxt net.caffemodel --config config.json --recipe a.cfg -o b.cfg")

    @OptionGroup var model: LooseModelOptions
    @OptionGroup var common: CommonOptions
    @OptionGroup var file: ConfigFile

    @Option(help: ArgumentHelp("The recipe to extend; its text stays.", valueName: "file.cfg"))
    var recipe: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write.", valueName: "out.cfg"))
    var output: String

    func run() throws {
      var document = try recipe.map { try RecipeFile(reading: $0) } ?? RecipeFile.empty(named: output)
      let loaded = try LoadedModel(model.files(common), missing: nil)
      loaded.warnings.forEach(common.console.tell)
      let summary = try document.lift(file.config, for: loaded, common.console.tell)
      try document.write(to: output)
      common.show(summary) { s in
        let lines = [
          ("set", s.globals), ("override", s.overridden), ("skip", s.skipped), ("no longer skipped", s.unskipped),
        ].filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.joined(separator: ", "))" }
        return (lines + ["wrote \(output)" + (lines.isEmpty ? ": nothing had to be added" : "")])
          .joined(separator: "\n")
      }
    }
  }
}

extension HandChoice: ExpressibleByArgument {}

/// A model that may be left out as a whole.
struct MaybeModelOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The net, text or binary.", valueName: "model.prototxt"))
  var model: String?

  @Argument(help: ArgumentHelp("Its weights.", valueName: "weights.caffemodel"))
  var weights: String?

  @OptionGroup var net: NetOptions

  func files(_ common: CommonOptions) throws -> ModelFiles? { try model.map { try net.files($0, weights, common) } }
}

func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
