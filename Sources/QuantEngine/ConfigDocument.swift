import Diagnostics
import Foundation
import Glibc
import Quantization

/// A config.json as the command line handles it.
package struct ConfigDocument: Sendable {
  package struct Change: Encodable, Sendable, Hashable {
    package let path: String
    package let old: String?
    package let new: String?
  }

  private var config: QuantConfig

  /// A fresh config for a net.
  package static func make(
    _ source: ConfigSource, for files: ModelFiles, _ news: (Diagnostic) -> Void
  ) throws(QuantError) -> ConfigDocument {
    let model = try LoadedModel(files, missing: nil)
    var warnings = model.warnings
    let config = try source.config(for: model, &warnings)
    warnings.forEach(news)
    return ConfigDocument(config: config)
  }

  /// A config checked against its net.
  package static func read(
    _ path: String, for files: ModelFiles, _ news: (Diagnostic) -> Void
  ) throws(QuantError) -> ConfigDocument {
    try make(ConfigSource(config: path), for: files, news)
  }

  /// A config on its own.
  package static func read(_ path: String) throws(QuantError) -> ConfigDocument {
    try attempting(.badInput) { ConfigDocument(config: try QuantConfig.read(ConfigSource.bytes(path), file: path)) }
  }

  package var layerCount: Int { config.layerNames.count }
  package var enabledCount: Int { config.layerNames.filter(config.isEnabled).count }

  package func write(to path: String) throws(QuantError) {
    try attempting(.runFailed) { try AtomicFile.write(path: path, text: config.text + "\n") }
  }

  /// The text of a value that the file holds.
  package func get(_ path: String) throws(QuantError) -> String {
    try attempting(.badInput) {
      let parsed = try ConfigPath.parse(Self.longPath(path), layers: config.layerNames)
      guard let setting = config.setting(parsed) else {
        throw DiagnosticError("'\(path)' is not in the file; its default is in force")
      }
      return setting.value.text
    }
  }

  /// Applies `field.path=value` to every layer that the filter finds, or `key=value` to the whole net.
  /// - Parameter filter: a layer's name, or `name:GLOB`; `nil` for a path that names its own layer or a global key.
  package mutating func set(filter: String?, assignment: String) throws(QuantError) -> [Change] {
    let before = config
    var edited = config
    config = try attempting(.badInput) {
      guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
        throw QuantError(.usage, "'\(assignment)' is no assignment", help: ["write field.path=value"])
      }
      let field = Self.longPath(String(assignment[..<equals]))
      let value = String(assignment[assignment.index(after: equals)...])
      guard let filter else {
        try edited.setWithoutNet(try ConfigPath.parse(field, layers: edited.layerNames), text: value)
        return edited
      }
      let pattern = filter.hasPrefix("name:") ? String(filter.dropFirst(5)) : filter
      let names = edited.layerNames.filter { unsafe $0 == pattern || fnmatch(pattern, $0, 0) == 0 }
      guard !names.isEmpty else {
        throw DiagnosticError(
          "no layer is named '\(pattern)'", help: NearestName.help(pattern, among: edited.layerNames))
      }
      for name in names { try edited.setWithoutNet(try ConfigPath.parse(field, layer: name), text: value) }
      return edited
    }
    return Self.changes(before, config)
  }

  package func diff(_ other: ConfigDocument) -> [Change] { Self.changes(config, other.config) }

  static func changes(_ a: QuantConfig, _ b: QuantConfig) -> [Change] {
    QuantConfig.diff(a, b).map { Change(path: $0.path.description, old: $0.old?.text, new: $0.new?.text) }
  }

  /// `activation.num_bits` and `weight.channel_wise` for the long names of the file.
  package static func longPath(_ path: String) -> String {
    for (short, long) in [("activation.", "activation_quant_params."), ("weight.", "weight_quant_params.")] {
      if path.hasPrefix(short) { return long + path.dropFirst(short.count) }
      if let range = path.range(of: "." + short) { return path.replacingCharacters(in: range, with: "." + long) }
    }
    return path
  }
}
