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

  package subscript(_ type: String) -> (any LayerType.Type)? { byName[type] }
  package var names: [String] { byName.keys.sorted() }
}
