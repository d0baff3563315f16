import CaffeFormat
import Diagnostics
import LayerGraph
import Layers
import Plugins
import Quantization
import Tensors

/// Which files make a model.
package struct ModelFiles: Sendable, Hashable {
  package var prototxt: String
  package var weights: String?
  /// Custom schemas laid over the built-in one.
  package var protos: [String]
  /// Libraries with layer types.
  package var plugins: [String]
  /// Unknown layer types that are run as if they did nothing.
  package var passThrough: [String]
  /// Shapes of inputs that the prototxt leaves open or that shall be others.
  package var inputShapes: [String: Shape]
  /// What of the net is meant.
  package var part: NetPart

  package init(
    prototxt: String, weights: String? = nil, protos: [String] = [], plugins: [String] = [],
    passThrough: [String] = [], inputShapes: [String: Shape] = [:], part: NetPart = NetPart()
  ) {
    self.prototxt = prototxt
    self.weights = weights
    self.protos = protos
    self.plugins = plugins
    self.passThrough = passThrough
    self.inputShapes = inputShapes
    self.part = part
  }

  /// File name of the prototxt without folder and extension.
  package var stem: String {
    let name = prototxt.split(separator: "/").last.map(String.init) ?? prototxt
    return name.hasSuffix(".prototxt") ? String(name.dropLast(9)) : name
  }
}

