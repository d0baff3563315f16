import Diagnostics
import LayerGraph
import QuantEngine
import Quantization

/// The open model with its working config and its last two runs.
struct Workspace: Sendable {
  let graph: Graph
  private(set) var rows: [LayerRow]
  let stem: String
  let configPath: String
  var images: ImageSupply?
  let totalMacs: Int
  let totalParams: Int
  private let nodes: [String: Node]
  private let indexes: [String: Int]
  private(set) var history: UndoHistory<EditedConfig>
  /// The config as it lies on the disk; before there is one, the default that was opened.
  private(set) var saved: QuantConfig
  /// The recipe as it lies on the disk.
  private(set) var savedRecipe: ProjectRecipe
  /// The state of the history that `saved` is.
  private(set) var savedAt = 0
  private var journal = HistoryJournal()
  private let opened: QuantConfig
  /// What the config was made from: what differs from it was set by hand.
  private(set) var generated: QuantConfig
  /// The recipe that `generated` is of.
  private var generatedFrom: [UInt8]?
  /// Another number after every change of config, recipe or runs.
  private(set) var revision = 0
  /// Layers that `rows` shows as not fused.
  private var skippedFusion: Set<String>
  /// The latest run that was compared, and the one before it.
  private(set) var last: FinishedRun?
  private(set) var previous: FinishedRun?
  private(set) var metrics: [String: LayerMetric] = [:]
  private(set) var metricsBefore: [String: LayerMetric] = [:]
  /// Layers whose settings differ from those of the last run.
  private(set) var edited: Set<String> = []
  /// The config of the run under way, when it was started here.
  private var underWay: QuantConfig?
  /// Parameters that differ from those of the last run.
  private(set) var editCount = 0
  private(set) var figures = NetFigures()
  /// How the layers hang together; of the net alone, so made once.
  let links: LayerLinks
  let rails: Rails
  let tree: LayerTree
  /// Layers that others can be folded into, whatever the config says about it.
  let fusable: [LayerRow]
  /// What the details of the last run tell, by layer; filled as it is read.
  private(set) var findings: [String: LayerFindings] = [:]

  init(_ project: OpenedProject) {
    graph = project.graph
    rows = project.rows
    stem = project.stem
    configPath = project.configPath
    images = project.images
    totalMacs = project.rows.reduce(0) { $0 + $1.macs }
    totalParams = project.rows.reduce(0) { $0 + $1.params }
    nodes = Dictionary(graph.nodes.map { ($0.name, $0) }) { first, _ in first }
    indexes = Dictionary(project.rows.map { ($0.name, $0.index) }) { first, _ in first }
    links = LayerLinks(project.graph)
    rails = Rails(links)
    tree = LayerTree(project.rows.map(\.name))
    fusable = LayerRow.rows(of: project.graph).filter { !$0.fused.isEmpty }
    history = UndoHistory(EditedConfig(project.config, recipe: project.recipe))
    saved = project.config
    savedRecipe = project.recipe
    opened = project.config
    generated = Self.generate(from: nil, project.graph)
    skippedFusion = Set(project.config.skipFusionLayers)
    last = project.runs.first
    previous = project.runs.dropFirst().first
    takeUp(project.history, at: project.time)
    if let offered = project.offeredRecipe {
      let name = offered.file.split(separator: "/").last.map(String.init) ?? offered.file
      history.edit("recipe taken from \(name)", at: project.time) { $0.recipe.text = offered.bytes }
    }
    refreshMetrics()
    refreshEdits()
  }

  var config: QuantConfig { history.document.config }
  var recipe: ProjectRecipe { history.document.recipe }
  var isUnsaved: Bool { saved != config || savedRecipe != recipe }

  /// Names of the files that are not on the disk as they are here.
  var unsavedFiles: [String] {
    (saved == config ? [] : ["config.json"]) + (savedRecipe == recipe ? [] : ["recipe.cfg"])
  }

  /// The recipe that made the config, when nothing was set by hand since.
  var recipeOfConfig: [UInt8]? {
    guard let applied = recipe.applied, QuantConfig.diff(generated, config, graph: graph).isEmpty else { return nil }
    return applied
  }

  func index(of layer: String) -> Int? { indexes[layer] }

  // MARK: Edits

