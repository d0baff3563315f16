import CProtobuf
import Diagnostics

extension ProtoSchema {
  /// Reads protobuf text as a message of `type`, e.g. `NetParameter`.
  /// - Parameter repeatedWins: an optional field may come twice, the last one counts (records); otherwise an error.
  /// - Throws: every unknown field (up to 20, with the nearest known name), the first syntax error, missing required
  ///   fields; each with its place.
  package func parseText(
    _ type: String, _ bytes: [UInt8], file: String, repeatedWins: Bool = false
  ) throws(DiagnosticError) -> ProtoMessage {
    try read(file: file) { news in
      bytes.withUnsafeBufferPointer {
        cp_parse_text(handle, type, file, $0.baseAddress, $0.count, repeatedWins, News.report, news.context)
      }
    }
  }

  /// Reads wire bytes as a message of `type`. Fields the schema lacks are kept in `unknownBytes`; the numbers inside
  /// blobs are left out (`WeightsFile` reads those).
  /// - Throws: bytes that are no such message, or end too early.
  package func parseBinary(
    _ type: String, _ bytes: [UInt8], file: String
  ) throws(DiagnosticError) -> ProtoMessage {
    try read(file: file) { news in
      bytes.withUnsafeBufferPointer {
        cp_parse_binary(handle, type, file, $0.baseAddress, $0.count, News.report, news.context)
      }
    }
  }

  /// The wire bytes of a text message, blobs and all.
  func binary(ofText bytes: [UInt8], type: String, file: String) throws(DiagnosticError) -> [UInt8] {
    let news = News(schema: self)
    let message = bytes.withUnsafeBufferPointer {
      cp_parse_text(handle, type, file, $0.baseAddress, $0.count, false, News.report, news.context)
    }
    guard let message else { throw news.error(otherwise: "not a text protobuf file") }
    defer { cp_message_free(message) }
    let sink = ByteSink()
    guard cp_serialize(message, ByteSink.append, sink.context) else {
      throw DiagnosticError("the message is over 2 GiB", at: SourceLocation(file: file))
    }
    return sink.bytes
  }

  private func read(
    file: String, _ parse: (News) -> OpaquePointer?
  ) throws(DiagnosticError) -> ProtoMessage {
    let news = News(schema: self)
    guard let message = parse(news) else { throw news.error(otherwise: "\(file) cannot be read") }
    defer { cp_message_free(message) }
    let tree = MessageTree(file: file)
    guard tree.walk(message), let root = tree.root else { throw DiagnosticError("out of memory reading \(file)") }
    if !tree.errors.isEmpty { throw DiagnosticError(tree.errors) }
    return root
  }
}

/// Builds a `ProtoMessage` from the C side's walk over a message.
private final class MessageTree {
  private let file: String
  private var open: [(field: String, message: ProtoMessage)] = []
  private(set) var root: ProtoMessage?
  private(set) var errors: [Diagnostic] = []
  // The entries of a repeated field come with one and the same name pointer.
  private var lastName: (pointer: UnsafePointer<CChar>, text: String)?

  init(file: String) { self.file = file }

  func walk(_ message: OpaquePointer) -> Bool {
    var visitor = cp_visitor()
    visitor.context = Unmanaged.passUnretained(self).toOpaque()
    visitor.begin = { context, field, type, line, column in
      guard let tree = MessageTree.from(context), let field, let type else { return }
      let place = tree.place(line, column)
      tree.open.append((tree.name(field), ProtoMessage(String(cString: type), location: place)))
    }
    visitor.end = { context, unknown, count in MessageTree.from(context)?.close(unknown, count) }
    visitor.int_value = { MessageTree.from($0)?.add($1, .int($2), $3, $4) }
    visitor.uint_value = { MessageTree.from($0)?.add($1, .uint($2), $3, $4) }
    visitor.real_value = { MessageTree.from($0)?.add($1, .real($2), $3, $4) }
    visitor.bool_value = { MessageTree.from($0)?.add($1, .bool($2), $3, $4) }
    visitor.text_value = { context, field, isBytes, bytes, count, line, column in
      let buffer = UnsafeBufferPointer(start: bytes, count: count)
      MessageTree.from(context)?.addText(field, isBytes, buffer, line, column)
    }
    visitor.enum_value = { context, field, name, number, line, column in
      guard let name else { return }
      let value = ProtoValue.enumeration(name: String(cString: name), number: Int(number))
      MessageTree.from(context)?.add(field, value, line, column)
    }
    return cp_visit(message, &visitor)
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> MessageTree? {
    context.map { Unmanaged<MessageTree>.fromOpaque($0).takeUnretainedValue() }
  }

  private func name(_ pointer: UnsafePointer<CChar>) -> String {
    if let lastName, lastName.pointer == pointer { return lastName.text }
    let text = String(cString: pointer)
    lastName = (pointer, text)
    return text
  }

  private func place(_ line: Int32, _ column: Int32) -> SourceLocation {
    SourceLocation(file: file, line: Int(max(line, 0)), column: Int(max(column, 0)))
  }

  private func add(_ field: UnsafePointer<CChar>?, _ value: ProtoValue, _ line: Int32, _ column: Int32) {
    guard let field, !open.isEmpty else { return }
    open[open.count - 1].message.fields.append(ProtoField(name(field), value, at: place(line, column)))
  }

  private func addText(
    _ field: UnsafePointer<CChar>?, _ isBytes: Bool, _ bytes: UnsafeBufferPointer<UInt8>, _ line: Int32,
    _ column: Int32
  ) {
    if isBytes { return add(field, .bytes([UInt8](bytes)), line, column) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let help = ["write the file in UTF-8, e.g. iconv -f GB18030 -t UTF-8"]
      errors.append(.error("text is not UTF-8", at: place(line, column), help: help))
      return
    }
    add(field, .string(text), line, column)
  }

  private func close(_ unknown: UnsafePointer<UInt8>?, _ count: Int) {
    guard let last = open.popLast() else { return }
    let field = last.field
    var message = last.message
    message.unknownBytes = [UInt8](UnsafeBufferPointer(start: unknown, count: count))
    if open.isEmpty {
      root = message
    } else {
      open[open.count - 1].message.fields.append(ProtoField(field, .message(message), at: message.location))
    }
  }
}
