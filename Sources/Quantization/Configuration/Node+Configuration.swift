import LayerGraph

/// What the configuration asks a layer about itself.
extension Node {
  var role: QuantizationRole { layer?.quantization ?? .none }
  var isQuantizable: Bool { role.kind != .none }
  var hasQuantizableWeights: Bool { role.kind == .weightsAndData }

  /// The standard spelling of the type, also where the net writes a fork's.
  var standardType: String { layer.map { Swift.type(of: $0).caffeTypes.first ?? type } ?? type }

  /// Number of inputs that carry activation parameters of their own.
  var activationInputs: Int {
    switch role.inputs {
    case .first: 1
    case .all: max(bottoms.count, 1)
    case .recurrent(let statics): statics == nil ? 1 : 2
    }
  }

  /// True where `snq_quantize` is legal.
  /// - Source: AMCT user guide, layers of non-uniform quantization.
  var takesNonUniformWeights: Bool {
    ["Convolution", "DepthwiseConv", "Deconvolution", "InnerProduct"].contains(standardType)
  }

  /// True where BatchNorm, Scale and Bias can be folded in.
  var isFusable: Bool { Graph.fusableTypes.contains(standardType) }
}

extension Graph {
  /// Types that BatchNorm, Scale and Bias are folded into: the only ones that `skip_fusion_layers` may name.
  /// - Source: AMCT user guide, chapter on fusion.
  static let fusableTypes = ["Convolution", "DepthwiseConv", "Deconvolution", "InnerProduct"]

  /// Nodes by layer name; of two layers with one name the first.
  var nodesByName: [String: Node] { Dictionary(nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }) }

  var quantizableNames: [String] { nodes.filter(\.isQuantizable).map(\.name) }
}
