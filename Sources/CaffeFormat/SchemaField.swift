import CProtobuf

/// What the schema says of one field of a message.
package struct SchemaField: Sendable, Hashable {
  package let name: String
  /// "int", "float", "bool", "string", "bytes", the name of an enum or of a message.
  package let type: String
  package let isRepeated: Bool
  /// What an absent field reads as, where the schema says it; `nil` for messages and repeated fields.
  package let defaultValue: ProtoValue?
  package let isMessage: Bool
}

extension ProtoSchema {
  /// The fields of a message type, in the order of their declaration; empty when there is no such type.
  package func fields(of type: String) -> [SchemaField] {
    fieldNames(of: type).compactMap { name in
      var info = cp_field()
      guard cp_find_field(handle, type, name, &info) else { return nil }
      let typeName =
        switch info.kind {
        case CP_INT, CP_UINT: "int"
        case CP_REAL: "float"
        case CP_BOOL: "bool"
        case CP_STRING: "string"
        case CP_BYTES: "bytes"
        default: info.type_name.map { String(cString: $0) } ?? ""
        }
      return SchemaField(
        name: name, type: typeName, isRepeated: info.repeated,
        defaultValue: info.has_default ? defaultValue(type, name) : nil, isMessage: info.kind == CP_MESSAGE)
    }
  }
}
