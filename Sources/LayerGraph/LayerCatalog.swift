import CaffeFormat
import Diagnostics

/// The layer types a graph may hold, by every `type:` string they answer to: the only lookup by string.
package struct LayerCatalog: Sendable {
  package let types: [any LayerType.Type]
  private let byName: [String: any LayerType.Type]

  /// - Precondition: no two types answer to the same string.
  package init(_ types: [any LayerType.Type]) {
    self.types = types
    var table: [String: any LayerType.Type] = [:]
    for type in types {
      for name in type.caffeTypes {
        precondition(table[name] == nil, "two layer types answer to '\(name)'")
        table[name] = type
      }
    }
    byName = table
  }

  /// A type of the program itself; see `knows` for those plugged in.
  package subscript(_ type: String) -> (any LayerType.Type)? { byName[type] }
  package var names: [String] { (Array(byName.keys) + Array(plugged.keys)).sorted() }
  package func knows(_ type: String) -> Bool { byName[type] != nil || plugged[type] != nil }

  /// The types that libraries added, by name.
  package private(set) var plugged: [String: any PluggedLayerType] = [:]

  /// - Throws: a type that is there already: no library takes the place of a built-in type, or of another library's.
  package func adding(_ types: [any PluggedLayerType]) throws(DiagnosticError) -> LayerCatalog {
    var catalog = self
    var errors = DiagnosticLog()
    for type in types {
      if byName[type.name] != nil {
        errors.add(
          .error(
            "the plug-in has a layer type '\(type.name)', which is built in", at: SourceLocation(file: type.library),
            help: ["give the type another name, in the plug-in and in the net"]))
      } else if let other = catalog.plugged[type.name] {
        errors.add(
          .error(
            "the plug-in has a layer type '\(type.name)', which \(other.library) has already",
            at: SourceLocation(file: type.library)))
      } else {
        catalog.plugged[type.name] = type
      }
    }
    try errors.throwIfErrors()
    return catalog
  }

  /// Types that nobody knows but that shall run as if they did nothing.
  package private(set) var passed: Set<String> = []

  /// - Throws: a type that is known: it can be run as it is.
  package func passing(_ types: [String]) throws(DiagnosticError) -> LayerCatalog {
    var catalog = self
    for type in types {
      if knows(type) {
        throw DiagnosticError(
          "'\(type)' cannot be passed through: it is a layer type that can be run",
          help: ["leave it out of --pass-through"])
      }
      catalog.passed.insert(type)
    }
    return catalog
  }

  /// The layer that a parameter describes, and what its type takes; `nil` for a type that nobody knows.
  func layer(_ parameter: LayerParameter) throws(LayerError) -> (layer: any LayerType, arity: Arity)? {
    if let type = byName[parameter.type] {
      // A door to code of the user's that is not there.
      if type.unknownName(parameter) != nil { return nil }
      return (try type.init(LayerSource(parameter)), type.arity)
    }
    if passed.contains(parameter.type) { return (try PassedLayer(LayerSource(parameter)), PassedLayer.arity) }
    guard let type = plugged[parameter.type] else { return nil }
    return (try type.make(LayerSource(parameter)), type.arity)
  }
}

/// A layer type that a library brings while the program runs.
package protocol PluggedLayerType: Sendable {
  /// What stands behind `type:` in a net.
  var name: String { get }
  var arity: Arity { get }
  var quantization: QuantizationRole { get }
  /// File of the library.
  var library: String { get }
  func make(_ source: LayerSource) throws(LayerError) -> any LayerType
}
