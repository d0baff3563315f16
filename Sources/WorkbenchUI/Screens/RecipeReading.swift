import Diagnostics
import QuantEngine
import Quantization

/// The project's recipe as the screen shows it: read, and measured against the net and the config. Made once per change.
struct RecipeReading: Sendable {
  /// One line of the tree.
  struct Row: Sendable, Equatable {
    let part: RecipeNode.Part
    let title: String
    let summary: String
    let indent: Int
    /// False for a part that the text lacks.
    let isThere: Bool
    var hasError = false
  }

  /// The name that errors have in front of their line.
  static let file = "recipe.cfg"

  /// `nil`: the project has no recipe, or its text cannot be read.
  let document: RecipeDocument?
  /// Why the text cannot be read.
  let errors: [Diagnostic]
  /// `nil` without a document, and while values are out of range.
  let effect: RecipeEffect?
  let rows: [Row]
  /// The text by lines, for a recipe that cannot be read.
  let lines: [String]

  static let none = RecipeReading(nil, [], nil, [])

  private init(_ document: RecipeDocument?, _ errors: [Diagnostic], _ effect: RecipeEffect?, _ lines: [String]) {
    self.document = document
    self.errors = errors
    self.effect = effect
    self.lines = lines
    var rows: [Row] = []
    let wrong = Set(Self.errors(document, effect).compactMap(\.location))
    if let document {
      for node in document.outline { Self.add(node, 0, document, wrong, to: &rows) }
    }
    self.rows = rows
  }

  init(_ workspace: Workspace) {
    guard let text = workspace.recipe.text else {
      self = .none
      return
    }
    do throws(DiagnosticError) {
      let document = try RecipeDocument(repairing: text, file: Self.file)
      let effect =
        document.problems.isEmpty
        ? RecipeEffect(
          document.recipe, graph: workspace.graph, present: workspace.config, base: workspace.generated) : nil
      self.init(document, [], effect, [])
    } catch {
      let lines = String(decoding: text, as: UTF8.self).split(
        omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      self.init(nil, error.diagnostics, nil, lines.map(String.init))
    }
  }

  /// What is wrong with a project's recipe, without its effect: for the log when a project is opened.
  static func problems(in workspace: Workspace) -> [Diagnostic] {
    guard let text = workspace.recipe.text else { return [] }
    do throws(DiagnosticError) { return try RecipeDocument(repairing: text, file: file).problems } catch {
      return error.diagnostics
    }
  }

  /// Errors in the file's values, or what the net refuses of its rules.
  var problems: [Diagnostic] { document == nil ? errors : Self.errors(document, effect) }

  private static func errors(_ document: RecipeDocument?, _ effect: RecipeEffect?) -> [Diagnostic] {
    (document?.problems ?? []) + (effect?.diagnostics.filter { $0.severity == .error } ?? [])
  }

  /// What is wrong with a parameter, in its range or with this net.
  func problem(_ path: RecipePath) -> Diagnostic? {
    if let problem = document?.problem(path) { return problem }
    guard let place = document?.place(of: path) else { return nil }
    return effect?.diagnostics.first { $0.severity == .error && $0.location == place }
  }

  /// Blocks with their names below them; data and weights of a rule are one form.
  private static func add(
    _ node: RecipeNode, _ indent: Int, _ document: RecipeDocument, _ wrong: Set<SourceLocation>, to rows: inout [Row]
  ) {
    switch node.part {
    case .data, .weights: return
    default: break
    }
    let isThere = node.location != nil
    var row = Row(
      part: node.part, title: node.title,
      summary: isThere || node.part == .block(.globals) || node.summary != "defaults" ? node.summary : "none",
      indent: indent, isThere: isThere)
    if !wrong.isEmpty {
      var places = [node.location] + node.children.map(\.location)
      if case .block(let block) = node.part {
        places += block.fields.map { document.place(of: RecipePath($0, in: block)) }
      }
      row.hasError = places.contains { $0.map(wrong.contains) ?? false }
    }
    rows.append(row)
    for child in node.children { add(child, indent + 1, document, wrong, to: &rows) }
  }
}
