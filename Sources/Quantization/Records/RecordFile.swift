import CaffeFormat
import Diagnostics

/// A record of factors that a user made: the layers with their factors as they stand, each with its place.
///
/// It is the `ScaleOffsetRecord` of today, or of the older line, which has `scale_d`, `offset_d`, `channels`, `height`
/// and `width` beside `scale_w`, or both mixed: such values are those of the `record_d` with index 0, whose own values go
/// first. An optional field that stands twice counts with its last value.
/// - Source: amct-facts 4.4, 6.2; AMCT user guide, chapter on the record file.
package struct RecordFile: Sendable {
  /// The factors of one layer, as far as they can be checked without the net.
  package struct Entry: Sendable {
    package let layer: String
    /// Of the layer's name.
    package let location: SourceLocation
    /// Legal in themselves; ascending by index. `channels`, `height` and `width` are 1 where the file says nothing.
    package let data: [LayerRecord.Data]
    package let skipFusion: Bool
    /// All of 1...16, or empty: zeros are no shifts.
    package let shiftBits: [Int]
    /// The message itself, for what only the net can tell the meaning of.
    let message: ProtoMessage
    /// Places of `data`.
    let dataLocations: [SourceLocation]
  }

  package let file: String
  /// In file order, each layer once.
  package let entries: [Entry]

  /// - Throws: up to 20 errors with their places: what is no such message, and what no net could make right.
  package static func read(_ bytes: [UInt8], file: String) throws(DiagnosticError) -> RecordFile {
    let root: ProtoMessage
    do throws(DiagnosticError) {
      root = try ProtoSchema.builtIn().parseText("ScaleOffsetRecord", bytes, file: file, repeatedWins: true)
    } catch {
      throw error.adding(
        context: "the record_file{\(file)} cannot be parsered, please ensure it matches with scale_offset_record.proto!"
      )
    }
    var log = DiagnosticLog()
    var entries: [Entry] = []
    var places: [String: SourceLocation] = [:]
    for record in root.messages("record") {
      guard let key = record.field("key"), let layer = key.value.stringValue, !layer.isEmpty else {
        log.add(.error("Cannot find \"key\" in record file.", at: record.location))
        continue
      }
      if let first = places.updateValue(key.location, forKey: layer) {
        log.add(
          .error(
            "Please delete repeated items in record, repeated items are [\(layer)]", at: key.location,
            notes: [.init("the first is here", at: first)]))
        continue
      }
      let value = record.message("value") ?? ProtoMessage("SingleLayerRecord", location: key.location)
      entries.append(RecordEntryReader(layer, value, at: key.location).entry(&log))
    }
    if !root.has("record") {
      log.add(
        .error(
          "record_file is empty, no layers to be quantized. Please ensure calibration is finished by checking "
            + "information!", at: SourceLocation(file: file)))
    }
    try log.throwErrorsInFileOrder()
    return RecordFile(file: file, entries: entries)
  }
}

/// Reads one `SingleLayerRecord`.
private struct RecordEntryReader {
  private let layer: String
  private let message: ProtoMessage
  private let location: SourceLocation

  init(_ layer: String, _ message: ProtoMessage, at location: SourceLocation) {
    self.layer = layer
    self.message = message
    self.location = location
  }

  func entry(_ log: inout DiagnosticLog) -> RecordFile.Entry {
    var data: [LayerRecord.Data] = []
    var places: [SourceLocation] = []
    for (index, factors) in activations(&log) {
      if let found = read(factors, index: index, &log) {
        data.append(found)
        places.append(factors.location)
      }
    }
    return RecordFile.Entry(
      layer: layer, location: location, data: data, skipFusion: message.bool("skip_fusion") ?? false,
      shiftBits: shifts(&log), message: message, dataLocations: places)
  }

  /// The `record_d` messages by index, that of index 0 with the values of the older layout where it lacks them.
  private func activations(_ log: inout DiagnosticLog) -> [(index: Int, factors: ProtoMessage)] {
    var found: [Int: ProtoMessage] = [:]
    for factors in message.messages("record_d") {
      let index = factors.int("index") ?? 0
      if index < 0 {
        log.add(.error("index must not be negative in layer \(layer).", at: factors.location(of: "index")))
      } else if let first = found[index] {
        log.add(
          .error(
            "layer \(layer) has two record_d of index \(index)", at: factors.location,
            notes: [.init("the first is here", at: first.location)]))
      } else {
        found[index] = factors
      }
    }
    let older = ["scale_d", "offset_d", "channels", "height", "width"].compactMap(message.field)
    if let first = older.first {
      var factors = found[0] ?? ProtoMessage("ActivationQuantParam", location: first.location)
      for field in older where !factors.has(field.name) { factors.fields.append(field) }
      found[0] = factors
    }
    if found.isEmpty, !message.has("record_d") { log.add(missing("scale_d", at: location)) }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func missing(_ field: String, at place: SourceLocation) -> Diagnostic {
    .error("Cannot find \(field) of layer '\(layer)' in record file", at: place)
  }

  private func read(_ factors: ProtoMessage, index: Int, _ log: inout DiagnosticLog) -> LayerRecord.Data? {
    let bits = factors.int("num_bits_d") ?? 8
    guard (8...16).contains(bits) else {
      log.add(
        .error(
          "num_bits_d's value should be in [8, 16] in layer \(layer).", at: factors.location(of: "num_bits_d")))
      return nil
    }
    var isLegal = true
    if let scale = factors.float("scale_d") {
      if !RecordFile.isLegal(scale) {
        isLegal = false
        log.add(
          .error(
            "scale_d's value shoule be in positivate range of float32 in layer \(layer).",
            at: factors.location(of: "scale_d"), notes: [.init("it is \(scale); \(RecordFile.scaleRange)")]))
      }
    } else {
      log.add(missing("scale_d", at: factors.location))
    }
    let scheme = Scheme(numBits: bits)
    if let offset = factors.int("offset_d") {
      if offset < scheme.qmin || offset > scheme.qmax {
        isLegal = false
        log.add(
          .error(
            "offset_d's value should be in [\(scheme.qmin), \(scheme.qmax)] in layer \(layer).",
            at: factors.location(of: "offset_d"), notes: [.init("it is \(offset), with \(bits) bits")]))
      }
    } else {
      log.add(missing("offset_d", at: factors.location))
    }
    guard isLegal, let scale = factors.float("scale_d"), let offset = factors.int("offset_d") else { return nil }
    return LayerRecord.Data(
      index: index, scale: scale, offset: offset, numBits: bits, channels: factors.int("channels") ?? 1,
      height: factors.int("height") ?? 1, width: factors.int("width") ?? 1)
  }

  private func shifts(_ log: inout DiagnosticLog) -> [Int] {
    let shifts = message.ints("shift_bit")
    if shifts.allSatisfy({ $0 == 0 }) { return [] }
    if let bad = message.all("shift_bit").first(where: { !(1...16).contains($0.value.intValue ?? 0) }) {
      log.add(.error("shift_bit's value shoule be in [1, 16] or all be 0 in layer \(layer)", at: bad.location))
      return []
    }
    return shifts
  }
}

extension RecordFile {
  /// A step that the layers Quant and DeQuant can hold with its reciprocal.
  ///
  /// - Source: amct-facts 1.1 (what the library's checker of such records admits), 1.7.
  static func isLegal(_ scale: Float) -> Bool {
    scale.isFinite && Double(scale) >= Double.ulpOfOne && Double(scale) < 1 / Double.ulpOfOne
  }

  static let scaleRange = "steps are from 2.220446e-16 to 4.5036e+15"
}
