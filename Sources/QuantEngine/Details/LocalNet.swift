import CaffeFormat
import Diagnostics
import Kernels
import LayerGraph
import Layers
import Passes
import Tensors

/// The original net and, beside each quantized layer, its fake-quant twin fed with the original's values: what a layer
/// loses by itself.
///
/// For a quantized layer `x -> conv_quant -> conv -> y` the net has `x -> local:conv_quant -> local:conv -> local:y`, where
/// `x` is the original's value and the weights are the quantized ones; `local:y` is compared with the original value that
/// `conv`, with all it absorbed, stands for. Twins that quantize one blob alike share one Quant.
struct LocalNet: Sendable {
  /// A quantized input of a layer.
  struct Input: Sendable {
    /// Index of its factors.
    let bottom: Int
    /// The original's value that the layer quantizes, in `LocalNet.graph`.
    let blob: BlobID
    let scale: Float
    let offset: Int
    let numBits: Int

    var rounding: Rounding {
      let limit = Int32(1) << Int32(numBits - 1)
      return Rounding(scale: scale, low: -limit - Int32(offset), high: limit - 1 - Int32(offset))
    }
  }

  /// The parts of `graph` that belong to one layer of the mapping.
  struct Layer: Sendable {
    let original: BlobID
    /// `nil` for a float layer, or when the two nets don't agree on the layer's bottoms.
    let twin: BlobID?
    let inputs: [Input]
  }

  let graph: Graph
  let layers: [Layer]
  let outputs: [BlobID]

  /// Names of what is added; no name of a Caffe net begins so.
  private static let prefix = "local:"

  init(original: Graph, quantized: Graph, mapping: LayerMapping) throws(DiagnosticError) {
    // In-place layers would hide values that twins read.
    var apart = original
    if let patch = RemoveInPlace.patch(for: original) { apart = try original.applying(patch) }
    var builder = Builder(apart, quantized)
    var tops: [String?] = []
    var sources: [[Builder.Source]] = []
    for layer in mapping.layers {
      let twin = layer.isQuantized ? builder.addTwin(of: layer) : nil
      tops.append(twin?.top)
      sources.append(twin?.inputs ?? [])
    }
    let graph = try builder.build()
    var byName: [String: BlobID] = [:]
    for blob in graph.netInputs + graph.nodes.flatMap(\.tops) { byName[graph[blob].name] = blob }
    let names = apart
    func place(_ blob: BlobID) -> BlobID {
      guard let found = byName[names[blob].name] else { preconditionFailure("the net lost a blob") }
      return found
    }
    layers = mapping.layers.indices.map { i in
      Layer(
        original: place(mapping.layers[i].original), twin: tops[i].flatMap { byName[$0] },
        inputs: sources[i].map { s in
          Input(
            bottom: s.bottom, blob: place(s.blob), scale: s.quant.step, offset: s.quant.offset, numBits: s.quant.bits)
        })
    }
    outputs = mapping.outputs.map { place($0.original) }
    self.graph = graph
  }

  /// Collects the layers of the net in their order.
  private struct Builder {
    struct Source {
      let bottom: Int
      let blob: BlobID
      let quant: QuantLayer
    }
    private struct QuantKey: Hashable {
      let blob: BlobID
      let step: Float
      let offset: Int
      let bits: Int
    }

    private let original: Graph
    private let quantized: Graph
    private let originalNodes: [String: Node]
    private let quantizedNodes: [String: Node]
    private let quantizedMakers: [BlobID: Node]
    /// Layers that follow an original one, by its place.
    private var added: [Int: [LayerParameter]] = [:]
    private var places: [NodeID: Int] = [:]
    private var params: [String: [Tensor]]
    private var quants: [QuantKey: (top: String, after: Int)] = [:]

    init(_ original: Graph, _ quantized: Graph) {
      self.original = original
      self.quantized = quantized
      originalNodes = Dictionary(original.nodes.map { ($0.name, $0) }) { a, _ in a }
      quantizedNodes = Dictionary(quantized.nodes.map { ($0.name, $0) }) { a, _ in a }
      var makers: [BlobID: Node] = [:]
      for node in quantized.nodes { for top in node.tops { makers[top] = node } }
      quantizedMakers = makers
      for (i, node) in original.nodes.enumerated() { places[node.id] = i }
      params = original.paramsByLayer
    }

