import Diagnostics
import Foundation
import Quantization
import Tensors

/// `cortado factors`: one quantization algorithm on one tensor.
package struct FactorsJob {
  package enum Algorithm: String, Sendable, CaseIterable {
    case ifmr, arq, snq, ulq, searchn
  }

  package struct IFMRReport: Encodable, Sendable {
    package let scale: Float
    package let offset: Int
    package let candidates: Int
    package let best: Int
    package let clip_min: Float
    package let clip_max: Float
    package let mse: Double
  }
  package struct ARQReport: Encodable, Sendable {
    package let scale: [Float]
  }
  package struct SNQReport: Encodable, Sendable {
    package let scale: [Float]
    package let centres: [Int]
    package let iterations: Int
    package let mse: Double
  }
  package struct ULQReport: Encodable, Sendable {
    package let scale: Float
    package let offset_record: Int
    package let low_int: Int
    package let clip_lo: Float
    package let clip_hi: Float
  }
  package struct SearchNReport: Encodable, Sendable {
    package let n: [Int]
    package let n_tensor: Int
  }

  package let tensor: Tensor
  private let settings: FactorSettings
  private let file: String
  private let threads: Int

  /// - Parameter settings: `key=value` words.
  package init(file: String, settings: [String], threads: Int) throws(QuantError) {
    self.file = file
    self.threads = threads
    self.settings = try FactorSettings(settings)
    tensor = try attempting(.badInput) { try NumpyFile.readTensor(file) }
  }

  package func ifmr() throws(QuantError) -> IFMRReport {
    try settings.allow([
      "num_bits", "with_offset", "search_range", "search_step", "max_percentile", "min_percentile",
    ])
    var p = IFMR.Parameters()
    p.numBits = try settings.int("num_bits") ?? p.numBits
    p.withOffset = try settings.bool("with_offset") ?? p.withOffset
    if let range = try settings.floats("search_range") {
      guard range.count == 2 else { throw QuantError(.usage, "The search_range must have two floating-point number") }
      p.searchRange = (range[0], range[1])
    }
    p.searchStep = try settings.float("search_step") ?? p.searchStep
    p.maxPercentile = try settings.float("max_percentile") ?? p.maxPercentile
    p.minPercentile = try settings.float("min_percentile") ?? p.minPercentile
    return try attempting(.badInput) {
      let (r, mse) = try tensor.withView { view throws(IFMRError) in
        let r = try IFMR.search([view], p, threads: threads)
        return (r, r.meanSquaredError([view], threads: threads))
      }
      return IFMRReport(
        scale: r.scale, offset: r.offset, candidates: r.candidates, best: r.best, clip_min: r.clipMin,
        clip_max: r.clipMax, mse: mse)
    }
  }

  /// - Parameter codes: where to write the int8 codes.
  package func arq(codes path: String?) throws(QuantError) -> ARQReport {
    try settings.allow(["axis", "num_bits"])
    let channelAxis = try channelAxis()
    let bits = try settings.int("num_bits") ?? 8
    guard (2...8).contains(bits) else { throw QuantError(.badInput, "num_bits must be in range [2, 8], is \(bits)") }
    return try attempting(.badInput) {
      let scales = try ARQ.scales(tensor, axis: channelAxis, numBits: bits)
      if let path {
        let codes = ARQ.codes(tensor, scales: scales, axis: channelAxis, numBits: bits)
        try NumpyFile.write(codes, shape: tensor.shape, to: path)
      }
      return ARQReport(scale: scales)
    }
  }

  /// - Parameter codes: where to write the codes, uint8.
  package func snq(codes path: String?) throws(QuantError) -> SNQReport {
    try settings.allow(["axis", "max_iteration", "min_distance", "init_algo"])
    let channelAxis = try channelAxis()
    var p = SNQ.Parameters()
    if let limit = try settings.int("max_iteration") {
      try check(.maxIteration, .number("\(limit)"))
      p.maxIteration = limit
    }
    if let distance = try settings.double("min_distance") {
      try check(.minDistance, .number("\(distance)"))
      p.minDistance = distance
    }
    if let word = settings.word("init_algo") {
      try check(.initAlgorithm, .string(word))
      p.start = ClusterStart(rawValue: word) ?? p.start
    }
    return try attempting(.badInput) {
      let found = try SNQ.quantize(tensor, axis: channelAxis, p)
      if let path {
        try NumpyFile.write(found.codes.map(UInt8.init(bitPattern:)), shape: tensor.shape, to: path)
      }
      return SNQReport(
        scale: found.scales, centres: found.centres.map(Int.init), iterations: found.iterations,
        mse: found.meanSquaredError)
    }
  }

  /// `axis`: 0 unless set; `nil` for -1, one step for the whole tensor.
  private func channelAxis() throws(QuantError) -> Int? {
    let axis = try settings.int("axis") ?? 0
    guard axis >= -1, axis < tensor.shape.rank else {
      throw QuantError(
        .badInput, "axis \(axis) is outside the tensor's shape \(tensor.shape); -1 means the whole tensor")
    }
    return axis < 0 ? nil : axis
  }

  /// Refuses what config.json would not take.
  private func check(_ field: ConfigField, _ value: ConfigValue) throws(QuantError) {
    if let problem = field.problem(value) { throw QuantError(.badInput, problem) }
  }

  package func ulq() throws(QuantError) -> ULQReport {
    try settings.allow(["clip_max", "clip_min", "fixed_min", "num_bits"])
    guard let high = try settings.float("clip_max"), let low = try settings.float("clip_min") else {
      throw QuantError(.usage, "ulq needs --set clip_max=.. and --set clip_min=..")
    }
    let bits = try settings.int("num_bits") ?? 8
    guard (8...16).contains(bits) else { throw QuantError(.badInput, "The num_bits must be in range [8, 16]") }
    guard low.isFinite, high.isFinite, low < high, high > 0 else {
      throw QuantError(.badInput, "clip_max must be positive and above clip_min, both finite")
    }
    let fixed = try settings.bool("fixed_min") ?? false
    return try attempting(.badInput) {
      let g = try ULQ.Grid(clipMin: low, clipMax: high, fixedMin: fixed, numBits: bits)
      return ULQReport(
        scale: g.scale, offset_record: g.offset, low_int: g.lowInt, clip_lo: g.clipLow, clip_hi: g.clipHigh)
    }
  }

  package func searchN() throws(QuantError) -> SearchNReport {
    try settings.allow(["deq"])
    guard let deq = try settings.floats("deq"), !deq.isEmpty else {
      throw QuantError(.usage, "searchn needs --set deq=[..], one per row of the tensor or one")
    }
    let rows = tensor.shape.rank > 0 ? tensor.shape[0] : 1
    guard rows > 0, deq.count == rows || deq.count == 1 else {
      throw QuantError(.badInput, "\(deq.count) scales in deq for \(rows) rows")
    }
    guard deq.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw QuantError(.badInput, "deq must be positive and finite")
    }
    let all = deq.count == rows ? deq : [Float](repeating: deq[0], count: rows)
    let result = tensor.withView { SearchN.search($0, rows: rows, deq: all) }
    return SearchNReport(n: result.perRow, n_tensor: result.tensor)
  }
}

