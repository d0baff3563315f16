import QuantEngine
import Quantization

/// What the editor says about a field: beside its value, and below the form while the cursor is on it.
struct FieldAdvice: Equatable {
  enum Level: Equatable {
    case plain
    /// Allowed, but doubtful.
    case caution
    /// A run would not take it.
    case refused

    /// Beside the colour.
    var sign: String { self == .plain ? "" : self == .caution ? "? " : "! " }
    var role: Role { self == .plain ? .textDim : self == .caution ? .metricNear : .inputBad }
  }

  var note = ""
  var text: String
  var level = Level.plain

  init(_ field: EditableField, _ session: Session, _ workspace: Workspace) {
    text = field.advice
    if let caution = field.caution { (text, level) = (caution, .caution) }
    switch field.path.field {
    case .batchNum: batches(field, workspace)
    case .doFusion: fusion(field, workspace)
    case .skipFusionLayers: skipping(field, workspace)
    case .updateBN: updatingBN(field, workspace)
    case .quantEnable:
      let type = session.selectedRow?.type ?? ""
      if field.defaultText == "false" { text = "\(type) is off by default; false, or no entry: the layer stays float" }
    case .activationBits:
      // Cautioned against are 16 bits alone; that more than 8 are stored as 16 is no reason against 12.
      guard let bits = Int(field.text), bits > 8, bits < 16 else { break }
      (text, level) = ("8 or 12 advised; above 8 it is stored as 16 bit", .plain)
      note = "16 bit"
    case .withOffset: if field.text == inheritWord { note = "global \(workspace.config.activationOffset)" }
    case .maxPercentile, .minPercentile: percentile(field, session, workspace)
    case .searchRange: text = "both numbers, comma between; \(field.advice)"
    case .searchStep: step(field, session, workspace)
    case .channelWise:
      let type = session.selectedRow?.type ?? ""
      if field.defaultText == "false" { text = "must be false: \(type) has one factor for all channels" }
    case .weightBits:
      note = "by wts_algo"
      text = "follows wts_algo: \(field.range)"
    default: break
    }
  }

  // MARK: Of the whole net

  private mutating func batches(_ field: EditableField, _ workspace: Workspace) {
    guard let supply = workspace.images, let batches = Int(field.text), batches > 0 else { return }
    let (images, overflow) = batches.multipliedReportingOverflow(by: supply.batchSize)
    if overflow { return }
    note = "= \(images) images"
    if let reason = Self.refusal(of: field.text, for: field, workspace) {
      (text, level) = (reason, .refused)
    } else if images > 50 {
      (text, level) = ("above 50 images a run only takes more memory and time; 16 or 32 serve", .caution)
    } else if images < 16 {
      text = "\(images) images of \(supply.count): 16 or 32 are advised"
    }
  }

  private mutating func fusion(_ field: EditableField, _ workspace: Workspace) {
    let names = workspace.fusable.flatMap(\.fused)
    let list = Self.list(names)
    text =
      field.text == "true"
      ? "\(Digits.plural(names.count, "layer")) are folded into the one before: \(list)"
      : "off: \(Digits.plural(names.count, "layer")) stay as they are: \(list)"
  }

  private mutating func skipping(_ field: EditableField, _ workspace: Workspace) {
    let hosts = Set(workspace.fusable.map(\.name))
    let skipped = workspace.config.skipFusionLayers
    note = skipped.isEmpty ? "Enter picks" : "\(skipped.count) of \(hosts.count)"
    let strangers = skipped.filter { !hosts.contains($0) }
    if strangers.isEmpty {
      text = "Enter picks among \(Digits.plural(hosts.count, "layer")) that something is folded into"
    } else {
      (text, level) = ("nothing is folded into \(Self.list(strangers))", .caution)
    }
  }

  private mutating func updatingBN(_ field: EditableField, _ workspace: Workspace) {
    let isOn = field.text == "true"
    guard isOn != workspace.figures.hasNonUniformWeights else { return }
    level = .caution
    text =
      isOn
      ? "no layer has non-uniform weights: false is advised" : "some weights are non-uniform: true is advised"
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", .." : "")
  }

  // MARK: Of a layer

  private mutating func percentile(_ field: EditableField, _ session: Session, _ workspace: Workspace) {
    guard let name = session.selectedRow?.name, let found = workspace.findings[name], let share = Double(field.text),
      let input = found.inputs.first(where: { $0.bottom == field.path.input ?? 0 })
    else { return }
    let isMax = field.path.field == .maxPercentile
    guard let clip = input.histogram.quantile(isMax ? share : 1 - share) else { return }
    text = "\(field.text) lies at \(PlotNumber.text(clip)) of the input in run \(found.run)"
  }

  /// Tries, and what they take judging by the last run.
  private mutating func step(_ field: EditableField, _ session: Session, _ workspace: Workspace) {
    guard let name = session.selectedRow?.name,
      let parameters = workspace.parameters(of: name, input: field.path.input ?? 0),
      let tries = try? parameters.candidateCount()
    else { return }
    note = tries == 1 ? "1 try" : "\(tries) tries"
    var cost = ""
    if let result = workspace.last?.progress.results(of: name).first(where: { $0.input ?? 0 == field.path.input ?? 0 }),
      let seconds = result.seconds, let before = result.tries, before > 0
    {
      let time = seconds * Double(tries) / Double(before)
      cost = ", about \(Digits.fixed(time, time < 10 ? 1 : 0)) s by run \(workspace.last?.number ?? 0)"
    }
    if tries > 500 {
      (text, level) = ("\(tries) tries take long\(cost)", .caution)
    } else {
      text = "\(note)\(cost); \(field.advice)"
    }
  }

  /// Why a run would not take a value that the config takes; `nil` when it would.
  static func refusal(of text: String, for field: EditableField, _ workspace: Workspace) -> String? {
    guard field.path.field == .batchNum, let supply = workspace.images, let batches = Int(text), batches > 0 else {
      return nil
    }
    let (images, overflow) = batches.multipliedReportingOverflow(by: supply.batchSize)
    guard overflow || images > supply.count else { return nil }
    let most = max(1, supply.count / max(1, supply.batchSize))
    return
      "\(batches) batches of \(supply.batchSize) need more than the \(supply.count) images there are: at most \(most)"
  }
}
