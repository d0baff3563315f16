import QuantEngine
import Quantization

/// `skip_fusion_layers` as a list to tick: the layers that something is folded into, and no others.
struct FusionSheet: Sheet {
  private(set) var picks: PickList
  /// Order of the net, for the list that is written.
  private let order: [String]

  init(_ workspace: Workspace) {
    let skipped = workspace.config.skipFusionLayers
    let hosts = Set(workspace.fusable.map(\.name))
    // What the config names though nothing is folded into it can be unticked here.
    let strangers = skipped.filter { !hosts.contains($0) }.map {
      PickList.Item(name: $0, note: "! nothing is folded into it", isWrong: true)
    }
    let items = workspace.fusable.map {
      PickList.Item(name: $0.name, note: "takes in \($0.fused.joined(separator: ", "))")
    }
    order = (strangers + items).map(\.name)
    picks = PickList(strangers + items, isMultiple: true, ticked: Set(skipped))
  }

  private static func rect(_ size: Size) -> Rect {
    Rect(size).centered(columns: min(90, size.columns - 4), rows: size.rows - 4)
  }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch picks.handle(key) {
    case .stay: return .stay
    case .close: return .close
    case .accept:
      let names = order.filter(picks.ticked.contains)
      guard let graph = session.workspace?.graph else { return .close }
      session.edit("skip_fusion_layers: \(Digits.plural(names.count, "layer")) ticked", at: time) {
        try $0.set(ConfigPath(.skipFusionLayers), text: ConfigValue.names(names).text, graph: graph)
      }
      return .close
    }
  }

  mutating func paste(_ text: String) { picks.paste(text) }
  mutating func refresh(_ session: Session) { picks.fit(height: max(1, Self.rect(session.size).rows - 6)) }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    let rect = Self.rect(session.size)
    canvas.fill(rect, role: .dialog)
    let inner = canvas.drawFrame(
      rect, title: "skip_fusion_layers: ticked ones stay unfused", isFocused: true, look: session.look
    ).inset(columns: 1)
    canvas.draw(picks, verb: "take it", in: inner, look: session.look)
  }
}
