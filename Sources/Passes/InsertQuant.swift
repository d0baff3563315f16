import CaffeFormat
import Diagnostics
import LayerGraph
import Tensors

/// The factors of one layer as the quantized model carries them.
package struct LayerFactors: Sendable, Hashable {
  package struct Input: Sendable, Hashable {
    /// Index of the factors: of the bottom, but for a recurrent layer's static input.
    package var bottom: Int
    /// The step, `scale_d` of the record.
    package var scale: Float
    package var offset: Int
    package var numBits: Int
    package var withOffset: Bool

    package init(bottom: Int, scale: Float, offset: Int, numBits: Int, withOffset: Bool) {
      self.bottom = bottom
      self.scale = scale
      self.offset = offset
      self.numBits = numBits
      self.withOffset = withOffset
    }
  }

  package var layer: String
  package var inputs: [Input]
  /// One step per output channel, or one for the tensor, or one per matrix of a recurrent layer; empty for data-only
  /// layers.
  package var weightScales: [Float]
  /// What a user's record says of shifts: one per output channel, or one; empty for none.
  package var shiftBits: [Int]

  package init(layer: String, inputs: [Input], weightScales: [Float], shiftBits: [Int] = []) {
    self.layer = layer
    self.inputs = inputs
    self.weightScales = weightScales
    self.shiftBits = shiftBits
  }

  package var isWeighted: Bool { !weightScales.isEmpty }
}

