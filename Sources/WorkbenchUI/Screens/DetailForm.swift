import QuantEngine
import Quantization

/// The lines of the detail pane below its head: the settings, then what the last run found.
struct DetailForm: Sendable {
  enum Line: Sendable {
    case rule(String)
    /// The rule over the settings, with the titles of their columns.
    case settings
    case heading(String)
    /// Index into `fields`.
    case field(Int)
    case note([Span])
    /// A line of the plot: its index, and which one.
    case plot(Int, line: Int)

    /// The cursor stops here; on other lines than fields only so that a long pane can be scrolled to its end.
    var isSelectable: Bool {
      switch self {
      case .field, .note, .plot: true
      case .rule, .settings, .heading: false
      }
    }
  }

  let fields: [EditableField]
  /// How each field is shown.
  let rows: [FormRow]
  let head: [[Span]]
  private(set) var lines: [Line]
  private(set) var plots: [Histogram] = []

  /// Rows for the range and the advice of the field under the cursor.
  static let adviceRows = 3
  /// Rows of a plot, the axis and its numbers included.
  static let plotRows = 9

  init(_ session: Session, _ workspace: Workspace, resultsFirst: Bool) {
    if let group = session.group {
      fields = []
      rows = []
      head = Self.head(of: group, session, workspace)
      lines = []
      return
    }
    fields = workspace.fields(of: session.cursor)
    rows = fields.map { Self.row($0, session, workspace) }
    guard let row = session.selectedRow else {
      head = Self.netHead(workspace)
      lines = Self.settings(fields, of: nil)
      return
    }
    head = Self.head(of: row, workspace)
    lines = []
    let settings = Self.settings(fields, of: row)
    if !resultsFirst { lines += settings }
    addResults(of: row, session, workspace)
    if resultsFirst { lines += settings }
  }

  /// Rows that the form has in a frame.
  func height(in frame: Rect) -> Int { max(1, frame.rows - 2 - head.count - Self.adviceRows) }

  private static func settings(_ fields: [EditableField], of row: LayerRow?) -> [Line] {
    guard !fields.isEmpty else { return [] }
    var lines: [Line] = [.settings]
    var group: String?
    for (index, field) in fields.enumerated() {
      let kind = field.path.field.group
      let name: String? =
        switch kind {
        case .activation: "activation_quant_params" + input(field.path.input, row)
        case .weights, .bnUpdate: kind.rawValue
        case .global, .layer: nil
        }
      if let name, name != group { lines.append(.heading(name)) }
      group = name
      lines.append(.field(index))
    }
    return lines
  }

  /// `[1] res2a_branch1`: which input, and what comes in there.
  private static func input(_ input: Int?, _ row: LayerRow?) -> String {
    guard let input else {
      // One input that stands for more than its blob.
      guard let row, row.inputs.count == 1 else { return "" }
      return " " + row.inputs[0]
    }
    let names = row.map { $0.inputs.isEmpty ? $0.bottoms : $0.inputs } ?? []
    let blob = names.indices.contains(input) ? " \(names[input])" : ""
    return "[\(input)]\(blob)"
  }

  private static func row(_ field: EditableField, _ session: Session, _ workspace: Workspace) -> FormRow {
    let isFlag = field.kind == .flag && field.path.field != .withOffset
    let advice = FieldAdvice(field, session, workspace)
    let before = workspace.baseline.value(field.path, workspace.graph)?.text ?? inheritWord
    var notes = [before != field.text ? "was \(before)" : "", advice.note].filter { !$0.isEmpty }
    if advice.level != .plain { notes = [advice.level.sign + (notes.first ?? "")] + notes.dropFirst() }
    var origin = FormRow.Origin(field.provenance)
    // What stands there already says more than "default".
    if !notes.isEmpty, origin == .builtIn { origin = .none }
    return FormRow(
      field.path.field.key, isFlag ? .flag(field.text == "true") : .text(field.text), from: origin,
      note: notes.joined(separator: ", "),
      indent: [.activation, .weights, .bnUpdate].contains(field.path.field.group) ? 1 : 0, isFixed: !field.isEditable)
  }

  // MARK: Heads

