import CaffeFormat
import Diagnostics

/// A recipe's text under change, in terms of rules and parameters.
struct RecipeDraft {
  private(set) var text: ProtoTextDraft

  init(_ source: [UInt8], _ message: ProtoMessage) throws(DiagnosticError) {
    text = try ProtoTextDraft(source, message)
  }

  typealias Step = ProtoTextDraft.Step

  // MARK: places

  /// The order in which new parts are put into the file.
  private static func rank(_ name: String) -> Int {
    [
      "batch_num", "activation_offset", "do_fusion", "skip_fusion_layers", "update_bn", "bn_update_config",
      "skip_layers", "skip_layer_types", "common_config", "override_layer_types", "override_layer_configs",
    ].firstIndex(of: name) ?? .max
  }

  /// The way to the message that holds a block's parameters, with the types on it.
  private func path(to block: RecipeBlock) throws(DiagnosticError) -> [(step: Step, type: String)] {
    switch block {
    case .globals: return []
    case .bnUpdate: return [(Step("bn_update_config"), "BnUpdateConfig")]
    case .common: return [(Step("common_config"), "CalibrationConfig")]
    case .type(let name), .layer(let name):
      guard let index = index(of: block) else {
        throw DiagnosticError("the recipe has no rule of its own for '\(name)'")
      }
      return [
        (Step(block.field, index), block.messageType), (Step("calibration_config"), "CalibrationConfig"),
      ]
    }
  }

  private func index(of block: RecipeBlock) -> Int? {
    let entries = text.message.messages(block.field)
    switch block {
    case .globals: return nil
    case .bnUpdate, .common: return entries.isEmpty ? nil : 0
    case .type(let name): return entries.firstIndex { $0.string("layer_type") == name }
    case .layer(let name): return entries.firstIndex { $0.string("layer_name") == name }
    }
  }

  func has(_ block: RecipeBlock) -> Bool { index(of: block) != nil }

  /// The weight algorithm that a block names.
  private func algorithm(of block: RecipeBlock) throws(DiagnosticError) -> String? {
    let message = text.message(at: try path(to: block).map(\.step))
    return [ConfigField.uniformAlgorithm, ConfigField.nonUniformAlgorithm].first { message?.has($0) == true }
  }

  private static func type(ofAlgorithm name: String) -> String {
    name == ConfigField.uniformAlgorithm ? "ARQuantize" : "SNQuantize"
  }

  /// The way to the message in which a parameter stands, or would stand.
  private func path(to path: RecipePath) throws(DiagnosticError) -> [(step: Step, type: String)] {
    let block = try self.path(to: path.block)
    switch path.field.group {
    case .activation: return block + [(Step("ifmr_quantize"), "FMRQuantize")]
    case .weights:
      let name = try algorithm(of: path.block) ?? ConfigField.uniformAlgorithm
      let isNonUniform = name == ConfigField.nonUniformAlgorithm
      if path.field.isNonUniformOnly, !isNonUniform {
        throw DiagnosticError(
          "\(path.field.key) belongs to \(ConfigField.nonUniformAlgorithm)", help: ["set wts_algo first"])
      }
      if path.field == .weightBits, isNonUniform {
        throw DiagnosticError("\(ConfigField.nonUniformAlgorithm) has 4 bits; its num_bits cannot be set")
      }
      return block + [(Step(name), Self.type(ofAlgorithm: name))]
    default: return block
    }
  }

  // MARK: parameters

