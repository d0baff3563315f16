import CaffeFormat
import Diagnostics
import LayerGraph
import Layers
import Plugins

/// One layer type, for `cortado layers` and docs/layers.md.
package struct LayerList: Encodable, Sendable {
  /// One setting, `convolution_param.num_output`.
  package struct Parameter: Encodable, Sendable, Hashable {
    package let name: String
    package let type: String
    package let repeated: Bool
    /// As a prototxt has it.
    @NullWhenAbsent package private(set) var defaultValue: String?
  }

  package let type: String
  package let aliases: [String]
  package let bottoms: String
  package let tops: String
  /// "weights+data", "data" or "none"; "" where a layer cannot be made without settings.
  package let role: String
  package let enabledByDefault: Bool
  /// What quantization does with a layer of the type, in words.
  package let rule: String
  package let parameters: [Parameter]
  /// What computes it: "oneDNN", "own", "oneDNN or own", "reference", "no work", "plug-in"; "" where it is not noted.
  package let backend: String
  /// Where the definition comes from; "" where it is not noted.
  package let source: String

  package static func all(plugins: [String] = [], protos: [String] = []) throws(QuantError) -> [LayerList] {
    try attempting(.badInput) {
      let schema = protos.isEmpty ? try ProtoSchema.builtIn() : try ProtoSchema(merging: protos)
      let libraries = try plugins.map { path throws(DiagnosticError) in try PluginLibrary(path: path, schema: schema) }
      let catalog = try LayerCatalog.builtIn.adding(libraries.flatMap(\.types))
      let own = catalog.types.map { LayerList($0, schema) }
      let plugged = catalog.plugged.values.map { LayerList($0, schema) }
      return (own + plugged).sorted { ($0.type.lowercased(), $0.type) < ($1.type.lowercased(), $1.type) }
    }
  }

  init(_ type: any LayerType.Type, _ schema: ProtoSchema) {
    let note = LayerNote.all[type.caffeType]
    let role = LayerCatalog.example(of: type, schema)?.quantization
    self.type = type.caffeType
    aliases = Array(type.caffeTypes.dropFirst())
    bottoms = Self.text(type.arity.bottoms)
    tops = type.arity.paired ? "as bottoms" : Self.text(type.arity.tops)
    self.role = role?.kind.rawValue ?? ""
    enabledByDefault = role?.enabledByDefault ?? false
    rule = role.map(Self.rule) ?? ""
    parameters = Self.parameters(type.caffeType, schema)
    backend = note?.runner.rawValue ?? ""
    source = note?.source ?? ""
  }

  init(_ type: any PluggedLayerType, _ schema: ProtoSchema) {
    self.type = type.name
    aliases = []
    bottoms = Self.text(type.arity.bottoms)
    tops = Self.text(type.arity.tops)
    role = type.quantization.kind.rawValue
    enabledByDefault = type.quantization.enabledByDefault
    rule = Self.rule(type.quantization)
    parameters = Self.parameters(type.name, schema)
    backend = "plug-in"
    source = type.library
  }

  private static func text(_ r: ClosedRange<Int>) -> String {
    if r.upperBound == .max { return "\(r.lowerBound) or more" }
    return r.count == 1 ? "\(r.lowerBound)" : "\(r.lowerBound) to \(r.upperBound)"
  }

  /// "weights per channel, input; on".
  private static func rule(_ role: QuantizationRole) -> String {
    let what: String
    switch role.kind {
    case .none: return "-"
    case .weightsAndData where role.inputs != .first:
      what = "weights as a whole, input together with the state, static input"
    case .weightsAndData: what = role.channelWise ? "weights by channel and input" : "weights as a whole and input"
    case .data: what = role.inputs == .all ? "all inputs" : "input"
    }
    return what + (role.enabledByDefault ? "" : ", off unless asked for")
  }

  /// The fields of the type's messages, those of messages inside with their path.
  private static func parameters(_ type: String, _ schema: ProtoSchema) -> [Parameter] {
    let layer = schema.fields(of: "LayerParameter")
    return LayerCatalog.parameterFields(of: type, schema).flatMap { name in
      layer.first { $0.name == name }.map { fields(of: $0.type, name, schema, depth: 0) } ?? []
    }
  }

  private static func fields(of message: String, _ path: String, _ schema: ProtoSchema, depth: Int) -> [Parameter] {
    schema.fields(of: message).flatMap { field -> [Parameter] in
      let name = path + "." + field.name
      // Fillers are everywhere the same, and messages can hold themselves.
      if field.isMessage, depth < 2, field.type != "FillerParameter", field.type != "BlobShape" {
        return fields(of: field.type, name, schema, depth: depth + 1)
      }
      return [
        Parameter(
          name: name, type: field.type, repeated: field.isRepeated, defaultValue: field.defaultValue.map(text))
      ]
    }
  }

  private static func text(_ value: ProtoValue) -> String {
    switch value {
    case .int(let v): "\(v)"
    case .uint(let v): "\(v)"
    case .real(let v): v == v.rounded() && abs(v) < 1e15 ? "\(Int(v))" : "\(Float(v))"
    case .bool(let v): "\(v)"
    case .string(let v): "\"\(v)\""
    case .bytes: "\"\""
    case .enumeration(let name, _): name
    case .message: ""
    }
  }
}
