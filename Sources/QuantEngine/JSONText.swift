import Foundation

/// JSON of the command line: keys sorted, so that the same result is the same text.
package enum JSONText {
  package static func encode(_ value: some Encodable, pretty: Bool = false) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else { preconditionFailure("a result that JSON cannot hold") }
    return String(decoding: data, as: UTF8.self)
  }
}