  /// One undoable change of the config.
  /// - Returns: whether something changed.
  @discardableResult
  mutating func edit(_ label: String, at time: Double, _ body: (inout QuantConfig) throws -> Void) rethrows -> Bool {
    try editDocument(label, at: time) { try body(&$0.config) }
  }

  /// One undoable change of config and recipe together.
  @discardableResult
  mutating func editDocument(
    _ label: String, at time: Double, _ body: (inout EditedConfig) throws -> Void
  ) rethrows -> Bool {
    let changed = try history.edit(label, at: time, body)
    if changed { refreshEdits() }
    return changed
  }

  mutating func undo() -> String? {
    defer { refreshEdits() }
    return history.undo()?.label
  }

  mutating func redo() -> String? {
    defer { refreshEdits() }
    return history.redo()?.label
  }

  /// Goes to any state of the history; 0 is the one before the first edit.
  mutating func jump(to id: Int) {
    history.jump(to: id)
    refreshEdits()
  }

  // MARK: History on the disk

  /// Takes up the history of earlier sessions, if it is about this net: edits that were not saved are there again.
  ///
  /// A config.json or recipe.cfg that somebody else has changed since is one more edit.
  private mutating func takeUp(_ text: String, at time: Double) {
    let names = Set(rows.filter(\.isQuantizable).map(\.name))
    guard let read = SavedHistory(text), read.layers.isSubset(of: names) else { return }
    let onDisk = EditedConfig(saved, recipe: savedRecipe)
    history = read.history
    journal = HistoryJournal(read)
    let known = history.document(at: read.savedAt)
    if known == onDisk {
      savedAt = read.savedAt
    } else {
      var files = known?.config == onDisk.config ? [] : ["config.json"]
      if known?.recipe != onDisk.recipe { files.append("recipe.cfg") }
      history.edit("\(files.joined(separator: " and ")) changed outside", at: time) { $0 = onDisk }
      savedAt = history.current
    }
  }

  mutating func noteSaved(_ config: QuantConfig, recipe: ProjectRecipe) {
    (saved, savedRecipe) = (config, recipe)
    if !isUnsaved { savedAt = history.current }
  }

  /// Goes back to what is saved; redo leads to what was left.
  mutating func discardUnsaved() { if isUnsaved { jump(to: savedAt) } }

  /// What is to be added to the history's file.
  mutating func takeHistoryLines() -> HistoryBatch? { journal.catchUp(history, savedAt: savedAt) }

  private mutating func refreshEdits() {
    revision += 1
    if recipe.applied != generatedFrom {
      generatedFrom = recipe.applied
      generated = Self.generate(from: recipe.applied, graph)
    }
    let changes = QuantConfig.diff(baseline, config)
    edited = Set(changes.compactMap(\.path.layer))
    editCount = changes.count
    let skip = config.doFusion ? Set(config.skipFusionLayers) : Set(rows.map(\.name))
    if skip != skippedFusion {
      skippedFusion = skip
      rows = LayerRow.rows(of: graph, skipFusion: skip)
    }
    figures = NetFigures(self)
  }

  /// What a recipe makes of the net; what the defaults make of it, where there is none or it cannot be applied.
  private static func generate(from recipe: [UInt8]?, _ graph: Graph) -> QuantConfig {
    var log = DiagnosticLog()
    let document = recipe.flatMap { try? RecipeDocument($0, file: "applied.cfg") }
    if let config = try? document?.recipe.apply(to: graph, log: &log) { return config }
    return (try? QuantConfig.initial(graph: graph, log: &log)) ?? QuantConfig()
  }

  /// The config that edits are counted from: that of the last run, or the one that was opened.
  var baseline: QuantConfig { underWay ?? last?.config ?? opened }

  /// Edits of now are in the run that begins; `nil`: no run is under way any more.
  mutating func noteRun(_ config: QuantConfig?) {
    guard underWay != nil || config != nil else { return }
    underWay = config
    refreshEdits()
  }

  /// Takes the results of a run that was compared.
  mutating func take(_ run: FinishedRun) {
    previous = last
    last = run
    findings = [:]
    refreshMetrics()
    refreshEdits()
  }

  private mutating func refreshMetrics() {
    func table(_ run: FinishedRun?) -> [String: LayerMetric] {
      Dictionary((run?.comparison?.layers ?? []).map { ($0.layer, $0) }) { first, _ in first }
    }
    metrics = table(last)
    metricsBefore = table(previous)
  }

