import CProtobuf
import Diagnostics

/// The message types a run knows: Caffe's, ATC's, AMCT's, and those of a custom .proto file.
///
/// The built-in schema is compiled into the program as .proto text and parsed on first use.
package final class ProtoSchema: @unchecked Sendable {
  // Sendable: libprotobuf's descriptor pools and message factories may be shared once built.
  let handle: OpaquePointer
  /// What laying a custom file over the built-in schema replaced, and numbers outside the recommended range.
  package let notes: [Diagnostic]

  private static let shared = Result<ProtoSchema, DiagnosticError> { () throws(DiagnosticError) in
    try ProtoSchema(merging: [])
  }

  /// The schema without custom files; parsed once per process.
  package static func builtIn() throws(DiagnosticError) -> ProtoSchema { try shared.get() }

  /// Lays each custom file over the built-in package `caffe`, by name.
  ///
  /// A fragment adds fields to `LayerParameter` and messages; a whole caffe.proto (one that declares
  /// `LayerParameter.name`) is laid over as a whole, its numbers winning over those of other forks. AMCT's own messages
  /// and numbers can't be changed.
  /// - Throws: unreadable files, syntax errors, clashing names and numbers, each at its place in the custom file.
  package init(merging customFiles: [String]) throws(DiagnosticError) {
    let builtIn: [(String, [UInt8])] = [
      ("core.proto", PackageResources.core_proto), ("layers.proto", PackageResources.layers_proto),
      ("forks.proto", PackageResources.forks_proto), ("amct.proto", PackageResources.amct_proto),
      ("legacy.proto", PackageResources.legacy_proto), ("caffe.proto", PackageResources.caffe_proto),
      ("calibration.proto", PackageResources.calibration_proto),
    ]
    var custom: [(String, [UInt8])] = []
    for path in customFiles { custom.append((path, try FileBuffer(reading: path).array)) }
    let news = News(schema: nil)
    let created = Self.withSources(builtIn) { base in
      Self.withSources(custom) { over in
        cp_schema_create(base.baseAddress, base.count, over.baseAddress, over.count, News.report, news.context)
      }
    }
    guard let created else { throw news.error(otherwise: "the schema cannot be built") }
    handle = created
    notes = news.log.diagnostics
  }

  deinit { cp_schema_free(handle) }

  /// The whole package `caffe` as one .proto file.
  package var protoText: String {
    let bytes = ByteSink()
    _ = cp_schema_text(handle, ByteSink.append, bytes.context)
    return "// Caffe's schema with ATC's, AMCT's and custom layers.\n\n" + String(decoding: bytes.bytes, as: UTF8.self)
  }

  /// Field names of a message type, in the order of their declaration; empty when there is no such type.
  package func fieldNames(of type: String) -> [String] {
    let names = NameSink()
    _ = cp_field_names(handle, type, NameSink.append, names.context)
    return names.names
  }

  /// The value an absent field reads as: the schema's default, or the zero of its type. `nil` for messages and for
  /// fields that do not exist.
  package func defaultValue(_ type: String, _ field: String) -> ProtoValue? {
    var info = cp_field()
    guard cp_find_field(handle, type, field, &info) else { return nil }
    let text = { [UInt8](UnsafeRawBufferPointer(start: info.text, count: info.text_count)) }
    switch info.kind {
    case CP_INT: return .int(info.int_value)
    case CP_UINT: return .uint(info.uint_value)
    case CP_REAL: return .real(info.real_value)
    case CP_BOOL: return .bool(info.bool_value)
    case CP_STRING: return .string(String(decoding: text(), as: UTF8.self))
    case CP_BYTES: return .bytes(text())
    case CP_ENUM:
      return .enumeration(name: String(decoding: text(), as: UTF8.self), number: Int(info.int_value))
    default: return nil
    }
  }

  /// Field numbers of a message type, by name.
  package func fieldNumbers(of type: String) -> [String: Int] {
    var numbers: [String: Int] = [:]
    for name in fieldNames(of: type) {
      var info = cp_field()
      if cp_find_field(handle, type, name, &info) { numbers[name] = Int(info.number) }
    }
    return numbers
  }

  /// The message with its fields, and those of the messages inside, by field number.
  package func inFieldOrder(_ message: ProtoMessage) -> ProtoMessage {
    let numbers = fieldNumbers(of: message.typeName)
    var sorted = message
    sorted.fields = message.fields.enumerated().sorted { a, b in
      (numbers[a.element.name] ?? .max, a.offset) < (numbers[b.element.name] ?? .max, b.offset)
    }.map(\.element)
    for i in sorted.fields.indices {
      if case .message(let inner) = sorted.fields[i].value { sorted.fields[i].value = .message(inFieldOrder(inner)) }
    }
    return sorted
  }

  /// The name of a value of an enum field.
  func enumName(_ type: String, _ field: String, _ number: UInt64) -> String? {
    guard let number = Int32(exactly: number) else { return nil }
    return cp_enum_value_name(handle, type, field, number).map { String(cString: $0) }
  }

  /// Names of the values of every enum field called `field`.
  func enumValueNames(ofField field: String) -> [String] {
    let names = NameSink()
    cp_enum_value_names(handle, field, NameSink.append, names.context)
    return names.names
  }

  /// Calls `body` with C views of the sources.
  private static func withSources<R>(
    _ sources: [(String, [UInt8])], _ views: [cp_source] = [], _ body: (UnsafeBufferPointer<cp_source>) -> R
  ) -> R {
    guard views.count < sources.count else { return views.withUnsafeBufferPointer(body) }
    let (name, bytes) = sources[views.count]
    return name.withCString { name in
      bytes.withUnsafeBufferPointer { bytes in
        withSources(sources, views + [cp_source(name: name, bytes: bytes.baseAddress, count: bytes.count)], body)
      }
    }
  }
}

extension Result {
  /// `Result(catching:)` with a typed error.
  fileprivate init(_ body: () throws(Failure) -> Success) {
    do { self = .success(try body()) } catch { self = .failure(error) }
  }
}