/// `key=value` words of `--set`.
struct FactorSettings {
  private var values: [String: String] = [:]

  init(_ words: [String]) throws(QuantError) {
    for word in words {
      guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
        throw QuantError(.usage, "'--set \(word)' is no assignment", help: ["write --set key=value"])
      }
      values[String(word[..<equals])] = String(word[word.index(after: equals)...])
    }
  }

  func allow(_ keys: [String]) throws(QuantError) {
    for key in values.keys.sorted() where !keys.contains(key) {
      throw QuantError(
        .usage, "unknown key '\(key)'",
        help: NearestName.help(key, among: keys) + ["keys: " + keys.joined(separator: ", ")])
    }
  }

  private func parse<T>(_ key: String, _ what: String, _ body: (String) -> T?) throws(QuantError) -> T? {
    guard let text = values[key] else { return nil }
    guard let value = body(text) else { throw QuantError(.usage, "\(key) must be \(what), is '\(text)'") }
    return value
  }

  func int(_ key: String) throws(QuantError) -> Int? { try parse(key, "a whole number") { Int($0) } }
  func word(_ key: String) -> String? { values[key] }
  func double(_ key: String) throws(QuantError) -> Double? { try parse(key, "a number") { Double($0) } }
  func float(_ key: String) throws(QuantError) -> Float? { try parse(key, "a number") { Float($0) } }
  func bool(_ key: String) throws(QuantError) -> Bool? { try parse(key, "true or false") { Bool($0.lowercased()) } }

  /// A JSON list, numbers separated by commas, or one number.
  func floats(_ key: String) throws(QuantError) -> [Float]? {
    try parse(key, "a list of numbers") { text in
      let inner = text.trimmingCharacters(in: CharacterSet(charactersIn: "[] "))
      let parts = inner.split(separator: ",", omittingEmptySubsequences: false).map {
        Float($0.trimmingCharacters(in: .whitespaces))
      }
      let known = parts.compactMap { $0 }
      return known.count == parts.count ? known : nil
    }
  }
}
