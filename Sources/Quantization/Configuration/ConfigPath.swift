import Diagnostics

/// Names one parameter of a configuration: `batch_num`, `bn_update_config.bn_dump_dir`,
/// `conv1.weight_quant_params.channel_wise`, `add.activation_quant_params[1].num_bits`.
package struct ConfigPath: Hashable, Sendable, CustomStringConvertible {
  package let field: ConfigField
  /// `nil` for a parameter of the whole net.
  package let layer: String?
  /// Which input an activation parameter is meant for; `nil`: all of them.
  package let input: Int?

  /// - Precondition: a layer is named exactly for the parameters of layers.
  package init(_ field: ConfigField, layer: String? = nil, input: Int? = nil) {
    precondition((layer != nil) == field.isOfLayer, "'\(field.key)' and its layer do not go together")
    self.field = field
    self.layer = layer
    self.input = field.group == .activation ? input : nil
  }

  package var description: String {
    let index = input.map { "[\($0)]" } ?? ""
    let prefix = layer.map { $0 + "." } ?? ""
    switch field.group {
    case .global: return field.key
    case .layer: return prefix + field.key
    case .bnUpdate, .activation, .weights: return "\(prefix)\(field.group.rawValue)\(index).\(field.key)"
    }
  }

  /// Reads a path that names its layer, if any. A layer's name may hold dots and brackets: the longest one that fits is
  /// meant.
  /// - Throws: an unknown layer or parameter, with the nearest name.
  package static func parse(_ text: String, layers: some Sequence<String>) throws(DiagnosticError) -> ConfigPath {
    let rest = text.removing(prefix: ConfigField.Group.bnUpdate.rawValue + ".") ?? text
    if let field = ConfigField.Group.bnUpdate.field(rest) { return ConfigPath(field) }
    if let field = ConfigField.Group.global.field(text) { return ConfigPath(field) }
    let owner = layers.filter { text.hasPrefix($0 + ".") }.max { $0.utf8.count < $1.utf8.count }
    if let owner, let rest = text.removing(prefix: owner + ".") { return try parse(rest, layer: owner) }
    let name = text.split(separator: ".", maxSplits: 1).first.map(String.init) ?? text
    throw DiagnosticError(
      "no layer or parameter '\(text)'", help: NearestName.help(name, among: QuantConfig.globalKeys + Array(layers)))
  }

  /// Reads the part of a path behind a layer's name. Where a key is enough to tell a parameter, its object may be left
  /// out: `search_step`.
  package static func parse(_ text: String, layer: String) throws(DiagnosticError) -> ConfigPath {
    let candidates = ConfigField.allCases.filter(\.isOfLayer)
    let short = candidates.filter { $0.key == text }
    if let field = short.first, short.count == 1 { return ConfigPath(field, layer: layer) }
    for group in [ConfigField.Group.activation, .weights] {
      guard var rest = text.removing(prefix: group.rawValue) else { continue }
      var input: Int?
      if group == .activation, let (index, behind) = Self.index(rest) { (input, rest) = (index, behind) }
      guard let key = rest.removing(prefix: ".") else { continue }
      if let field = group.field(key) { return ConfigPath(field, layer: layer, input: input) }
      throw DiagnosticError(
        "Unknown parameter \(key) in \(group.rawValue)", help: NearestName.help(key, among: group.fields.map(\.key)))
    }
    let both = short.map { ConfigPath($0, layer: layer).description }
    throw DiagnosticError(
      both.isEmpty ? "layer '\(layer)' has no parameter '\(text)'" : "'\(text)' may mean \(both.joined(separator: " or "))",
      help: NearestName.help(text, among: candidates.map(\.key)))
  }

  /// Reads `[1]` or `.1` at the start.
  private static func index(_ text: String) -> (index: Int, rest: String)? {
    let digits = text.dropFirst().prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits) else { return nil }
    let behind = text.dropFirst(1 + digits.count)
    if text.hasPrefix("["), behind.hasPrefix("]") { return (number, String(behind.dropFirst())) }
    return text.hasPrefix(".") ? (number, String(behind)) : nil
  }
}

extension ConfigField {
  /// True for parameters that stand in a layer's entry.
  package var isOfLayer: Bool { group == .layer || group == .activation || group == .weights }
}

extension String {
  fileprivate func removing(prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
