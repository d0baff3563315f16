import QuantEngine
import Quantization

/// The lines of the detail pane below its head: the settings, then what the last run found.
struct DetailForm {
  enum Line {
    case rule(String)
    case heading(String)
    /// Index into `fields`.
    case field(Int)
    case note([Span])

    /// The cursor stops here; notes only so that a long pane can be scrolled to its end.
    var isSelectable: Bool {
      switch self {
      case .field, .note: true
      case .rule, .heading: false
      }
    }
  }

  let fields: [EditableField]
  let head: [[Span]]
  let lines: [Line]

  /// Rows for the range and the advice of the field under the cursor.
  static let adviceRows = 2

  init(_ session: Session, _ workspace: Workspace, resultsFirst: Bool) {
    fields = workspace.fields(of: session.cursor)
    var lines: [Line] = []
    if let row = session.selectedRow {
      head = Self.head(of: row, workspace)
      let results = Self.results(of: row, session, workspace)
      let settings = Self.settings(fields)
      lines = resultsFirst ? results + settings : settings + results
    } else {
      head = Self.netHead(workspace)
      lines = Self.settings(fields)
    }
    self.lines = lines
  }

  /// Rows that the form has in a frame.
  func height(in frame: Rect) -> Int { max(1, frame.rows - 2 - head.count - Self.adviceRows) }

  private static func settings(_ fields: [EditableField]) -> [Line] {
    guard !fields.isEmpty else { return [] }
    var lines: [Line] = [.rule("settings")]
    var group: String?
    for (index, field) in fields.enumerated() {
      let kind = field.path.field.group
      let name: String? =
        switch kind {
        case .activation: "activation_quant_params" + (field.path.input.map { "[\($0)]" } ?? "")
        case .weights, .bnUpdate: kind.rawValue
        case .global, .layer: nil
        }
      if let name, name != group { lines.append(.heading(name)) }
      group = name
      lines.append(.field(index))
    }
    return lines
  }

  private static func head(of row: LayerRow, _ workspace: Workspace) -> [[Span]] {
    let share =
      workspace.totalMacs > 0 && row.macs > 0
      ? " \(Digits.fixed(Double(row.macs) / Double(workspace.totalMacs) * 100, 1))%" : ""
    let kernel = row.blobs.first.map { "  \(Digits.shape($0))" } ?? ""
    var third = "in \(row.bottoms.joined(separator: " "))  out \(row.tops.joined(separator: " "))"
    if row.bottoms.isEmpty { third = "out \(row.tops.joined(separator: " "))" }
    var head = [
      [Span(row.name, .textStrong), Span("  \(row.type)\(kernel)")],
      [
        Span(Digits.shape(row.output)), Span(row.params > 0 ? "  params \(Digits.count(row.params))" : "", .textDim),
        Span(row.macs > 0 ? "  MAC \(Digits.count(row.macs))\(share)" : "", .textDim),
      ],
      [Span(third, .textDim)],
    ]
    if let host = row.fusedInto {
      head.append([Span("fused into \(host): it has that one's settings", .stateFused)])
    } else if !row.fused.isEmpty {
      head.append([Span("fuses \(row.fused.joined(separator: " "))", .stateFused)])
    } else if !row.isQuantizable {
      head.append([Span(row.isKnown ? "never quantised" : "unknown layer type", .stateOff)])
    }
    return head
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

  private static func results(of row: LayerRow, _ session: Session, _ workspace: Workspace) -> [Line] {
    guard let run = workspace.last else { return [] }
    var lines: [Line] = [.rule("result of run \(run.number)")]
    if let m = workspace.metric(of: row) {
      lines.append(
        .note([
          Span("chain cos "), Span(Digits.cosine(m.cosine), MetricRole.of(m.cosine, threshold: session.threshold)),
          Span("  min \(Digits.cosine(m.cosineMin))"),
        ]))
      if let delta = workspace.delta(of: m), let before = workspace.previous {
        lines.append(
          .note([Span("against run \(before.number) "), Span(Digits.delta(delta), MetricRole.delta(delta))]))
      }
      lines.append(.note([Span("SQNR \(Digits.fixed(m.sqnr_db, 1)) dB  max|err| \(PlotNumber.text(m.max_abs))")]))
      let isScaled = m.slope.isFinite && abs(m.slope - 1) > 0.03
      lines.append(
        .note([Span("slope \(Digits.fixed(m.slope, 4))"), Span(isScaled ? "  scale is off" : "", .metricNear)]))
    }
    let factors = run.progress.results(of: row.fusedInto ?? row.name)
    for found in factors {
      let input = factors.count > 1 ? "input \(found.input ?? 0): " : ""
      if found.kind == .failed {
        lines.append(.note([Span("\(input)failed: \(found.text ?? "")", .jobFailed)]))
        continue
      }
      lines.append(
        .note([
          Span("\(input)scale \(RunScreen.number(found.scale))  offset \(found.offset ?? 0)  \(found.numBits ?? 8) bit")
        ]))
      lines.append(
        .note([
          Span("  range \(RunScreen.span(found.rangeMin, found.rangeMax))", .textDim),
          Span("  clip \(RunScreen.span(found.clipMin, found.clipMax))", .textDim),
        ]))
    }
    if lines.count == 1 { lines.append(.note([Span("nothing was measured here", .textDim)])) }
    return lines
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
