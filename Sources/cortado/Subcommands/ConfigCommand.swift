import ArgumentParser
import Diagnostics
import Foundation
import QuantEngine

/// `cortado config init|check|get|set|diff`.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Make, check, read, edit and compare config.json.",
    discussion: "Example: cortado config init net.prototxt net.caffemodel -o config.json",
    subcommands: [Init.self, Check.self, Get.self, Set.self, Diff.self])

  struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "init", abstract: "Write the default config of a net, or a recipe's.",
      discussion: "Example: cortado config init net.prototxt net.caffemodel -o config.json --batch-num 4")

    @OptionGroup var model: LooseModelOptions
    @OptionGroup var common: CommonOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write.", valueName: "config.json"))
    var output: String

    @Option(help: ArgumentHelp("Batches of calibration.", valueName: "n"))
    var batchNum: Int?

    @Flag(help: "Symmetric data: activation_offset false.")
    var symmetric = false

    @Option(help: ArgumentHelp("Layers to leave float.", valueName: "a,b"))
    var skipLayers: String?

    @Option(help: ArgumentHelp("Layer types to leave float.", valueName: "T,.."))
    var skipLayerTypes: String?

    @Option(help: ArgumentHelp("Simple .cfg recipe.", valueName: "file.cfg"))
    var recipe: String?

    func validate() throws {
      if let batchNum, batchNum < 1 { throw ValidationError("The batch_num must be greater than zero.") }
    }

    func run() throws {
      let log = try AMCTLog(isQuiet: common.quiet)
      var source = ConfigSource(recipe: recipe, batchNum: batchNum)
      source.symmetric = symmetric
      source.skipLayers = names(skipLayers)
      source.skipLayerTypes = names(skipLayerTypes)
      let made = try log.noting {
        let made = try ConfigDocument.make(source, for: model.files(common), common.console.tell)
        try made.write(to: output)
        return made
      }
      log.noteConfig(output)
      common.show(ConfigSummary(made)) { "wrote \(output): \($0.quantized) of \($0.listed) listed layers on" }
    }

    private func names(_ text: String?) -> [String] {
      text?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty } ?? []
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Check a config.json against a net.",
      discussion: "Example: cortado config check net.prototxt net.caffemodel --config config.json")

    @OptionGroup var model: LooseModelOptions
    @OptionGroup var common: CommonOptions
    @OptionGroup var file: ConfigFile

    func run() throws {
      let document = try ConfigDocument.read(file.config, for: model.files(common), common.console.tell)
      common.show(ConfigSummary(document)) { "ok: \($0.quantized) of \($0.listed) listed layers on" }
    }
  }

  struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "get", abstract: "Print one value: batch_num or LAYER.field.path.",
      discussion: "Example: cortado config get conv1.activation_quant_params.num_bits --config config.json")

    @Argument(help: "The value's path.") var path: String
    @OptionGroup var file: ConfigFile
    @OptionGroup var common: CommonOptions

    func run() throws {
      let value = try ConfigDocument.read(file.config).get(path)
      common.show(["path": path, "value": value]) { $0["value"] ?? "" }
    }
  }

  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Set a field of every layer that a filter finds.",
      discussion: "Example: cortado config set 'name:conv*' activation.num_bits=12 --config config.json")

    @Argument(help: ArgumentHelp("Layer name, or name:GLOB, or a global key with '=value'.", valueName: "filter"))
    var filter: String

    @Argument(help: ArgumentHelp("field.path=value.", valueName: "field=value"))
    var assignment: String?

    @OptionGroup var file: ConfigFile
    @OptionGroup var common: CommonOptions

    func run() throws {
      var document = try ConfigDocument.read(file.config)
      let changed = try document.set(filter: assignment == nil ? nil : filter, assignment: assignment ?? filter)
      try document.write(to: file.config)
      common.show(changed) { $0.map { "\($0.path): \($0.old ?? "-") -> \($0.new ?? "-")" }.joined(separator: "\n") }
    }
  }

  struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "diff", abstract: "Show what differs between two config.json.",
      discussion: "Example: cortado config diff other.json --config config.json")

    @Argument(help: "The other config.") var other: String
    @OptionGroup var file: ConfigFile
    @OptionGroup var common: CommonOptions

    func run() throws {
      let changes = try ConfigDocument.read(file.config).diff(ConfigDocument.read(other))
      common.show(changes) {
        $0.isEmpty
          ? "no difference" : $0.map { "\($0.path): \($0.old ?? "-") -> \($0.new ?? "-")" }.joined(separator: "\n")
      }
    }
  }
}

struct ConfigFile: ParsableArguments {
  @Option(help: ArgumentHelp("The configuration.", valueName: "config.json"))
  var config: String
}

private struct ConfigSummary: Encodable {
  let listed: Int
  let quantized: Int

  init(_ document: ConfigDocument) {
    listed = document.layerCount
    quantized = document.enabledCount
  }
}
