import Diagnostics
import Tensors

/// Writes caffemodels: a net's layers with their blobs, in protobuf's own order of fields, the same bytes every time.
package enum WeightsWriter {
  /// - Parameters:
  ///   - net: a `NetParameter`; unknown bytes of its messages are kept.
  ///   - blobs: the blobs of each layer, by layer name. Layers that share a name all get them.
  /// - Throws: names that no layer has, a file over 2 GiB, and what writing says.
  package static func write(
    net: ProtoMessage, blobs: [String: [BlobPayload]], to path: String, schema: ProtoSchema
  ) throws(DiagnosticError) {
    let names = Set(net.messages("layer").map { $0.string("name") ?? "" })
    if let stray = blobs.keys.sorted().first(where: { !names.contains($0) }) {
      throw DiagnosticError("the net has no layer '\(stray)' to write blobs for")
    }
    var head = net
    head.remove("layer")
    let headBytes = try schema.serialize(head)
    var layers: [LayerBytes] = []
    for layer in net.messages("layer") {
      var own = layer
      own.remove("blobs")
      layers.append(LayerBytes(try schema.serialize(own), blobs[layer.string("name") ?? ""] ?? []))
    }
    let total = layers.reduce(headBytes.count) { $0 + $1.size }
    if total > FileBuffer.limit {
      throw DiagnosticError("cannot write \(path): \(total) bytes are more than the 2 GiB of a protobuf message")
    }
    // Of the fields Caffe has, `layer` (100) is the last; unknown ones stay behind it where their numbers say so.
    let split = Self.split(headBytes, before: 100)
    try AtomicFile.write(path: path) { (file: inout FileWriter) throws(DiagnosticError) in
      try file.write(Array(headBytes[..<split]))
      for layer in layers { try layer.write(to: &file) }
      try file.write(Array(headBytes[split...]))
    }
  }

  /// Writes one blob as a `.binaryproto`.
  package static func writeBlob(_ tensor: Tensor, to path: String) throws(DiagnosticError) {
    try AtomicFile.write(path: path) { (file: inout FileWriter) throws(DiagnosticError) in
      try BlobBytes(.float(tensor)).write(to: &file)
    }
  }

  /// Where in a message's wire bytes the first field with a number over `number` starts.
  static func split(_ bytes: [UInt8], before number: Int) -> Int {
    bytes.withUnsafeBytes { raw in
      var reader = WireReader(raw, 0..<raw.count)
      while let field = try? reader.next() {
        if field.number > number { return field.whole.lowerBound }
      }
      return bytes.count
    }
  }
}

/// A layer ready to be written.
private struct LayerBytes {
  private let bytes: [UInt8]
  /// `blobs` (7) goes here.
  private let split: Int
  private let blobs: [BlobBytes]
  private let payloadSize: Int

  init(_ bytes: [UInt8], _ payloads: [BlobPayload]) {
    self.bytes = bytes
    split = WeightsWriter.split(bytes, before: 7)
    blobs = payloads.map(BlobBytes.init)
    payloadSize = blobs.reduce(bytes.count) { $0 + 1 + WireWriter.size(varint: UInt64($1.size)) + $1.size }
  }

  /// With tag and length.
  var size: Int { 2 + WireWriter.size(varint: UInt64(payloadSize)) + payloadSize }

  func write(to file: inout FileWriter) throws(DiagnosticError) {
    var header = WireWriter()
    header.header(100, length: payloadSize)
    try file.write(header.bytes)
    try file.write(Array(bytes[..<split]))
    for blob in blobs {
      var header = WireWriter()
      header.header(7, length: blob.size)
      try file.write(header.bytes)
      try blob.write(to: &file)
    }
    try file.write(Array(bytes[split...]))
  }
}

/// A blob ready to be written: data (5), shape (7), int8_data (10), int32_data (11), uint64_data (12).
private struct BlobBytes {
  private let payload: BlobPayload
  /// Before the floats: their tag and length. Else: nothing.
  private let head: [UInt8]
  /// The shape, and integers.
  private let tail: [UInt8]
  let size: Int

  init(_ payload: BlobPayload) {
    self.payload = payload
    var dims = WireWriter()
    for dim in payload.shape.dims { dims.varint(UInt64(bitPattern: Int64(dim))) }
    var inner = WireWriter()
    if !dims.bytes.isEmpty {
      inner.header(1, length: dims.bytes.count)
      inner.append(dims.bytes)
    }
    var head = WireWriter()
    var tail = WireWriter()
    tail.header(7, length: inner.bytes.count)
    tail.append(inner.bytes)
    var floats = 0
    switch payload {
    case .float(let tensor):
      floats = tensor.count * 4
      if floats > 0 { head.header(5, length: floats) }
    case .int8(_, let v):
      tail.header(10, length: v.count)
      tail.append(v.lazy.map { UInt8(bitPattern: $0) })
    case .int32(_, let v): tail.packed(11, v.lazy.map { UInt64(bitPattern: Int64($0)) })
    case .uint64(_, let v): tail.packed(12, v)
    }
    self.head = head.bytes
    self.tail = tail.bytes
    size = head.bytes.count + floats + tail.bytes.count
  }

  func write(to file: inout FileWriter) throws(DiagnosticError) {
    try file.write(head)
    if case .float(let tensor) = payload {
      try file.write(UnsafeRawBufferPointer(tensor.view.buffer))
      withExtendedLifetime(tensor) {}
    }
    try file.write(tail)
  }
}

extension WireWriter {
  /// A packed repeated field of varints; nothing when there are none.
  fileprivate mutating func packed(_ number: Int, _ values: some Collection<UInt64>) {
    if values.isEmpty { return }
    header(number, length: values.reduce(0) { $0 + WireWriter.size(varint: $1) })
    for value in values { varint(value) }
  }
}
