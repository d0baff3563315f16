import CProtobuf
import Diagnostics

extension ProtoSchema {
  /// Text format as libprotobuf prints it: fields by number, 2-space indent, one entry of a repeated field per line;
  /// floats as the shortest decimal that reads back as the same value.
  /// - Throws: fields the schema lacks, values that do not fit their field.
  package func printText(_ message: ProtoMessage) throws(DiagnosticError) -> String {
    try encode(message) {
      String(decoding: $0, as: UTF8.self)
    } with: {
      cp_print_text($0, $1, $2)
    }
  }

  /// Wire format: fields by number, unknown bytes after them, the same bytes every time.
  /// - Throws: as `printText`; also a message over 2 GiB.
  package func serialize(_ message: ProtoMessage) throws(DiagnosticError) -> [UInt8] {
    try encode(message) {
      $0
    } with: {
      cp_serialize($0, $1, $2)
    }
  }

  private func encode<R>(
    _ message: ProtoMessage, _ finish: ([UInt8]) -> R,
    with write: (OpaquePointer, @escaping cp_bytes, UnsafeMutableRawPointer) -> Bool
  ) throws(DiagnosticError) -> R {
    guard let built = cp_message_create(handle, message.typeName), let root = cp_message_root(built) else {
      throw DiagnosticError("the schema has no message \(message.typeName)")
    }
    defer { cp_message_free(built) }
    try fill(root, from: message)
    let sink = ByteSink()
    guard write(built, ByteSink.append, sink.context) else {
      throw DiagnosticError("\(message.typeName) is over 2 GiB, more than a protobuf message can hold")
    }
    return finish(sink.bytes)
  }

  private func fill(_ node: OpaquePointer, from message: ProtoMessage) throws(DiagnosticError) {
    for field in message.fields {
      let status =
        switch field.value {
        case .int(let v): cp_put_int(node, field.name, v)
        case .uint(let v): cp_put_uint(node, field.name, v)
        case .real(let v): cp_put_real(node, field.name, v)
        case .bool(let v): cp_put_bool(node, field.name, v)
        case .string(let v): putText(node, field.name, Array(v.utf8))
        case .bytes(let v): putText(node, field.name, v)
        case .enumeration(let name, let number): cp_put_enum(node, field.name, name, Int32(clamping: number))
        case .message(let m): try putMessage(node, field.name, m)
        }
      if status != CP_OK { throw Self.refusal(status, field, in: message) }
    }
    if !message.unknownBytes.isEmpty {
      let status = message.unknownBytes.withUnsafeBufferPointer { cp_put_unknown(node, $0.baseAddress, $0.count) }
      if status != CP_OK { throw DiagnosticError("unknown bytes of \(message.typeName) are no fields") }
    }
  }

  private func putText(_ node: OpaquePointer, _ name: String, _ bytes: [UInt8]) -> cp_status {
    bytes.withUnsafeBufferPointer { cp_put_text(node, name, $0.baseAddress, $0.count) }
  }

  private func putMessage(
    _ node: OpaquePointer, _ name: String, _ message: ProtoMessage
  ) throws(DiagnosticError) -> cp_status {
    var inner: OpaquePointer?
    let status = cp_put_message(node, name, &inner)
    guard status == CP_OK, let inner else { return status == CP_OK ? CP_FAILED : status }
    try fill(inner, from: message)
    return CP_OK
  }

  private static func refusal(_ status: cp_status, _ field: ProtoField, in message: ProtoMessage) -> DiagnosticError {
    let place = field.location.line > 0 ? field.location : nil
    switch status {
    case CP_NO_FIELD: return DiagnosticError("\(message.typeName) has no field '\(field.name)'", at: place)
    case CP_OUT_OF_RANGE:
      return DiagnosticError("the value of '\(field.name)' is out of range in \(message.typeName)", at: place)
    case CP_WRONG_KIND:
      return DiagnosticError("'\(field.name)' of \(message.typeName) is of another type", at: place)
    default: return DiagnosticError("out of memory writing \(message.typeName)")
    }
  }
}
