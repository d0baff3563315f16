import Quantization

/// The form of the selected part of a recipe: headings, parameters, or the names of a list.
struct RecipeForm: Sendable {
  enum Line: Sendable {
    case heading(String)
    /// Index into `fields`.
    case field(Int)
    case note([Span])
  }

  let title: String
  let fields: [RecipeField]
  let lines: [Line]

  static let adviceRows = 4

  init(_ reading: RecipeReading, _ part: RecipeNode.Part?) {
    guard let document = reading.document, let part else {
      (title, fields, lines) = ("Block", [], [])
      return
    }
    switch part {
    case .block(let block), .data(let block), .weights(let block):
      title = "Block: \(block)"
      fields = document.fields(of: block).filter { $0.path.field != .skipFusionLayers }
      lines = Self.lines(fields, block)
    case .list(let list):
      title = "List: \(list.rawValue)"
      fields = []
      let names = document.recipe.names(in: list)
      lines =
        [.note([Span(Words(Self.words(list)), .textDim)]), .note([])]
        + (names.isEmpty
          ? [.note([Span("no name yet: Enter adds one", .textDim)])] : names.map { .note([Span($0.text)]) })
    case .name(let name, let list):
      title = "Name in \(list.rawValue)"
      fields = []
      lines = [
        .note([Span(name, .textStrong)]), .note([Span(Words(Self.words(list)), .textDim)]), .note([]),
        .note([Span("X", .key), Span(" takes it off the list", .textDim)]),
      ]
    }
  }

  private static func words(_ list: RecipeList) -> String {
    switch list {
    case .skipLayers: "layers that stay float"
    case .skipLayerTypes: "all layers of these types stay float"
    case .skipFusionLayers: "layers that are not fused"
    }
  }

  private static func lines(_ fields: [RecipeField], _ block: RecipeBlock) -> [Line] {
    var lines: [Line] = []
    var group: ConfigField.Group?
    for (index, field) in fields.enumerated() {
      let here = field.path.field.group
      if block.isRule, here != group { lines.append(.heading(here == .activation ? "data: ifmr_quantize" : "weights")) }
      group = here
      lines.append(.field(index))
    }
    return lines
  }

  /// The parameter on a line.
  func field(_ line: Int) -> RecipeField? {
    guard lines.indices.contains(line), case .field(let index) = lines[line] else { return nil }
    return fields[index]
  }
}

extension RecipeReading {
  /// One row of the form: value, and where in the file it stands.
  func row(_ field: RecipeField) -> FormRow {
    let isFlag = field.kind == .flag && field.path.field != .channelWise
    let line = document?.place(of: field.path).map { "line \($0.line)" }
    let isDoubtful = problem(field.path) != nil
    return FormRow(
      field.path.field.key, isFlag ? .flag(field.text == "true") : .text(field.text),
      from: line == nil ? .builtIn : .none, note: (isDoubtful ? "! " : "") + (line ?? ""),
      indent: field.path.block.isRule ? 1 : 0, isFixed: !field.isEditable)
  }
}
