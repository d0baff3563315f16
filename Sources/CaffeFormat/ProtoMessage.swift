import Diagnostics

/// A protobuf message as a value: what a prototxt, .cfg, record or weights file says, with the place of every field.
///
/// Fields stand in schema order (field number), the entries of a repeated field in file order. Equality ignores places.
package struct ProtoMessage: Sendable {
  /// Name without package, e.g. `LayerParameter`.
  package let typeName: String
  package var fields: [ProtoField]
  /// Wire bytes that the schema does not know (binary input only); written back as they came.
  package var unknownBytes: [UInt8]
  package var location: SourceLocation

  package init(_ typeName: String, fields: [ProtoField] = [], location: SourceLocation = SourceLocation(file: "")) {
    self.typeName = typeName
    self.fields = fields
    self.unknownBytes = []
    self.location = location
  }
}

/// One field (or one entry of a repeated field) of a `ProtoMessage`.
package struct ProtoField: Sendable {
  package let name: String
  package var value: ProtoValue
  package var location: SourceLocation

  package init(_ name: String, _ value: ProtoValue, at location: SourceLocation = SourceLocation(file: "")) {
    self.name = name
    self.value = value
    self.location = location
  }
}

/// A field's value. Floats are kept as `Double`, exactly as wide as needed: a `float` field's value is representable in `Float`.
package enum ProtoValue: Sendable, Hashable {
  case int(Int64)
  case uint(UInt64)
  case real(Double)
  case bool(Bool)
  case string(String)
  case bytes([UInt8])
  case enumeration(name: String, number: Int)
  case message(ProtoMessage)
}

extension ProtoField: Hashable {
  package static func == (a: ProtoField, b: ProtoField) -> Bool { a.name == b.name && a.value == b.value }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(value)
  }
}

extension ProtoMessage: Hashable {
  package static func == (a: ProtoMessage, b: ProtoMessage) -> Bool {
    a.typeName == b.typeName && a.fields == b.fields && a.unknownBytes == b.unknownBytes
  }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(typeName)
    hasher.combine(fields)
  }
}

// Reading. A single-valued accessor takes the last entry, as protobuf does; of the wrong kind it reads as absent.
extension ProtoMessage {
  package func has(_ name: String) -> Bool { fields.contains { $0.name == name } }
  package func count(_ name: String) -> Int { fields.reduce(0) { $0 + ($1.name == name ? 1 : 0) } }
  package func field(_ name: String) -> ProtoField? { fields.last { $0.name == name } }
  package func all(_ name: String) -> [ProtoField] { fields.filter { $0.name == name } }

  /// Where the field stands, or where the message begins when it is absent.
  package func location(of name: String) -> SourceLocation {
    guard let place = field(name)?.location, place.line > 0 else { return location }
    return place
  }

  package func int(_ name: String) -> Int? { field(name)?.value.intValue }
  package func ints(_ name: String) -> [Int] { all(name).compactMap(\.value.intValue) }
  package func double(_ name: String) -> Double? { field(name)?.value.doubleValue }
  package func float(_ name: String) -> Float? { double(name).map(Float.init) }
  package func floats(_ name: String) -> [Float] { all(name).compactMap { $0.value.doubleValue.map(Float.init) } }
  package func bool(_ name: String) -> Bool? {
    if case .bool(let b)? = field(name)?.value { return b }
    return nil
  }
  package func string(_ name: String) -> String? { field(name)?.value.stringValue }
  package func strings(_ name: String) -> [String] { all(name).compactMap(\.value.stringValue) }
  package func enumName(_ name: String) -> String? {
    if case .enumeration(let n, _)? = field(name)?.value { return n }
    return nil
  }
  package func message(_ name: String) -> ProtoMessage? {
    if case .message(let m)? = field(name)?.value { return m }
    return nil
  }
  package func messages(_ name: String) -> [ProtoMessage] {
    all(name).compactMap { if case .message(let m) = $0.value { m } else { nil } }
  }
}

// Editing. Order among different field names does not matter: printing and encoding use schema order.
extension ProtoMessage {
  /// Replaces every entry of `name` by one value.
  package mutating func set(_ name: String, _ value: ProtoValue) {
    let place = field(name)?.location ?? location
    remove(name)
    fields.append(ProtoField(name, value, at: place))
  }

  /// Replaces every entry of the repeated field `name`.
  package mutating func setAll(_ name: String, _ values: [ProtoValue]) {
    let place = field(name)?.location ?? location
    remove(name)
    fields.append(contentsOf: values.map { ProtoField(name, $0, at: place) })
  }

  package mutating func append(_ name: String, _ value: ProtoValue) {
    fields.append(ProtoField(name, value, at: location))
  }

  package mutating func remove(_ name: String) { fields.removeAll { $0.name == name } }

  /// Edits the sub-message `name`, making it (with `typeName`) when absent.
  package mutating func update(_ name: String, typeName: String, _ body: (inout ProtoMessage) -> Void) {
    var m = message(name) ?? ProtoMessage(typeName, location: location)
    body(&m)
    set(name, .message(m))
  }
}

extension ProtoValue {
  package var intValue: Int? {
    switch self {
    case .int(let v): return Int(v)
    case .uint(let v): return Int(exactly: v)
    default: return nil
    }
  }
  package var doubleValue: Double? {
    switch self {
    case .real(let v): return v
    case .int(let v): return Double(v)
    case .uint(let v): return Double(v)
    default: return nil
    }
  }
  package var stringValue: String? { if case .string(let s) = self { s } else { nil } }
}
