import Diagnostics
import QuantEngine
import Quantization

/// Changes of the config: each is one step of undo, on however many layers.
extension PaletteCommand {
  static let config: [PaletteCommand] = [set, float, quant, bits, reset]

  private static let set: PaletteCommand = .init(
    name: "set", aliases: ["config set"], usage: "[FILTER] FIELD VALUE",
    help: "a setting of the net, or of all layers of a filter",
    candidates: { words, session in
      guard let workspace = session.workspace else { return [] }
      if words.isEmpty {
        return QuantConfig.globalKeys.map { Candidate(text: $0, note: value($0, session)) } + layers(session)
      }
      if words.count > 1 || QuantConfig.globalKeys.contains(words[0]) { return [] }
      let row = (try? session.layers(in: words[0]))?.first.flatMap { workspace.index(of: $0) }
      return row.map { row in
        workspace.fields(of: row).map { Candidate(text: shortPath($0), note: $0.text) }
      } ?? []
    },
    run: { words, session, time in
      guard let workspace = session.workspace, let line = Assignment(words) else { throw set.wrongUsage() }
      let graph = workspace.graph
      let layers = workspace.rows.map(\.name)
      let field = ConfigDocument.longPath(line.field)
      guard let filter = line.filter else {
        let path = try ConfigPath.parse(field, layers: layers)
        return try session.tryEdit("\(path) = \(line.value)", at: time) {
          try $0.set(path, text: line.value, graph: graph)
        }
      }
      let names = try session.layers(in: filter)
      let paths = try names.map { try ConfigPath.parse(field, layer: $0) }
      return try session.tryEdit("\(count(names)): \(line.field) = \(line.value)", at: time) { config in
        for path in paths { try config.set(path, text: line.value, graph: graph) }
      }
    })

  private static let float: PaletteCommand = .init(
    name: "float", aliases: ["layer float"], usage: "FILTER", help: "un-quantise all layers of a filter",
    candidates: { words, session in words.isEmpty ? layers(session) : [] },
    run: { words, session, time in try enable(false, words, &session, time) })

  private static let quant: PaletteCommand = .init(
    name: "quant", aliases: ["layer quant"], usage: "FILTER", help: "quantise all layers of a filter",
    candidates: { words, session in words.isEmpty ? layers(session) : [] },
    run: { words, session, time in try enable(true, words, &session, time) })

  private static let bits: PaletteCommand = .init(
    name: "bits", aliases: ["layer bits"], usage: "FILTER BITS", help: "activation bits of all layers of a filter",
    candidates: { words, session in
      words.isEmpty ? layers(session) : words.count == 1 ? ["8", "12", "16"].map { Candidate(text: $0) } : []
    },
    run: { words, session, time in
      guard let graph = session.workspace?.graph, words.count >= 2, let bits = words.last else {
        throw Self.bits.wrongUsage()
      }
      let names = try session.layers(in: words.dropLast().joined(separator: " "))
      return try session.tryEdit("\(count(names)): num_bits \(bits)", at: time) { config in
        for name in names { try config.set(ConfigPath(.activationBits, layer: name), text: bits, graph: graph) }
      }
    })

  private static let reset: PaletteCommand = .init(
    name: "default", usage: "FILTER", help: "all settings of the layers of a filter back to default",
    candidates: { words, session in words.isEmpty ? layers(session) : [] },
    run: { words, session, time in
      guard let workspace = session.workspace, !words.isEmpty else { throw reset.wrongUsage() }
      let names = try session.layers(in: words.joined(separator: " "))
      var log = DiagnosticLog()
      let start = try QuantConfig.initial(graph: workspace.graph, log: &log)
      return try session.tryEdit("\(count(names)): all back to default", at: time) { config in
        for name in names { config.layers[name] = start.layers[name] }
      }
    })

  private static func enable(
    _ isOn: Bool, _ words: [String], _ session: inout Session, _ time: Duration
  ) throws -> [Request<AppEffect>] {
    guard let graph = session.workspace?.graph, !words.isEmpty else { throw (isOn ? quant : float).wrongUsage() }
    let names = try session.layers(in: words.joined(separator: " "))
    let label = isOn ? "float -> quantised" : "quantised -> float"
    return try session.tryEdit("\(count(names)): \(label)", at: time) { config in
      for name in names {
        try config.set(ConfigPath(.quantEnable, layer: name), text: isOn ? "true" : "false", graph: graph)
      }
    }
  }

  private static func count(_ names: [String]) -> String { names.count == 1 ? names[0] : "\(names.count) layers" }

  static func layers(_ session: Session) -> [Candidate] {
    (session.workspace?.rows ?? []).filter { $0.isQuantizable && $0.fusedInto == nil }.map {
      Candidate(text: PaletteWords.quoted($0.name), note: $0.type)
    }
  }

  private static func value(_ key: String, _ session: Session) -> String {
    guard let workspace = session.workspace, let path = try? ConfigPath.parse(key, layers: [String]()) else {
      return ""
    }
    return workspace.config.value(path, workspace.graph)?.text ?? ""
  }

  /// A field's path without the layer: `activation.num_bits`.
  private static func shortPath(_ field: EditableField) -> String {
    var path = "\(field.path)"
    if let layer = field.path.layer, path.hasPrefix(layer + ".") { path.removeFirst(layer.count + 1) }
    for (long, short) in [("activation_quant_params.", "activation."), ("weight_quant_params.", "weight.")]
    where path.hasPrefix(long) { path = short + path.dropFirst(long.count) }
    return path
  }
}

/// What `set` is told: `batch_num 4`, `batch_num=4`, `conv1 activation.num_bits=12`, `type:Conv weight.channel_wise false`.
private struct Assignment {
  var filter: String?
  let field: String
  let value: String

  init?(_ words: [String]) {
    var words = words
    guard let last = words.popLast() else { return nil }
    // A filter has equals signs too, but behind a field's name and not at the end of the line.
    if let equals = last.firstIndex(of: "="), equals != last.startIndex {
      field = String(last[..<equals])
      value = String(last[last.index(after: equals)...])
    } else {
      guard let name = words.popLast() else { return nil }
      (field, value) = (name, last)
    }
    if value.isEmpty { return nil }
    filter = words.isEmpty ? nil : words.joined(separator: " ")
  }
}

extension Session {
  /// Layers that a filter finds, those that have no settings left out; a layer's own name finds just that one.
  /// - Throws: a filter that cannot be read or finds nothing.
  func layers(in filter: String) throws(DiagnosticError) -> [String] {
    guard let workspace else { throw DiagnosticError("the model is not open yet") }
    let rows = workspace.rows.filter { $0.isQuantizable && $0.fusedInto == nil }
    if let own = rows.first(where: { $0.name == filter }) { return [own.name] }
    let parsed = try FilterExpression(parsing: filter)
    let found = rows.filter { parsed.matches(LayerItem(row: $0, workspace: workspace, threshold: threshold)) }
    if found.isEmpty {
      throw DiagnosticError(
        "no layer with settings fits '\(filter)'", help: NearestName.help(filter, among: rows.map(\.name)))
    }
    return found.map(\.name)
  }

  /// As `edit`; what is refused is thrown instead of said.
  mutating func tryEdit(
    _ label: String, at time: Duration, _ body: (inout QuantConfig) throws -> Void
  ) throws -> [Request<AppEffect>] {
    guard var config = workspace?.config else { return [] }
    // Tried on a copy: the edit itself cannot fail any more.
    try body(&config)
    if config == workspace?.config {
      say(.info, "nothing to change: \(label)", at: time)
    } else {
      edit(label, at: time) { $0 = config }
    }
    return []
  }
}
