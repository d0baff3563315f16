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

  init(_ model: AppModel, _ workspace: Workspace) {
    fields = workspace.fields(of: model.cursor)
    var lines: [Line] = []
    if let row = model.selectedRow {
      head = Self.head(of: row, workspace)
      let results = Self.results(of: row, model, workspace)
      let settings = Self.settings(fields)
      lines = model.screen == .compare ? results + settings : settings + results
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

  private static func results(of row: LayerRow, _ model: AppModel, _ workspace: Workspace) -> [Line] {
    guard let run = workspace.last else { return [] }
    var lines: [Line] = [.rule("result of run \(run.number)")]
    if let m = workspace.metric(of: row) {
      lines.append(
        .note([
          Span("chain cos "), Span(Digits.cosine(m.cosine), MetricRole.of(m.cosine, threshold: model.threshold)),
          Span("  min \(Digits.cosine(m.cosineMin))"),
        ]))
      if let delta = model.delta(of: m), let before = workspace.previous {
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

extension Canvas {
  /// The detail pane: facts, settings with their origin, results; at the bottom the range of the field under the cursor.
  mutating func drawDetail(_ model: AppModel, _ workspace: Workspace, in inner: Rect) {
    let form = DetailForm(model, workspace)
    let (head, rest) = inner.splitRows(form.head.count)
    for (index, spans) in form.head.enumerated() { put(spans, in: head, line: index) }
    let (body, advice) = rest.splitRows(max(1, rest.rows - DetailForm.adviceRows))
    var list = model.detail
    list.fit(count: form.lines.count, height: body.rows)
    let isActive = model.screen == .layers && model.focus == .detail
    var at: EditableField?
    for (line, index) in list.visible.enumerated() {
      let place = body.line(line)
      switch form.lines[index] {
      case .rule(let text): drawRule(text, in: place, look: model.look)
      case .heading(let text): put(text, in: place, role: .textStrong)
      case .note(let spans): put(spans, in: place)
      case .field(let number):
        let field = form.fields[number]
        let isHere = isActive && index == list.selection
        if isHere { at = field }
        draw(Self.formRow(field), in: place, editor: isHere ? model.editor : nil)
      }
      if isActive, index == list.selection, model.editor == nil { overlay(place, .cursor) }
    }
    if form.lines.count > body.rows {
      let below = form.lines.count - list.visible.upperBound
      if below > 0 { put("\(below) more below", in: body.line(body.rows - 1), role: .textDim, alignment: .trailing) }
    }
    drawAdvice(at, model, workspace, in: advice)
  }

  private static func formRow(_ field: EditableField) -> FormRow {
    let isFlag = field.kind == .flag && field.path.field != .withOffset
    return FormRow(
      field.path.field.key, isFlag ? .flag(field.text == "true") : .text(field.text),
      from: .init(field.provenance), note: field.text != field.defaultText ? "was \(field.defaultText)" : "",
      indent: [.activation, .weights, .bnUpdate].contains(field.path.field.group) ? 1 : 0, isFixed: !field.isEditable)
  }

  private mutating func drawAdvice(_ field: EditableField?, _ model: AppModel, _ workspace: Workspace, in rect: Rect) {
    if let field {
      if let problem = model.editor?.problem {
        for (line, text) in TextClip.wrap(problem, to: rect.columns).prefix(1).enumerated() {
          put(text, in: rect, line: line, role: .inputBad)
        }
        put("range: \(field.range)", in: rect, line: 1, role: .textDim)
        return
      }
      put("range: \(field.range)", in: rect, line: 0, role: .textDim)
      put(field.caution ?? field.advice, in: rect, line: 1, role: field.caution == nil ? .textDim : .metricNear)
    } else if let row = model.selectedRow, workspace.state(of: row, threshold: model.threshold) == .bad {
      put("under the threshold: try b (12 bits), then x (float)", in: rect, line: 1, role: .metricNear)
    }
  }
}