    /// The layer's twin: reads what the original layer reads, through Quant where the quantized net has one.
    mutating func addTwin(of layer: LayerMapping.Layer) -> (top: String, inputs: [Source])? {
      guard let own = originalNodes[layer.layer], let node = quantizedNodes[layer.quantizedLayer],
        own.bottoms.count == node.bottoms.count, let last = original[layer.original].producer, let at = places[last],
        !node.tops.isEmpty
      else { return nil }
      var inputs: [Source] = []
      var bottoms: [String] = []
      for (k, bottom) in node.bottoms.enumerated() {
        let blob = own.bottoms[k]
        guard let quant = quantizedMakers[bottom], let settings = quant.layer as? QuantLayer else {
          bottoms.append(original[blob].name)
          continue
        }
        inputs.append(
          Source(bottom: own.layer?.quantization.input(ofBottom: k) ?? k, blob: blob, quant: settings))
        bottoms.append(quantTop(blob, settings, quant, readBy: at))
      }
      var twin = copy(node, LocalNet.prefix + node.name)
      twin.bottoms = bottoms
      twin.tops = node.tops.indices.map { LocalNet.prefix + node.name + (($0 == 0) ? "" : ".\($0)") }
      params[twin.name] = node.params
      added[at, default: []].append(twin)
      return (twin.tops[0], inputs)
    }

    private mutating func quantTop(_ blob: BlobID, _ settings: QuantLayer, _ quant: Node, readBy at: Int) -> String {
      let key = QuantKey(blob: blob, step: settings.step, offset: settings.offset, bits: settings.bits)
      // The mapping goes by the quantized net's order, which is the original's; an earlier reader comes first.
      if let known = quants[key], known.after <= at { return known.top }
      let name = LocalNet.prefix + quant.name
      var parameter = copy(quant, name)
      parameter.bottoms = [original[blob].name]
      parameter.tops = [name]
      quants[key] = (name, at)
      added[at, default: []].append(parameter)
      return name
    }

    /// The layer under another name; its learned blobs are its own, whatever they are shared with in the net.
    private func copy(_ node: Node, _ name: String) -> LayerParameter {
      var parameter = node.parameter
      parameter.name = name
      parameter.params = []
      return parameter
    }

    func build() throws(DiagnosticError) -> Graph {
      var layers: [LayerParameter] = []
      for (i, node) in original.nodes.enumerated() {
        layers.append(original.parameter(of: node))
        layers += added[i] ?? []
      }
      let inputs = original.netInputs.map {
        NetInput(name: original[$0].name, shape: original.shape($0), location: .init(file: ""))
      }
      var log = DiagnosticLog()
      let graph = try Graph.build(
        name: original.name, header: original.header, inputs: inputs, layers: layers, catalog: original.catalog,
        inputShapes: original.inputShapes, log: &log)
      return try graph.binding(params, source: "the two nets", missing: .fillers, log: &log)
    }
  }
}

/// The local net of two models, made anew for other input shapes.
struct LocalModel: RunnableModel {
  private let original: LoadedModel
  private let quantized: Graph
  private let mapping: LayerMapping
  let net: LocalNet

  var graph: Graph { net.graph }

  init(_ original: LoadedModel, _ quantized: Graph, _ mapping: LayerMapping) throws(QuantError) {
    self.original = original
    self.quantized = quantized
    self.mapping = mapping
    net = try attempting(.badInput) {
      try LocalNet(original: original.graph, quantized: quantized, mapping: mapping)
    }
  }

  func reshaped(_ shapes: [String: Shape]) throws(QuantError) -> LocalModel {
    let model = try original.reshaped(shapes)
    if model.graph.inputShapes == original.graph.inputShapes { return self }
    return try LocalModel(model, quantized, mapping)
  }
}