  private static func head(of row: LayerRow, _ workspace: Workspace) -> [[Span]] {
    let share =
      workspace.totalMacs > 0 && row.macs > 0
      ? " \(Digits.fixed(Double(row.macs) / Double(workspace.totalMacs) * 100, 1))%" : ""
    var facts = [Span(Digits.shape(row.output))]
    if row.params > 0 { facts.append(Span("  params \(Digits.grouped(row.params))", .textDim)) }
    if row.macs > 0 { facts.append(Span("  MAC \(Digits.count(row.macs))\(share)", .textDim)) }
    var head = [[Span(row.name, .textStrong), Span("  \(row.type)\(kernel(row))")], facts]
    let inputs = row.bottoms.enumerated().map { index, blob in
      // Where a blob has another name than the layer that makes it, both are of use.
      let maker = workspace.producer(of: index, in: row).map(\.name)
      return maker == nil || maker == blob ? blob : "\(blob) (\(maker ?? ""))"
    }
    let outputs = Span("out \(row.tops.joined(separator: " "))", .textDim)
    head.append(inputs.isEmpty ? [outputs] : [Span("in \(inputs.joined(separator: ", "))  ", .textDim), outputs])
    if let host = row.fusedInto {
      head.append([Span("fused into \(host): Enter goes there", .stateFused)])
    } else if !row.fused.isEmpty {
      head.append([Span("fused \(row.fused.joined(separator: ", "))", .stateFused)])
    } else if !row.isQuantizable {
      head.append(
        row.isPassed
          ? [Span("unknown layer type, passed through", .stateUnknown)]
          : [Span(row.isKnown ? "never quantised" : "unknown layer type", .stateOff)])
    }
    return head
  }

  /// `3x3 64` for weights `[64, 64, 3, 3]`, the shape of the first learned blob otherwise.
  private static func kernel(_ row: LayerRow) -> String {
    guard let blob = row.blobs.first else { return "" }
    guard blob.count > 2 else { return "  \(Digits.shape(blob))" }
    return " \(Digits.shape(Array(blob.dropFirst(2)))) \(blob[0])"
  }

  private static func netHead(_ workspace: Workspace) -> [[Span]] {
    [
      [
        Span(workspace.graph.name.isEmpty ? workspace.stem : workspace.graph.name, .textStrong),
        Span("  the whole net"),
      ],
      [
        Span("\(workspace.rows.count) layers  "),
        Span("params \(Digits.count(workspace.totalParams))  MAC \(Digits.count(workspace.totalMacs))", .textDim),
      ],
      [Span("\(workspace.enabledCount) of \(workspace.quantizableCount) quantised", .textDim)],
    ]
  }

  private static func head(
    of group: LayerTree.Group, _ session: Session, _ workspace: Workspace
  ) -> [[Span]] {
    let rows = group.rows.map { workspace.rows[$0] }
    let own = rows.filter { $0.isQuantizable && $0.fusedInto == nil }
    let bad = own.count { row in workspace.metrics[row.name].map { !($0.cosine >= session.threshold) } ?? false }
    return [
      [Span(group.prefix, .textStrong), Span("  a group of \(rows.count) layers")],
      [Span("\(own.count { workspace.isQuantized($0) }) of \(own.count) quantised")],
      [
        Span("params \(Digits.count(rows.reduce(0) { $0 + $1.params }))  ", .textDim),
        Span("MAC \(Digits.count(rows.reduce(0) { $0 + $1.macs }))", .textDim),
      ],
      [Span(workspace.last == nil ? "" : "\(bad) under \(PlotNumber.text(session.threshold))", .textDim)],
      [Span("Space marks its layers, then x, b and the others change them all", .textDim)],
    ]
  }

  // MARK: Results