  /// Gives a parameter a value; the numbers' text goes into the file as it is.
  mutating func set(_ path: RecipePath, _ value: ConfigValue) throws(DiagnosticError) {
    switch (path.field, value) {
    case (.weightAlgorithm, .string(let name)): try setAlgorithm(of: path.block, to: name)
    case (.skipFusionLayers, .names(let names)): try setNames(names, in: .skipFusionLayers)
    case (.searchRange, .range(let start, let end)):
      let place = try self.path(to: path)
      let present = text.message(at: place.map(\.step))
      // An end that stays is not written anew, and stays left out while its default is meant.
      let keepsStart = Float(start) == (present?.float("search_range_start") ?? 0.7)
      let keepsEnd = Float(end) == (present?.float("search_range_end") ?? 1.3)
      if !keepsStart || keepsEnd { try put("search_range_start", .number(start), at: place) }
      if !keepsEnd || keepsStart { try put("search_range_end", .number(end), at: try self.path(to: path)) }
    default: try put(path.field.key, value, at: try self.path(to: path), isReal: path.field.kind == .real)
    }
  }

  private mutating func put(
    _ name: String, _ value: ConfigValue, at place: [(step: Step, type: String)], isReal: Bool = true
  ) throws(DiagnosticError) {
    let literal: String
    let meaning: ProtoValue
    switch value {
    case .flag(let flag): (literal, meaning) = (flag ? "true" : "false", .bool(flag))
    case .number(let text):
      guard let number = Double(text) else { throw DiagnosticError("'\(text)' is no number") }
      if isReal {
        (literal, meaning) = (text, .real(Double(Float(number))))
      } else {
        guard let integer = UInt64(text) else { throw DiagnosticError("\(name) needs a whole number, is '\(text)'") }
        (literal, meaning) = (text, .uint(integer))
      }
    case .string(let string):
      (literal, meaning) = (ProtoTextField.literal(string, quote: text.quote(near: name)), .string(string))
    case .range, .names: throw DiagnosticError("\(name) takes one value")
    }
    if let present = text.message(at: place.map(\.step)), let old = present.field(name) {
      let step = Step(name)
      // Words mean the same in any spelling; a number's digits are the user's.
      if old.value == meaning, !isSpelledDifferently(literal, step, place) { return }
      return try text.replace(step, at: place.map(\.step), with: literal, meaning: meaning)
    }
    try insert(ProtoTextField(name, .scalar(literal, meaning)), at: place)
  }

  private func isSpelledDifferently(_ literal: String, _ step: Step, _ place: [(step: Step, type: String)]) -> Bool {
    guard let field = text.body(at: place.map(\.step))?.fields.first(where: { $0.name == step.name }),
      let range = field.entries.first?.range, let first = literal.utf8.first
    else { return true }
    let isNumber = first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    return isNumber && !text.bytes[range].elementsEqual(literal.utf8)
  }

  /// Puts a field into a message, made first where it is missing.
  private mutating func insert(
    _ field: ProtoTextField, at place: [(step: Step, type: String)]
  ) throws(DiagnosticError) {
    var (place, field) = (place, field)
    while let last = place.last, text.body(at: place.map(\.step)) == nil {
      field = ProtoTextField(last.step.name, .message(last.type, [field]))
      place.removeLast()
    }
    let rank: ((String) -> Int)? = place.isEmpty ? { Self.rank($0) } : nil
    try text.insert([field], at: place.map(\.step), rank: rank)
  }

  /// Takes a parameter out, so that its default is in force.
  mutating func reset(_ path: RecipePath) throws(DiagnosticError) {
    switch path.field {
    case .skipFusionLayers: return try setNames([], in: .skipFusionLayers)
    case .weightAlgorithm:
      if let name = try algorithm(of: path.block) {
        try text.remove(Step(name), at: try self.path(to: path.block).map(\.step))
      }
      return
    default: break
    }
    if path.field == .weightBits, try algorithm(of: path.block) == ConfigField.nonUniformAlgorithm { return }
    let names = path.field == .searchRange ? ["search_range_start", "search_range_end"] : [path.field.key]
    for name in names {
      let place = try self.path(to: path).map(\.step)
      if text.message(at: place)?.has(name) == true { try text.remove(Step(name), at: place) }
    }
  }