/// Puts Quant in front of every quantized input, DeQuant behind weighted layers, AntiQuant where float layers read
/// quantized data.
///
/// Before: `x -> conv1 -> y`. After: `x -> conv1_quant_layer -> conv1 -> y`, `y -> conv1_dequant_layer -> y` in place, so
/// that every user-visible blob keeps its name. The Quant layer stores the reciprocal of the step. A data-only layer
/// leaves its tops on the quantized grid: readers without factors get them through `<layer>_anti_quant_layer`, of top
/// i > 0 with `_i` behind the name. A recurrent layer quantizes its state and dequantizes its sums inside: its type
/// becomes LSTMQuant, and no DeQuant follows.
///
/// A shift of a user's record stands in the DeQuant layer's blob, where deployment takes it from; `shift_bit: 0` in its
/// settings says that it is not simulated.
/// - Source: amct-facts 1.7, 3.5, 4.8, 4.10 (LSTMQuantParameter).
package struct InsertQuant: Pass {
  package let name = "insert Quant, DeQuant, AntiQuant"
  private let factors: [String: LayerFactors]

  package init(_ factors: [LayerFactors]) {
    self.factors = Dictionary(factors.map { ($0.layer, $0) }) { a, _ in a }
  }

  package func patch(at node: Node, in graph: Graph) throws(DiagnosticError) -> GraphPatch? {
    guard let f = factors[node.name] else { return nil }
    for input in f.inputs {
      let name = Self.quantName(node.name, input.bottom)
      if graph.node(named: name) == nil { return quant(name, input, node, graph) }
    }
    if let layer = node.layer as? any StateFeedback { return recurrence(layer, f, node) }
    // A recurrent layer that has become a quantized one.
    if f.isWeighted, node.layer?.quantization.kind != .weightsAndData { return nil }
    for i in node.tops.indices where f.isWeighted {
      let name = Self.dequantName(node.name, i)
      if graph.node(named: name) == nil { return dequant(name, i, f, node, graph) }
    }
    return f.isWeighted ? nil : antiQuant(node, graph)
  }

  package static func quantName(_ layer: String, _ bottom: Int) -> String {
    "\(layer)_quant_layer" + (bottom > 0 ? "_\(bottom)" : "")
  }
  package static func dequantName(_ layer: String, _ top: Int) -> String {
    "\(layer)_dequant_layer" + (top > 0 ? "_\(top)" : "")
  }
  package static func antiQuantName(_ layer: String, _ top: Int = 0) -> String {
    "\(layer)_anti_quant_layer" + (top > 0 ? "_\(top)" : "")
  }

  private func quant(_ name: String, _ input: LayerFactors.Input, _ node: Node, _ graph: Graph) -> GraphPatch {
    let place = node.layer?.quantization.bottom(ofInput: input.bottom) ?? input.bottom
    let bottom = node.bottoms[place]
    let parameter = InsertedLayer.make(
      name, "Quant", bottoms: [graph[bottom].name], tops: [name],
      settings: ("quant_param", settings(input, node.name)))
    return GraphPatch(
      [
        .insert(
          parameter, params: [], bottoms: [bottom], before: node.id,
          readers: .inputs([(node: node.id, bottom: place)]))
      ], summary: "inserted '\(name)'")
  }

  private func settings(_ input: LayerFactors.Input, _ layer: String) -> ProtoMessage {
    var p = ProtoMessage("QuantParameter")
    p.set("with_offset", .bool(input.withOffset))
    p.set("scale", .real(Double(Float(1 / Double(input.scale)))))
    p.set("offset", .int(Int64(input.offset)))
    p.set("object_layer", .string(layer))
    p.set("index", .uint(UInt64(input.bottom)))
    p.set("num_bits_d", .int(Int64(input.numBits)))
    return p
  }

  private func recurrence(_ layer: any StateFeedback, _ f: LayerFactors, _ node: Node) -> GraphPatch? {
    let kind = type(of: layer)
    guard let joint = f.inputs.first(where: { $0.bottom == 0 }), f.weightScales.count == layer.matrices.count else {
      return nil
    }
    var p = ProtoMessage("LSTMQuantParameter")
    p.set("w_h_quant_param", .message(settings(joint, node.name)))
    for (matrix, scale) in zip(layer.matrices, f.weightScales) {
      let data = f.inputs.first { $0.bottom == matrix.input } ?? joint
      var d = ProtoMessage("DeQuantParameter")
      d.set("channel_wise", .bool(false))
      d.set("object_layer", .string(node.name))
      d.set("layer_type", .string(matrix.layerType(in: kind.caffeType)))
      d.setAll("deqscale", [.real(Double(data.scale * scale))])
      d.setAll("shift_bit", [.real(0)])
      d.setAll("offset", [.real(0)])
      p.set(matrix.dequantField, .message(d))
    }
    return GraphPatch(
      [.update(node.id, node.parameter.retyped(kind.quantizedType, kind.quantizedField, p), params: node.params)],
      summary: "made '\(node.name)' a \(kind.quantizedType)")
  }

  private func dequant(_ name: String, _ top: Int, _ f: LayerFactors, _ node: Node, _ graph: Graph) -> GraphPatch {
    let blob = node.tops[top]
    // Channel-wise scales need the four axes of a convolution's top; InnerProduct has one scale.
    let channelWise = f.weightScales.count > 1
    var p = ProtoMessage("DeQuantParameter")
    p.set("channel_wise", .bool(channelWise))
    p.set("object_layer", .string(node.name))
    p.set("layer_type", .string(node.type))
    let input = f.inputs.first { $0.bottom == top } ?? f.inputs[0]
    let channels = node.params.count > 1 ? node.params[1].count : graph.shape(blob).map { $0.rank > 1 ? $0[1] : 1 }
    let scales = Self.perChannel(f.weightScales, channels).map { input.scale * $0 }
    let shifts =
      f.shiftBits.isEmpty ? scales.map { _ in 0 } : scales.indices.map { f.shiftBits[$0 % f.shiftBits.count] }
    if !f.shiftBits.isEmpty { p.setAll("shift_bit", [.real(0)]) }
    let parameter = InsertedLayer.make(
      name, "DeQuant", bottoms: [graph[blob].name], tops: [graph[blob].name], settings: ("dequant_param", p))
    let shape = Shape([scales.count])
    return GraphPatch(
      [
        .insert(
          parameter,
          params: [Tensor(shape: shape, scales), Tensor(shape: shape, shifts.map(Float.init)), Tensor(shape: shape)],
          bottoms: [blob],
          before: following(node, graph), readers: .all(of: blob))
      ], summary: "inserted '\(name)'")
  }

  /// The steps of all output channels: those of a grouped Deconvolution are shared by its groups, whose outputs follow
  /// each other.
  package static func perChannel(_ steps: [Float], _ channels: Int?) -> [Float] {
    guard steps.count > 1, let channels, channels > steps.count, channels % steps.count == 0 else { return steps }
    return (0..<channels).map { steps[$0 % steps.count] }
  }

  private func antiQuant(_ node: Node, _ graph: Graph) -> GraphPatch? {
    for (i, top) in node.tops.enumerated() {
      let name = Self.antiQuantName(node.name, i)
      if graph.node(named: name) != nil { continue }
      var floatReaders: [(node: NodeID, bottom: Int)] = []
      var quantizedReaders = 0
      for reader in graph.consumers(of: top) {
        for (k, bottom) in reader.bottoms.enumerated() where bottom == top {
          let quantizes =
            reader.type == "Quant"
            || factors[reader.name]?.inputs.contains {
              (reader.layer?.quantization.bottom(ofInput: $0.bottom) ?? $0.bottom) == k
            } == true
          if quantizes { quantizedReaders += 1 } else { floatReaders.append((reader.id, k)) }
        }
      }
      if floatReaders.isEmpty && quantizedReaders > 0 { continue }
      // In place when nobody needs the quantized value, which keeps the name of a net output.
      let inPlace = quantizedReaders == 0
      let parameter = InsertedLayer.make(
        name, "AntiQuant", bottoms: [graph[top].name], tops: [inPlace ? graph[top].name : name], settings: nil)
      return GraphPatch(
        [
          .insert(
            parameter, params: [], bottoms: [top], before: following(node, graph),
            readers: inPlace ? .all(of: top) : .inputs(floatReaders))
        ], summary: "inserted '\(name)'")
    }
    return nil
  }

  private func following(_ node: Node, _ graph: Graph) -> NodeID? {
    guard let at = graph.position(of: node.id), at + 1 < graph.nodes.count else { return nil }
    return graph.nodes[at + 1].id
  }
}