  private mutating func addResults(of row: LayerRow, _ session: Session, _ workspace: Workspace) {
    guard let run = workspace.last else { return }
    let found = workspace.findings[row.fusedInto ?? row.name]
    lines.append(.rule("result of run \(run.number)"))
    let before = lines.count
    if let metric = workspace.metric(of: row) { addMetric(metric, session, workspace) }
    let factors = run.progress.results(of: row.fusedInto ?? row.name)
    for result in factors { addFactors(result, isOneOfSeveral: factors.count > 1) }
    if let scales = run.weightScales[row.name], !row.matrices.isEmpty, scales.count == row.matrices.count {
      for (matrix, scale) in zip(row.matrices, scales) {
        lines.append(.note([Span("\(matrix): scale_w \(RunScreen.number(scale))")]))
      }
    }
    if lines.count == before { lines.append(.note([Span("nothing was measured here", .textDim)])) }
    for input in found?.inputs ?? [] { addPlot(input, isOneOfSeveral: (found?.inputs.count ?? 0) > 1) }
    for hint in found?.hints ?? [] { lines.append(.note([Span("hint: \(said: hint)", .metricNear)])) }
  }

  private mutating func addMetric(_ m: LayerMetric, _ session: Session, _ workspace: Workspace) {
    var first = [
      Span("chain cos "), Span(Digits.cosine(m.cosine), MetricRole.of(m.cosine, threshold: session.threshold)),
    ]
    if let local = m.local {
      first += [Span("  local "), Span(Digits.cosine(local), MetricRole.of(local, threshold: session.threshold))]
    }
    lines.append(.note(first + [Span("  min \(Digits.cosine(m.cosineMin))", .textDim)]))
    if let delta = workspace.delta(of: m), let before = workspace.previous {
      lines.append(.note([Span("against run \(before.number) "), Span(Digits.delta(delta), MetricRole.delta(delta))]))
    }
    let saturated: Words = m.saturated.map { "  saturated \(Digits.fixed($0 * 100, 2))%" } ?? ""
    lines.append(
      .note([Span("SQNR \(Digits.fixed(m.sqnr_db, 1)) dB  max|err| \(PlotNumber.text(m.max_abs))\(saturated)")]))
    let isScaled = m.slope.isFinite && abs(m.slope - 1) > 0.03
    lines.append(
      .note([Span("slope \(Digits.fixed(m.slope, 4))"), Span(isScaled ? "  scale is off" : "", .metricNear)]))
  }

  private mutating func addFactors(_ found: JobEvent, isOneOfSeveral: Bool) {
    let input: Words = isOneOfSeveral ? "input \(found.input ?? 0): " : ""
    if found.kind == .failed {
      lines.append(.note([Span("\(input)failed: \(found.text ?? "")", .jobFailed)]))
      return
    }
    lines.append(
      .note([
        Span(
          "\(input)scale_d \(RunScreen.number(found.scale))  offset_d \(found.offset ?? 0)  \(found.numBits ?? 8) bit")
      ]))
    lines.append(
      .note([
        Span("  range \(RunScreen.span(found.rangeMin, found.rangeMax))", .textDim),
        Span("  clip \(RunScreen.span(found.clipMin, found.clipMax))", .textDim),
      ]))
  }

  private mutating func addPlot(_ input: LayerFindings.Input, isOneOfSeveral: Bool) {
    lines.append(.rule((isOneOfSeveral ? "input \(input.bottom)" : "input") + " histogram (log count)"))
    lines += (0..<Self.plotRows).map { .plot(plots.count, line: $0) }
    plots.append(input.histogram)
    let range: Words =
      "range \(PlotNumber.text(input.histogram.range.lowerBound)) .. \(PlotNumber.text(input.histogram.range.upperBound))"
    lines.append(.note([Span(range), Span(input.tail.map { ", \($0)" } ?? "", .textDim)]))
  }
}

/// Colours of similarities and of their changes.
enum MetricRole {
  /// Within 0.005 above the threshold is near.
  static func of(_ cosine: Double, threshold: Double) -> Role {
    cosine.isNaN || cosine < threshold ? .metricBad : cosine < threshold + 0.005 ? .metricNear : .metricGood
  }

  static func delta(_ delta: Double) -> Role {
    delta.isNaN || delta <= -0.000005 ? .deltaWorse : delta >= 0.000005 ? .deltaBetter : .deltaSame
  }
}

extension FormRow.Origin {
  init(_ provenance: Provenance) {
    switch provenance {
    case .defaultValue: self = .builtIn
    case .recipeCommon: self = .recipeCommon
    case .recipeType: self = .recipeType
    case .recipeLayer: self = .recipeLayer
    case .hand: self = .hand
    case .file: self = .file
    }
  }
}
