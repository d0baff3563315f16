import Diagnostics

/// A part of a recipe that has parameters.
package enum RecipeBlock: Hashable, Sendable, CustomStringConvertible {
  case globals
  case bnUpdate
  case common
  /// The rule of a layer type, by the name it is written with.
  case type(String)
  case layer(String)

  /// True for the parts that say how a layer is quantized.
  package var isRule: Bool { self != .globals && self != .bnUpdate }

  package var description: String {
    switch self {
    case .globals: "global"
    case .bnUpdate: "bn_update_config"
    case .common: "common_config"
    case .type(let name): "override_layer_types \(name)"
    case .layer(let name): "override_layer_configs \(name)"
    }
  }
}

/// A list of names in a recipe; the raw value is its key.
package enum RecipeList: String, Hashable, Sendable, CaseIterable {
  case skipLayers = "skip_layers"
  case skipLayerTypes = "skip_layer_types"
  case skipFusionLayers = "skip_fusion_layers"
}

/// Names one parameter of a recipe. A search range is one parameter here, two fields in the file.
package struct RecipePath: Hashable, Sendable, CustomStringConvertible {
  package let field: ConfigField
  package let block: RecipeBlock

  /// - Precondition: the block can hold the field.
  package init(_ field: ConfigField, in block: RecipeBlock) {
    precondition(block.fields.contains(field), "'\(field.key)' does not stand in \(block)")
    self.field = field
    self.block = block
  }

  package var description: String {
    switch field.group {
    case .global: field.key
    case .activation: "\(block).ifmr_quantize.\(field.key)"
    case .weights: field == .weightAlgorithm ? "\(block).wts_algo" : "\(block).weights.\(field.key)"
    case .bnUpdate, .layer: "\(block).\(field.key)"
    }
  }
}

extension RecipeBlock {
  /// What the block can hold, in the order of a form. `with_offset`, `joint_quant` and `version` are config.json's alone.
  package var fields: [ConfigField] {
    switch self {
    case .globals: [.batchNum, .activationOffset, .doFusion, .skipFusionLayers, .updateBN]
    case .bnUpdate: ConfigField.Group.bnUpdate.fields
    case .common, .type, .layer: Self.activationFields + ConfigField.Group.weights.fields
    }
  }

  static let activationFields = ConfigField.Group.activation.fields.filter { $0 != .withOffset }
}

extension Recipe {
  /// The rule that a block stands for; `nil` where there is none.
  func rule(_ block: RecipeBlock) -> Rule? {
    switch block {
    case .globals, .bnUpdate: nil
    case .common: common
    case .type: positions[block].map { layerTypes[$0].rule }
    case .layer: positions[block].map { layers[$0].rule }
    }
  }

  /// Where a block begins; `nil` where there is none, and for the global parameters, which stand anywhere.
  package func location(of block: RecipeBlock) -> SourceLocation? {
    switch block {
    case .globals: nil
    case .bnUpdate: bnUpdateLocation
    case .common: common?.location
    case .type: positions[block].map { layerTypes[$0].name.location }
    case .layer: positions[block].map { layers[$0].name.location }
    }
  }

  /// What stands in the text for a parameter; `nil`: its default is in force.
  package func setting(_ path: RecipePath) -> Setting? {
    if let setting = illegal[path] { return setting }
    let setting =
      switch path.field.group {
      case .global: globals[path.field]
      case .bnUpdate: bnUpdate?[path.field]
      case .activation: rule(path.block)?.activation[path.field]
      case .weights: rule(path.block)?.weights?[path.field]
      case .layer: Setting?.none
      }
    // What follows from the algorithm has no place.
    return setting?.location == nil ? nil : setting
  }

  package func names(in list: RecipeList) -> [Name] {
    switch list {
    case .skipLayers: return skipLayers
    case .skipLayerTypes: return skipLayerTypes
    case .skipFusionLayers:
      guard let setting = globals[.skipFusionLayers], let names = setting.value.names else { return [] }
      return zip(names, setting.itemLocations).map { Name(text: $0, location: $1) }
    }
  }
}
