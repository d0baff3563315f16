import Diagnostics

/// What `channel_wise` shows while a recipe leaves it out: each layer type has its own default.
package let byTypeWord = "by type"

/// One row of a recipe's form.
package typealias RecipeField = EditableParameter<RecipePath>

extension RecipeDocument {
  /// The rows of a block's form, those that the text leaves out as well.
  ///
  /// The parameters of non-uniform weights are shown where that algorithm is named.
  package func fields(of block: RecipeBlock) -> [RecipeField] {
    let isNonUniform = recipe.rule(block)?.weights?.isNonUniform ?? false
    let fields = block.fields.filter { isNonUniform || !$0.isNonUniformOnly }
    return fields.map { field in
      let path = RecipePath(field, in: block)
      let isFixed = (field == .weightBits && isNonUniform) || (block == .bnUpdate && !updatesBN)
      return row(path, isEditable: !isFixed, isNonUniform: isNonUniform)
    }
  }

  private var updatesBN: Bool { recipe.globals.value(.updateBN)?.flag ?? false }

  private func row(_ path: RecipePath, isEditable: Bool, isNonUniform: Bool) -> RecipeField {
    let field = path.field
    let setting = recipe.setting(path)
    let standard = field == .weightBits ? (isNonUniform ? "4" : "8") : field.defaultValue?.text ?? byTypeWord
    return RecipeField(
      path: path, label: field.key, kind: field.kind,
      range: field == .channelWise ? "true, false or \(byTypeWord)" : field.rangeText,
      text: setting?.value.text ?? standard, defaultText: standard,
      provenance: setting?.provenance ?? .defaultValue, advice: field.advice, caution: caution(path),
      isEditable: isEditable)
  }

  /// A warning about a legal value.
  private func caution(_ path: RecipePath) -> String? {
    switch path.field {
    case .activationBits: return ConfigField.caution(activationBits: recipe.setting(path)?.value.int ?? 8)
    case .searchStep:
      let search = QuantConfig().settings(recipe.rule(path.block)?.activation ?? SettingGroup())
      return ConfigField.caution(search: search)
    default: return nil
    }
  }
}
