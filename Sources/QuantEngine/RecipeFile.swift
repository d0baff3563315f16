import Diagnostics
import Foundation
import LayerGraph
import Quantization

/// A recipe as the command line handles it.
package struct RecipeFile: Sendable {
  package private(set) var document: RecipeDocument

  /// - Throws: exit 3 with every error found in the file.
  package init(reading path: String) throws(QuantError) {
    document = try attempting(.badInput) { try RecipeDocument(ConfigSource.bytes(path), file: path) }
  }

  /// A recipe without a word.
  package static func empty(named path: String) throws(QuantError) -> RecipeFile {
    RecipeFile(document: try attempting(.badInput) { try RecipeDocument([], file: path) })
  }

  private init(document: RecipeDocument) { self.document = document }

  package func write(to path: String) throws(QuantError) {
    try attempting(.runFailed) { try AtomicFile.write(path: path, bytes: document.source) }
  }

  /// What the file holds, and what it makes of a net.
  /// - Throws: exit 3 with what the net refuses.
  package func check(for model: LoadedModel?, _ news: (Diagnostic) -> Void) throws(QuantError) -> RecipeSummary {
    var summary = RecipeSummary(document.recipe)
    guard let model else { return summary }
    let config = try generated(for: model, news)
    summary.listed = config.layerNames.count
    summary.quantized = config.layerNames.count(where: config.isEnabled)
    return summary
  }

  /// The tree, and the effect on a net.
  /// - Parameter config: the configuration in use; `nil`: the defaults.
  package func show(
    for model: LoadedModel, config path: String?, _ news: (Diagnostic) -> Void
  ) throws(QuantError) -> RecipeReport {
    let base = try Self.base(nil, for: model, news)
    let present = try path.map { path throws(QuantError) in try Self.config(path, for: model, news) } ?? base
    let effect = RecipeEffect(document.recipe, graph: model.graph, present: present, base: base)
    if effect.hasErrors { throw QuantError(.badInput, effect.diagnostics) }
    effect.diagnostics.forEach(news)
    return RecipeReport(document, effect)
  }

  /// The configuration that the recipe makes of a net, with or without what was set by hand.
  /// - Parameters:
  ///   - config: the configuration in use; `nil`: there is none.
  ///   - previous: the recipe that it was made from; `nil`: it was made from the defaults.
  package func apply(
    to model: LoadedModel, config: String?, previous: RecipeFile?, hand: HandChoice, _ news: (Diagnostic) -> Void
  ) throws(QuantError) -> AppliedRecipe {
    let generated = try generated(for: model, news)
    guard let config else {
      return AppliedRecipe(config: generated, kept: [], replaced: [], changes: [])
    }
    let present = try Self.config(config, for: model, news)
    let base = try Self.base(previous, for: model, news)
    let merge = RecipeMerge(
      present: present, base: base, generated: generated, graph: model.graph, choice: { _ in hand })
    let checked = try attempting(.badInput) {
      var log = DiagnosticLog()
      return try merge.config.validated(against: model.graph, log: &log)
    }
    return AppliedRecipe(
      config: checked, kept: merge.kept, replaced: merge.replaced,
      changes: QuantConfig.layerChanges(from: present, to: checked, model.graph))
  }

  /// Turns a configuration into this recipe's overrides and skip lists.
  /// - Throws: exit 3 with every value that a recipe cannot express.
  package mutating func lift(
    _ config: String, for model: LoadedModel, _ news: (Diagnostic) -> Void
  ) throws(QuantError) -> LiftSummary {
    let present = try Self.config(config, for: model, news)
    let document = document
    let lift = try attempting(.badInput) { try RecipeLift(present, graph: model.graph, onto: document) }
    if !lift.refusals.isEmpty { throw QuantError(.badInput, lift.refusals) }
    self.document = lift.document
    return LiftSummary(lift)
  }

  private func generated(for model: LoadedModel, _ news: (Diagnostic) -> Void) throws(QuantError) -> QuantConfig {
    let recipe = document.recipe
    var log = DiagnosticLog()
    let config = try attempting(.badInput) { try recipe.apply(to: model.graph, log: &log) }
    log.diagnostics.forEach(news)
    return config
  }

  private static func config(
    _ path: String, for model: LoadedModel, _ news: (Diagnostic) -> Void
  ) throws(QuantError) -> QuantConfig {
    var warnings: [Diagnostic] = []
    let config = try ConfigSource(config: path).config(for: model, &warnings)
    warnings.forEach(news)
    return config
  }

  private static func base(
    _ previous: RecipeFile?, for model: LoadedModel, _ news: (Diagnostic) -> Void
  ) throws(QuantError) -> QuantConfig {
    if let previous { return try previous.generated(for: model) { _ in } }
    return try attempting(.badInput) {
      var log = DiagnosticLog()
      return try QuantConfig.initial(graph: model.graph, log: &log)
    }
  }
}

extension ModelFiles {
  /// The model that a project belongs to: the one prototxt and the one caffemodel beside the nearest `.cortado`.
  /// - Throws: exit 64 when there is no such pair.
  package static func ofNearestProject(
    to folder: String, protos: [String], plugins: [String] = []
  ) throws(QuantError) -> ModelFiles {
    let project = try? ProjectFolder.nearest(to: folder)
    let parent = project.map { ($0.path as NSString).deletingLastPathComponent }
    let names = (parent.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) } ?? []).sorted()
    let nets = names.filter { $0.hasSuffix(".prototxt") }
    let weights = names.filter { $0.hasSuffix(".caffemodel") }
    guard let parent, nets.count == 1, weights.count == 1 else {
      throw QuantError(
        .usage, "which model? Give MODEL and WEIGHTS",
        help: ["without them the one .prototxt and .caffemodel beside the nearest .cortado are taken"])
    }
    return ModelFiles(
      prototxt: parent + "/" + nets[0], weights: parent + "/" + weights[0], protos: protos, plugins: plugins)
  }
}
