import CProtobuf
import Diagnostics

/// Collects what the C side reports into diagnostics with our own words.
final class News {
  var log = DiagnosticLog()
  /// Knows the names near an unknown one; `nil` while a schema is being built.
  private let schema: ProtoSchema?

  init(schema: ProtoSchema?) { self.schema = schema }

  var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  static let report: cp_report = { context, severity, file, line, column, text, scope in
    guard let context, let file, let text, let scope else { return }
    let news = Unmanaged<News>.fromOpaque(context).takeUnretainedValue()
    let place = SourceLocation(file: String(cString: file), line: Int(max(line, 0)), column: Int(max(column, 0)))
    news.add(severity, String(cString: text), scope: String(cString: scope), at: place)
  }

  private func add(_ severity: cp_severity, _ text: String, scope: String, at place: SourceLocation) {
    switch severity {
    case CP_UNKNOWN_FIELD:
      let near = NearestName.help(text, among: schema?.fieldNames(of: scope) ?? [])
      let custom = scope == "LayerParameter" ? ["parameters of a custom layer are declared with --proto FILE"] : []
      log.add(.error("unknown field '\(text)' in \(scope)", at: place, help: near.isEmpty ? custom : near))
    case CP_UNKNOWN_ENUM:
      let names = schema?.enumValueNames(ofField: scope) ?? []
      let near = NearestName.help(text, among: names)
      let all = names.isEmpty || names.count > 12 ? [] : ["one of " + names.joined(separator: ", ")]
      log.add(.error("unknown value '\(text)' for \(scope)", at: place, help: near.isEmpty ? all : near))
    case CP_RELATED: log.addToLast(.init(text, at: place))
    case CP_NOTE: log.add(.note(text, at: place))
    case CP_WARNING: log.add(.warning(text, at: place))
    default: log.add(.error(Self.polished(text), at: place))
    }
  }

  /// libprotobuf's sentences start with a capital and end with a period; ours do not.
  private static func polished(_ text: String) -> String {
    var out = text
    if out.hasSuffix(".") { out.removeLast() }
    let rest = out.prefix { $0 != " " }.dropFirst()
    if let first = out.first, !rest.isEmpty, rest.allSatisfy(\.isLowercase) {
      out = first.lowercased() + out.dropFirst()
    }
    return out
  }

  /// Everything reported, with at least one error.
  func error(otherwise text: String) -> DiagnosticError {
    log.hasErrors ? DiagnosticError(log.diagnostics) : DiagnosticError(text)
  }
}

/// Takes bytes from a C callback.
final class ByteSink {
  var bytes: [UInt8] = []
  var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  static let append: cp_bytes = { context, bytes, count in
    guard let context, let bytes else { return }
    let sink = Unmanaged<ByteSink>.fromOpaque(context).takeUnretainedValue()
    sink.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
  }
}

/// Takes names from a C callback, each once.
final class NameSink {
  var names: [String] = []
  private var seen: Set<String> = []
  var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  static let append: cp_name = { context, name in
    guard let context, let name else { return }
    let sink = Unmanaged<NameSink>.fromOpaque(context).takeUnretainedValue()
    let text = String(cString: name)
    if sink.seen.insert(text).inserted { sink.names.append(text) }
  }
}