  /// Takes what the details of the last run tell of a layer; those of another run are of no use.
  mutating func take(_ found: LayerFindings) {
    guard found.run == last?.number else { return }
    // The latest are enough: what is gone is read again.
    if findings.count >= 256 { findings = [:] }
    findings[found.layer] = found
    revision += 1
  }

  // MARK: Layers

  /// How an input of a layer would be searched, float or not; `nil` for a layer without an entry.
  func parameters(of layer: String, input: Int) -> IFMR.Parameters? {
    var copy = config
    copy.layers[layer]?.own[.quantEnable] = Setting(.flag(true), .hand)
    return copy.effective(layer: layer, input: input)
  }

  /// The layer that makes an input of a layer; `nil` for an input of the net.
  func producer(of input: Int, in row: LayerRow) -> LayerRow? {
    guard let value = node(of: row)?.bottoms[input].index else { return nil }
    let makers = links.producers[row.index].filter { links.steps[$0].makes.contains(value) }
    return makers.first.map { rows[$0] }
  }

  func node(of row: LayerRow) -> Node? { nodes[row.name] }

  /// The settings of a layer, or of the whole net; none for a layer that another one absorbs.
  func fields(of row: Int?) -> [EditableField] {
    guard let row else { return config.traced(config.globalFields(graph), to: generated, graph) }
    guard rows.indices.contains(row), rows[row].fusedInto == nil else { return [] }
    return nodes[rows[row].name].map { config.traced(config.fields(of: $0, graph), to: generated, graph) } ?? []
  }

  /// The metric of a layer; a fused one has that of its host.
  func metric(of row: LayerRow) -> LayerMetric? { metrics[row.fusedInto ?? row.name] }

  /// What a layer gained since the run before; `nil` without one.
  func delta(of metric: LayerMetric) -> Double? { metricsBefore[metric.layer].map { metric.cosine - $0.cosine } }

  func isQuantized(_ row: LayerRow) -> Bool { row.isQuantizable && config.isEnabled(row.name) }

  /// Layers that a run calibrates: those switched on, fused ones aside.
  var enabledCount: Int { figures.quantized }
  /// Layers that could be.
  var quantizableCount: Int { figures.quantizable }

  /// Bits of the activations, of the first input; `nil` for a layer that is not quantised.
  func activationBits(_ row: LayerRow) -> Int? {
    guard isQuantized(row) else { return nil }
    return config.value(ConfigPath(.activationBits, layer: row.name), graph)?.int
  }

  /// `8/8c`: bits of activations and weights, `c` for one factor a channel; words for layers that stay float.
  func bitsText(_ row: LayerRow) -> String {
    if row.fusedInto != nil { return "fused" }
    if !row.isQuantizable { return row.isPassed ? "pass" : "-" }
    guard let bits = activationBits(row) else { return row.enabledByDefault ? "float" : "off" }
    guard let node = nodes[row.name] else { return "\(bits)" }
    switch config.weights(of: node) {
    case nil: return "\(bits)/-"
    case .uniform(let channelWise, let weightBits): return "\(bits)/\(weightBits)\(channelWise ? "c" : "")"
    case .nonUniform(let channelWise, let weightBits, _, _, _):
      return "\(bits)/\(weightBits)\(channelWise ? "c" : "")s"
    }
  }

  enum State: Equatable {
    case quantized, float, never, fused, edited, bad

    var letter: Character {
      switch self {
      case .quantized: "Q"
      case .float: "F"
      case .never: "-"
      case .fused: "~"
      case .edited: "E"
      case .bad: "!"
      }
    }
    var word: String {
      switch self {
      case .quantized: "quantised"
      case .float: "float"
      case .never: "never"
      case .fused: "fused"
      case .edited: "edited"
      case .bad: "bad"
      }
    }
    var role: Role {
      switch self {
      case .quantized: .stateQuant
      case .float: .stateFloat
      case .never: .stateOff
      case .fused: .stateFused
      case .edited: .stateEdited
      case .bad: .metricBad
      }
    }
  }

  func state(of row: LayerRow, threshold: Double) -> State {
    if row.fusedInto != nil { return .fused }
    if !row.isQuantizable { return .never }
    if edited.contains(row.name) { return .edited }
    if let metric = metrics[row.name], !(metric.cosine >= threshold) { return .bad }
    if config.isEnabled(row.name) { return .quantized }
    return row.enabledByDefault ? .float : .never
  }
}
