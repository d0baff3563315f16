import Diagnostics

/// The value of one configuration parameter. Numbers are their text, so that `0.70` stays `0.70`.
package enum ConfigValue: Hashable, Sendable {
  case flag(Bool)
  /// A JSON number.
  case number(String)
  case string(String)
  /// `search_range`: start and end, JSON numbers both.
  case range(String, String)
  case names([String])

  /// A float32 as the tool writes it: the shortest text that reads back as the same float32.
  package static func float(_ value: Float) -> ConfigValue { .number("\(value)") }

  package var flag: Bool? { if case .flag(let value) = self { value } else { nil } }
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var names: [String]? { if case .names(let value) = self { value } else { nil } }
  package var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }
  /// Through `Double`, as a number of a JSON file reaches the search.
  package var float: Float? { double.map(Float.init) }
  /// `nil` also for an integer beyond 64 bits.
  package var int: Int? { if case .number(let text) = self { Int(text) } else { nil } }
  package var range: (start: Double, end: Double)? {
    guard case .range(let a, let b) = self, let start = Double(a), let end = Double(b) else { return nil }
    return (start, end)
  }

  /// How an editor and `config get` show it.
  package var text: String {
    switch self {
    case .flag(let value): value ? "true" : "false"
    case .number(let text), .string(let text): text
    case .range(let start, let end): "[\(start), \(end)]"
    case .names(let names): "[" + names.joined(separator: ", ") + "]"
    }
  }

  var json: LocatedJSON {
    switch self {
    case .flag(let value): LocatedJSON(.bool(value))
    case .number(let text): LocatedJSON(.number(text))
    case .string(let text): LocatedJSON(.string(text))
    case .range(let start, let end): LocatedJSON(.array([LocatedJSON(.number(start)), LocatedJSON(.number(end))]))
    case .names(let names): LocatedJSON(.array(names.map { LocatedJSON(.string($0)) }))
    }
  }
}

/// Where a parameter's value came from: the "comes from" column of the layer editor.
package enum Provenance: String, Sendable, CaseIterable {
  case defaultValue = "default"
  case recipeCommon = "recipe common"
  case recipeType = "recipe type"
  case recipeLayer = "recipe layer"
  case hand
  case file
}

/// A parameter as it stands in a configuration. Equality is that of the value alone.
package struct Setting: Sendable, Equatable {
  package var value: ConfigValue
  package var provenance: Provenance
  package var location: SourceLocation?
  /// Places of the items of a list of names.
  package var itemLocations: [SourceLocation]

  package init(
    _ value: ConfigValue, _ provenance: Provenance, at location: SourceLocation? = nil,
    itemLocations: [SourceLocation] = []
  ) {
    self.value = value
    self.provenance = provenance
    self.location = location
    self.itemLocations = itemLocations
  }

  package static func == (a: Setting, b: Setting) -> Bool { a.value == b.value }
}
