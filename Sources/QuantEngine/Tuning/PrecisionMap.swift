import LayerGraph
import Passes
import Quantization

/// A net as it matters for precision: which layer reads what of which, so that what a change of precision costs can be
/// counted without running anything.
///
/// Layers that are absorbed by the one before, layers that are off unless asked for (ReLU, Scale, ...) and layers that only
/// pass values on work in the precision of the layer before them.
package struct PrecisionMap: Sendable {
  /// How a layer computes.
  package enum Precision: Sendable, Hashable {
    /// Bits of the data, and of each weight; 0 bits for layers without weights.
    case quantized(bits: Int, weightBits: Int)
    case float
    /// As the layer before it.
    case follows
  }

  private struct Layer {
    let name: String
    /// Values it reads and makes, as indexes of blobs.
    let bottoms: [Int]
    let tops: [Int]
    let macs: Int
    /// Values of the learned blob that is quantized.
    let weights: Int
    /// Takes part in limits: quantized unless it is switched off.
    let isOnByDefault: Bool
    let isFused: Bool
    let followsWhenOff: Bool
    let isInput: Bool
  }

  private let layers: [Layer]
  private let nodes: [Node]
  private let blobCount: Int
  /// Maker of each blob, -1 for the net's inputs.
  private let makers: [Int]
  /// Blobs that nobody reads: the net's outputs.
  private let outputs: [Int]
  private let indexes: [String: Int]
  package let totalMacs: Int

  /// - Parameter config: says which layers are fused; nothing else of it is looked at.
  package init(_ graph: Graph, _ config: QuantConfig) {
    let skip = config.doFusion ? Set(config.skipFusionLayers) : Set(graph.nodes.map(\.name))
    let hosts = FusionPlan(graph, skip: skip).hosts
    nodes = graph.nodes
    layers = graph.nodes.map { node in
      let role = node.layer?.quantization ?? .none
      let isFused = hosts[node.name] != nil
      let passes = role.kind == .none && (node.layer?.topsAreViews ?? false)
      return Layer(
        name: node.name, bottoms: node.bottoms.map(\.index), tops: node.tops.map(\.index),
        macs: isFused ? 0 : graph.macs(of: node) ?? 0,
        weights: role.kind == .weightsAndData ? Self.weightCount(of: node, graph) : 0,
        isOnByDefault: role.kind != .none && role.enabledByDefault && !isFused, isFused: isFused,
        followsWhenOff: isFused || passes || (role.kind == .data && !role.enabledByDefault),
        isInput: node.layer is any InputLayerType)
    }
    blobCount = graph.blobs.count
    var makers = Array(repeating: -1, count: graph.blobs.count)
    for (index, layer) in layers.enumerated() { for top in layer.tops { makers[top] = index } }
    self.makers = makers
    outputs = graph.outputs.map(\.index)
    indexes = Dictionary(layers.enumerated().map { ($1.name, $0) }) { first, _ in first }
    totalMacs = layers.reduce(0) { $0 + $1.macs }
  }

  private static func weightCount(of node: Node, _ graph: Graph) -> Int {
    if let recurrence = node.layer as? any StateFeedback {
      let bottoms = node.bottoms.compactMap { graph.shape($0) }
      guard bottoms.count == node.bottoms.count, let specs = try? recurrence.paramBlobs(bottoms) else { return 0 }
      return recurrence.matrices.flatMap(\.blobs).reduce(0) { $0 + specs[$1].shape.count }
    }
    if let blob = node.params.first { return blob.count }
    let bottoms = node.bottoms.compactMap { graph.shape($0) }
    guard bottoms.count == node.bottoms.count, let specs = try? node.layer?.paramBlobs(bottoms) else { return 0 }
    return specs.first?.shape.count ?? 0
  }

  package func index(of layer: String) -> Int? { indexes[layer] }
  package func macs(of layer: String) -> Int { indexes[layer].map { layers[$0].macs } ?? 0 }

  /// The layers that made what a layer reads, one for each bottom; `nil` for an input of the net.
  package func makers(of layer: Int) -> [Int?] {
    layers[layer].bottoms.map { makers[$0] >= 0 && !layers[makers[$0]].isInput ? makers[$0] : nil }
  }

  /// Precision of every layer by a config.
  package func precisions(_ config: QuantConfig) -> [Precision] {
    layers.indices.map { precision(of: $0, config) }
  }

  package func precision(of index: Int, _ config: QuantConfig) -> Precision {
    let (layer, node) = (layers[index], nodes[index])
    if layer.isFused { return .follows }
    let bits = node.bottoms.indices.compactMap { config.effective(layer: layer.name, input: $0)?.numBits }.max()
    guard let bits else { return layer.followsWhenOff ? .follows : .float }
    switch config.weights(of: node) {
    case .uniform(_, let n): return .quantized(bits: bits, weightBits: n)
    case .nonUniform(_, let n, _, _, _): return .quantized(bits: bits, weightBits: n)
    case nil: return .quantized(bits: bits, weightBits: 0)
    }
  }

  // MARK: Counting

  /// Counts what a choice of precisions makes of the net; linear in its size.
  package func footprint(_ precisions: [Precision]) -> PrecisionFootprint {
    precondition(precisions.count == layers.count, "one precision for each layer")
    var result = PrecisionFootprint(totalMacs: totalMacs)
    // Inputs come as float, and what follows an input does so in float.
    var isQuantized = Array(repeating: false, count: layers.count)
    var wide: Set<Int> = []
    for (index, layer) in layers.enumerated() where !layer.isInput {
      switch precisions[index] {
      case .quantized(let bits, let weightBits):
        isQuantized[index] = true
        result.quantized += 1
        if bits > 8 {
          result.wideMacs += layer.macs
          wide.formUnion(layer.bottoms)
        } else {
          result.int8Macs += layer.macs
        }
        result.weightBytes += (layer.weights * weightBits + 7) / 8
        if bits > 8, layer.isOnByDefault { result.outOfInt8 += 1 }
      case .follows:
        isQuantized[index] = layer.bottoms.first.map { makers[$0] >= 0 && isQuantized[makers[$0]] } ?? false
        result.weightBytes += layer.weights * 4
      case .float:
        result.weightBytes += layer.weights * 4
        if layer.isOnByDefault { result.outOfInt8 += 1 }
      }
    }
    result.wideTensors = wide.count
    result.conversions = conversions(isQuantized)
    result.islands = islands(isQuantized)
    return result
  }

  /// Values that are turned from float to codes, and values that are turned back; inputs and outputs are float.
  private func conversions(_ isQuantized: [Bool]) -> Int {
    var readByQuantized = Array(repeating: false, count: blobCount)
    var readByFloat = Array(repeating: false, count: blobCount)
    for (index, layer) in layers.enumerated() {
      for bottom in layer.bottoms {
        if isQuantized[index] { readByQuantized[bottom] = true } else { readByFloat[bottom] = true }
      }
    }
    for blob in outputs { readByFloat[blob] = true }
    return (0..<blobCount).count { blob in
      makers[blob] >= 0 && isQuantized[makers[blob]] ? readByFloat[blob] : readByQuantized[blob]
    }
  }

  /// Float layers that hang together, with a quantized layer before and one behind.
  private func islands(_ isQuantized: [Bool]) -> Int {
    var parent = Array(layers.indices)
    func root(_ a: Int) -> Int {
      var at = a
      while parent[at] != at {
        parent[at] = parent[parent[at]]
        at = parent[at]
      }
      return at
    }
    var entered = Array(repeating: false, count: layers.count)
    var left = Array(repeating: false, count: layers.count)
    for (index, layer) in layers.enumerated() {
      for bottom in layer.bottoms {
        let maker = makers[bottom]
        guard maker >= 0, !layers[maker].isInput else { continue }
        switch (isQuantized[maker], isQuantized[index]) {
        case (true, false): entered[index] = true
        case (false, true): left[maker] = true
        case (false, false): parent[root(index)] = root(maker)
        case (true, true): break
        }
      }
    }
    var isEntered: Set<Int> = []
    var isLeft: Set<Int> = []
    for index in layers.indices where !isQuantized[index] {
      if entered[index] { isEntered.insert(root(index)) }
      if left[index] { isLeft.insert(root(index)) }
    }
    return isEntered.intersection(isLeft).count
  }
}
