import Foundation

extension ConfigField {
  /// What is wrong with a value of the right kind, or `nil`.
  package func problem(_ value: ConfigValue) -> String? {
    switch self {
    case .version: return value.int == 1 ? nil : "The version must be 1."
    case .batchNum:
      guard let number = value.double, number > 0 else { return "The batch_num must be greater than zero." }
      return number <= Double(Int32.max) ? nil : "The batch_num must be less than or equal to \(Int32.max)"
    case .movingAverageFraction:
      guard let number = value.double, number < 1, Float(number) > 0 else {
        return "The \(key) must be greater than 0 and less than 1.0"
      }
      return nil
    case .updateIterations:
      guard let number = value.int, number > 0, number < 1000 else {
        return "The \(key) must be greater than 0 and less than 1000"
      }
      return nil
    case .dumpDirectory: return value.string == "" ? "empty string is an invalid value for \(key)" : nil
    case .activationBits: return within(value, 8, 16, "[8, 16]")
    case .weightBits: return value.int == 4 || value.int == 8 ? nil : "The num_bits must be 8 or 4"
    case .maxIteration: return within(value, 500, 2000, "[500, 2000]")
    case .minDistance: return within(value, 1e-10, 1e-3, "[1e-10, 1e-3]")
    case .maxPercentile, .minPercentile:
      guard let number = value.double, number > 0.5, number <= 1 else {
        return "The \(key) must be greater than 0.5 and less than or equal to 1.0"
      }
      return nil
    case .searchRange:
      // Judged in float32, in which the search runs.
      guard let (start, end) = value.range else { return "The search_range must have two floating-point number" }
      if Float(start) <= 0 { return "search_range[0] must be greater than zero" }
      if Float(start) >= Float(end) { return "search_range[0] must be less than search_range[1]" }
      return Float(end).isFinite ? nil : "search_range[1] must be in range of float32"
    case .searchStep:
      guard let number = value.double, Float(number) > 0 else { return "The search_step must be greater than zero" }
      return nil
    case .weightAlgorithm, .initAlgorithm:
      guard case .choice(let words) = kind, let word = value.string, !words.contains(word) else { return nil }
      return "The \(key) must be one of [\(words.joined(separator: ", "))]"
    case .skipFusionLayers: return Self.repetition(value.names ?? [], in: key)
    case .activationOffset, .jointQuant, .doFusion, .updateBN, .quantEnable, .withOffset, .channelWise: return nil
    }
  }

  private func within(_ value: ConfigValue, _ low: Double, _ high: Double, _ text: String) -> String? {
    if let number = value.double, number >= low, number <= high { return nil }
    return "The \(key) must be in range \(text)"
  }

  /// The refusal of names that stand twice in `list`, or `nil`.
  static func repetition(_ names: [String], in list: String) -> String? {
    var seen: Set<String> = []
    var repeated: [String] = []
    for name in names where !seen.insert(name).inserted && !repeated.contains(name) { repeated.append(name) }
    if repeated.isEmpty { return nil }
    return "Please delete repeated items in \(list), repeated items are [\(repeated.joined(separator: ", "))]"
  }
}