/// A net with its learned values, read once; its graph can be made anew for other input shapes.
package struct LoadedModel: Sendable {
  package let files: ModelFiles
  package let schema: ProtoSchema
  /// Of the net, or the part of it that is meant.
  package let net: NetParameter
  package let graph: Graph
  private let catalog: LayerCatalog
  /// Those of `files` that are inputs of the part.
  package let inputShapes: [String: Shape]
  /// Those that only the data which a data layer of the net names could tell: other images may have others.
  let shapesOfOwnData: [String: Shape]
  /// Learned blobs by layer name, borrowed from the weights file.
  private let weights: [String: [Tensor]]
  private let unknown: (net: [UInt8], layers: [String: ProtoMessage])
  private let missing: Graph.MissingParams?
  /// True for a deploy model: its weights are codes for an NPU, not numbers to compute with. Some blob is int8, int32 or
  /// uint64.
  package let holdsCodes: Bool
  package let warnings: [Diagnostic]

  /// Reads prototxt and weights.
  /// - Parameter missing: what to do without weights for a layer; `nil`: learned values are not bound at all (inspect).
  package init(_ files: ModelFiles, missing: Graph.MissingParams? = .fillers) throws(QuantError) {
    self = try attempting(.badInput) { try LoadedModel(reading: files, missing: missing) }
  }

  private init(reading files: ModelFiles, missing: Graph.MissingParams?) throws {
    self.files = files
    self.missing = missing
    schema = files.protos.isEmpty ? try ProtoSchema.builtIn() : try ProtoSchema(merging: files.protos)
    var log = DiagnosticLog()
    let schema = schema
    catalog = try LayerCatalog.builtIn.adding(
      files.plugins.flatMap { path throws(DiagnosticError) in try PluginLibrary(path: path, schema: schema).types }
    ).passing(files.passThrough)
    let whole = try NetParameter.load(path: files.prototxt, schema: schema, log: &log)
    let own = Self.shapesOfOwnData(whole, given: files.inputShapes)
    shapesOfOwnData = own
    let shapes = files.inputShapes.merging(own) { given, _ in given }
    net = try whole.cut(to: files.part, catalog: catalog, inputShapes: shapes, log: &log)
    inputShapes = files.part.isWhole ? shapes : net.inputShapes(of: shapes, from: whole, catalog)
    var table: [String: [Tensor]] = [:]
    var unknown: (net: [UInt8], layers: [String: ProtoMessage]) = ([], [:])
    var codes = false
    if let path = files.weights {
      let file = try WeightsFile(path: path, schema: schema)
      unknown.net = file.unknownBytes
      for layer in file.layers {
        unknown.layers[layer.name] = Self.unknownParts(of: layer, schema, path)
        if layer.blobs.contains(where: { if case .float = $0.payload { false } else { true } }) { codes = true }
        if !layer.blobs.isEmpty, table[layer.name] == nil { table[layer.name] = Self.values(layer) }
      }
    }
    holdsCodes = codes
    weights = table
    self.unknown = unknown
    graph = try Self.makeGraph(net, files, catalog, table, missing, inputShapes, &log)
    for type in files.passThrough {
      let count = graph.passedNodes.count { $0.type == type }
      log.add(
        .warning(
          count == 0
            ? "--pass-through \(type): the net has no layer of this type"
            : "\(count) layer\(count == 1 ? "" : "s") of type '\(type)' \(count == 1 ? "passes" : "pass") the input on "
              + "unchanged: figures leave out what the type does",
          at: graph.passedNodes.first { $0.type == type }?.location))
    }
    warnings = log.diagnostics
  }

  /// Shapes that Data, HDF5Data and ImageData layers of the net take from their files, where these are at hand.
  private static func shapesOfOwnData(_ net: NetParameter, given: [String: Shape]) -> [String: Shape] {
    var shapes: [String: Shape] = [:]
    for layer in net.layers where layer.tops.contains(where: { given[$0] == nil }) {
      guard let source = NetDataSource(layer) else { continue }
      shapes.merge(source.shapes().filter { given[$0.key] == nil }) { first, _ in first }
    }
    return shapes
  }

  /// The blobs as the layer binds them: a deployed DeQuant has its three in one word per channel.
  private static func values(_ layer: WeightsLayer) -> [Tensor] {
    guard layer.blobs.count == 1, case .uint64(let shape, let words) = layer.blobs[0].payload else {
      return layer.blobs.map(\.values)
    }
    let parts = words.map(Dequantization.parts)
    return [parts.map(\.scale), parts.map { Float($0.shift) }, parts.map { Float($0.weightOffset) }].map {
      Tensor(shape: shape, $0)
    }
  }

  private static func makeGraph(
    _ net: NetParameter, _ files: ModelFiles, _ catalog: LayerCatalog, _ weights: [String: [Tensor]],
    _ missing: Graph.MissingParams?, _ shapes: [String: Shape], _ log: inout DiagnosticLog
  ) throws -> Graph {
    let graph = try Graph.build(
      name: net.name, header: net.message, inputs: net.inputs, layers: net.layers, catalog: catalog,
      inputShapes: shapes, log: &log)
    guard let missing else { return graph }
    return try graph.binding(weights, source: files.weights ?? "no weights file", missing: missing, log: &log)
  }

  /// The same model for other input shapes.
  package func reshaped(_ shapes: [String: Shape]) throws(QuantError) -> LoadedModel {
    let merged = inputShapes.merging(shapes) { $1 }
    if merged == graph.inputShapes { return self }
    return try attempting(.badInput) {
      var log = DiagnosticLog()
      let graph = try Self.makeGraph(net, files, catalog, weights, missing, merged, &log)
      return LoadedModel(self, graph)
    }
  }

  private init(_ model: LoadedModel, _ graph: Graph) {
    files = model.files
    schema = model.schema
    net = model.net
    catalog = model.catalog
    inputShapes = model.inputShapes
    shapesOfOwnData = model.shapesOfOwnData
    weights = model.weights
    unknown = model.unknown
    missing = model.missing
    holdsCodes = model.holdsCodes
    warnings = model.warnings
    self.graph = graph
  }

  /// What a layer of the weights file holds that the schema doesn't know, on all levels; `nil` when that is nothing.
  ///
  /// A fork may use a number for another message than ours: then nothing of that message is kept.
  private static func unknownParts(of layer: WeightsLayer, _ schema: ProtoSchema, _ path: String) -> ProtoMessage? {
    var message =
      (layer.settings.isEmpty ? nil : try? schema.parseBinary("LayerParameter", layer.settings, file: path))
      ?? ProtoMessage("LayerParameter")
    message.unknownBytes = layer.unknownBytes
    return message.holdsUnknownBytes ? message : nil
  }

  /// A net's message with what the weights file has that its schema didn't know, to be written with it.
  func addingUnknownBytes(to net: ProtoMessage) -> ProtoMessage {
    var net = net
    net.unknownBytes += unknown.net
    if unknown.layers.isEmpty { return net }
    for i in net.fields.indices where net.fields[i].name == "layer" {
      guard case .message(var layer) = net.fields[i].value, let parts = unknown.layers[layer.string("name") ?? ""]
      else { continue }
      layer.addUnknownBytes(of: parts)
      net.fields[i].value = .message(layer)
    }
    return net
  }

  /// The net's inputs that data must be fed to, with shapes as far as they are known.
  package var inputs: [(name: String, shape: Shape?)] {
    graph.inputs.map { (graph[$0].name, graph.shape($0)) }
  }
}

extension ProtoMessage {
  fileprivate var holdsUnknownBytes: Bool {
    !unknownBytes.isEmpty
      || fields.contains { if case .message(let inner) = $0.value { inner.holdsUnknownBytes } else { false } }
  }

  /// Takes the unknown fields of the same message as another file has it, where both have it once.
  fileprivate mutating func addUnknownBytes(of other: ProtoMessage) {
    unknownBytes += other.unknownBytes
    for i in fields.indices where count(fields[i].name) == 1 && other.count(fields[i].name) == 1 {
      guard case .message(var mine) = fields[i].value, let its = other.message(fields[i].name),
        its.typeName == mine.typeName
      else { continue }
      mine.addUnknownBytes(of: its)
      fields[i].value = .message(mine)
    }
  }
}
