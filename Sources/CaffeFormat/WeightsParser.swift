import Diagnostics
import Tensors

/// Walks the wire format of a NetParameter for its layers.
struct WeightsParser {
  let buffer: FileBuffer
  let path: String
  let schema: ProtoSchema
  private let known: [String: Set<Int>]

  init(buffer: FileBuffer, path: String, schema: ProtoSchema) {
    self.buffer = buffer
    self.path = path
    self.schema = schema
    let types = [Format.v2, .v1, .v0].map(\.messageType)
    known = Dictionary(uniqueKeysWithValues: types.map { ($0, Set(schema.fieldNumbers(of: $0).values)) })
  }

  func net() throws(DiagnosticError) -> ([WeightsLayer], [UInt8]) {
    var layers: [WeightsLayer] = []
    var unknown: [UInt8] = []
    var log = DiagnosticLog()
    do {
      var reader = WireReader(buffer.bytes, 0..<buffer.count)
      while let field = try reader.next() {
        switch (field.number, field.type) {
        case (100, .bytes): layers.append(try layer(field.payload, .v2, &log))
        case (2, .bytes): layers.append(try layer(field.payload, .v1, &log))
        case (1...8, _): break
        default: unknown += reader.array(field.whole)
        }
      }
    } catch let error as WireError {
      throw Self.failure(error, path: path, what: "a Caffe weights file", size: buffer.count)
    } catch {
      throw Self.located(error, path)
    }
    try log.throwIfErrors()
    if layers.isEmpty {
      throw DiagnosticError("the file has no layers: not a Caffe weights file", at: SourceLocation(file: path))
    }
    return (layers, unknown)
  }

  /// Field numbers of one layer message format.
  private struct Format {
    var messageType: String
    var name: Int
    var type: Int
    var blobs: Int

    static let v2 = Format(messageType: "LayerParameter", name: 1, type: 2, blobs: 7)
    static let v1 = Format(messageType: "V1LayerParameter", name: 4, type: 5, blobs: 6)
    static let v0 = Format(messageType: "V0LayerParameter", name: 1, type: 2, blobs: 50)
  }

  private func layer(_ range: Range<Int>, _ format: Format, _ log: inout DiagnosticLog) throws -> WeightsLayer {
    var reader = WireReader(buffer.bytes, range)
    var name = ""
    var type = ""
    var blobs: [Range<Int>] = []
    var unknown: [UInt8] = []
    var settings: [UInt8] = []
    let known = known[format.messageType] ?? []
    while let field = try reader.next() {
      switch (field.number, field.type) {
      case (format.name, .bytes): name = reader.text(field)
      case (format.type, .bytes): type = reader.text(field)
      case (format.type, .varint): type = v1Type(field.varint)
      case (format.blobs, .bytes): blobs.append(field.payload)
      case (1, .bytes) where format.messageType == "V1LayerParameter":
        return try layer(field.payload, .v0, &log)
      case (let number, _) where !known.contains(number): unknown += reader.array(field.whole)
      case (_, .bytes) where format.messageType == "LayerParameter": settings += reader.array(field.whole)
      default: break
      }
    }
    let blobReader = BlobReader(buffer: buffer)
    var views: [BlobView] = []
    for (i, blob) in blobs.enumerated() {
      do throws(any Error) {
        views.append(try blobReader.read(blob, title: "blob \(i) of layer '\(name)'"))
      } catch let error as DiagnosticError {
        log.add(contentsOf: Self.located(error, path).diagnostics)
      }
    }
    if format.messageType == "V0LayerParameter" { type = V0Upgrade.typeNames[type] ?? type }
    return WeightsLayer(name: name, type: type, blobs: views, unknownBytes: unknown, settings: settings)
  }

  private func v1Type(_ number: UInt64) -> String {
    guard let name = schema.enumName("V1LayerParameter", "type", number) else { return "" }
    return V1Upgrade.typeNames[name] ?? name
  }

  static func failure(_ error: WireError, path: String, what: String, size: Int) -> DiagnosticError {
    let place = SourceLocation(file: path)
    switch error.reason {
    case .truncated:
      return DiagnosticError(
        "the file is cut short, or not \(what): the field at byte \(error.offset) goes beyond its end, byte \(size)",
        at: place)
    case .malformed:
      return DiagnosticError("not \(what), or damaged: the bytes at \(error.offset) are no protobuf field", at: place)
    }
  }

  static func located(_ error: any Error, _ path: String) -> DiagnosticError {
    guard var known = error as? DiagnosticError else { return DiagnosticError("cannot read \(path): \(error)") }
    for i in known.diagnostics.indices where known.diagnostics[i].location == nil {
      known.diagnostics[i].location = SourceLocation(file: path)
    }
    return known
  }
}