  /// Names another weight algorithm; what both have stays, what the new one lacks goes.
  private mutating func setAlgorithm(of block: RecipeBlock, to name: String) throws(DiagnosticError) {
    let place = try path(to: block)
    guard let old = try algorithm(of: block) else {
      return try insert(ProtoTextField(name, .message(Self.type(ofAlgorithm: name), [])), at: place)
    }
    if old == name { return }
    let steps = place.map(\.step)
    for field in text.message(at: steps + [Step(old)])?.fields ?? [] where field.name != ConfigField.channelWise.key {
      try text.remove(Step(field.name), at: steps + [Step(old)])
    }
    try text.rename(Step(old), at: steps, to: name, type: Self.type(ofAlgorithm: name))
  }

  // MARK: names

  mutating func append(_ name: String, to list: RecipeList) throws(DiagnosticError) {
    try text.append(string: name, to: list.rawValue, rank: Self.rank)
  }

  mutating func append(_ names: [String], to list: RecipeList) throws(DiagnosticError) {
    guard let first = names.first else { return }
    try append(first, to: list)
    let quote = text.quote(near: list.rawValue)
    guard text.outline.root.fields.last(where: { $0.name == list.rawValue })?.isList == false else {
      for name in names.dropFirst() { try append(name, to: list) }
      return
    }
    let rest = names.dropFirst().map {
      ProtoTextField(list.rawValue, .scalar(ProtoTextField.literal($0, quote: quote), .string($0)))
    }
    if !rest.isEmpty { try text.insert(rest, at: [], rank: Self.rank) }
  }

  mutating func remove(_ name: String, from list: RecipeList) throws(DiagnosticError) {
    let names = text.message.strings(list.rawValue)
    guard let index = names.firstIndex(of: name) else {
      throw DiagnosticError("\(list.rawValue) does not name '\(name)'", help: NearestName.help(name, among: names))
    }
    try text.remove(Step(list.rawValue, index), at: [])
  }

  mutating func setNames(_ names: [String], in list: RecipeList) throws(DiagnosticError) {
    let present = text.message.strings(list.rawValue)
    for name in present where !names.contains(name) { try remove(name, from: list) }
    try append(names.filter { !present.contains($0) }, to: list)
  }

  // MARK: blocks

  /// Adds blocks of one kind behind those that are there.
  mutating func add(_ blocks: [(block: RecipeBlock, fields: [ProtoTextField])]) throws(DiagnosticError) {
    let fields = blocks.map { block, fields in
      switch block {
      case .globals, .bnUpdate, .common: return ProtoTextField(block.field, .message(block.messageType, fields))
      case .type(let name), .layer(let name):
        let literal = ProtoTextField.literal(name, quote: text.quote(near: block.field))
        return ProtoTextField(
          block.field,
          .message(
            block.messageType,
            [
              ProtoTextField(block.key, .scalar(literal, .string(name))),
              ProtoTextField("calibration_config", .message("CalibrationConfig", fields)),
            ]))
      }
    }
    if !fields.isEmpty { try text.insert(fields, at: [], rank: Self.rank) }
  }

  mutating func remove(_ block: RecipeBlock) throws(DiagnosticError) {
    guard let index = index(of: block) else { throw DiagnosticError("the recipe has no \(block)") }
    try text.remove(Step(block.field, index), at: [])
  }
}

extension RecipeBlock {
  /// The field of the recipe that the block is an entry of.
  fileprivate var field: String {
    switch self {
    case .globals: ""
    case .bnUpdate: "bn_update_config"
    case .common: "common_config"
    case .type: "override_layer_types"
    case .layer: "override_layer_configs"
    }
  }

  fileprivate var messageType: String {
    switch self {
    case .globals: "AMCTConfig"
    case .bnUpdate: "BnUpdateConfig"
    case .common: "CalibrationConfig"
    case .type: "OverrideLayerType"
    case .layer: "OverrideLayer"
    }
  }

  /// The field that names what an override is for.
  fileprivate var key: String { if case .type = self { "layer_type" } else { "layer_name" } }
}
