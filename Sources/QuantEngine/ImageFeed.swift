import CaffeFormat
import Datasets
import Diagnostics
import LayerGraph
import Tensors

/// Images as batches for a net's inputs: the pictures themselves, their labels, and what else lies beside them.
struct ImageFeed: Sendable {
  let reader: BatchReader
  /// The blob that takes the images.
  let input: String
  /// The blob that takes the labels, with its shape.
  let label: (name: String, shape: Shape)?
  /// Other inputs, each with the shape of one image's part: data sets of HDF5 files that have the blob's name.
  let columns: [(name: String, item: Shape)]
  let batchSize: Int
  let warnings: [Diagnostic]

  var source: ImageSource { reader.source }

  /// - Throws: anything about the images that does not suit the net.
  init(_ spec: String, _ options: DataOptions, _ model: LoadedModel, own: NetDataSource? = nil) throws {
    let graph = model.graph
    guard let first = graph.inputs.first else { throw DiagnosticError("the net has no input for images") }
    let name = graph[first].name
    let others = graph.inputs.dropFirst()
    // The second top of a data layer is the label.
    let second = others.first { graph[$0].producer != nil && graph[$0].producer == graph[first].producer }
    var opening = ImageSource.Options(
      npyOrder: options.npyOrder, limit: options.limit, leftOut: options.leftOut,
      datumDecoder: { try DatumImage(decoding: $0) })
    opening.inputName = name
    opening.labelName = second.map { graph[$0].name }
    opening.root = own?.root
    let source = try ImageSource(spec, options: opening, labels: options.labels)
    var label: (name: String, shape: Shape)?
    var columns: [(name: String, item: Shape)] = []
    for other in others {
      if let item = source.columnShape(graph[other].name) {
        columns.append((graph[other].name, item))
      } else if other == second, (graph.shape(other) ?? [1]).dims.dropFirst().allSatisfy({ $0 == 1 }) {
        label = (graph[other].name, graph.shape(other) ?? [1])
      } else {
        throw DiagnosticError(
          "images feed one input, the net has \(graph.inputs.count): "
            + graph.inputs.map { graph[$0].name }.joined(separator: ", "),
          help: ["give every input with --input NAME=FILE.npy or NAME=v1,v2"])
      }
    }
    let layer = graph[first].producer.flatMap { graph[$0]?.parameter }
    let preprocessing = try Self.preprocessing(options, layer, model.schema)
    let shape = try Self.inputShape(name, source, preprocessing, layer, model)
    let size = options.batchSize ?? max(1, shape[0])
    guard size > 0, Shape([size] + shape.dims.dropFirst()).isLegal,
      columns.allSatisfy({ Shape([size] + $0.item.dims).isLegal })
    else { throw DiagnosticError("a batch of \(size) images is not possible for input '\(name)' of shape \(shape)") }
    var warnings: [Diagnostic] = []
    if let own {
      warnings.append(.note("no --images given: layer '\(own.layer)' of the net names the \(source.kind) '\(spec)'"))
    }
    if let label, try source.label(0) == nil {
      warnings.append(.warning("the images have no labels, so the net's input '\(label.name)' is fed zeros"))
    }
    reader = BatchReader(source, preprocessing, inputShape: shape, threads: options.threads)
    input = name
    batchSize = size
    self.label = label
    self.columns = columns
    self.warnings = warnings
  }

  private static func preprocessing(
    _ options: DataOptions, _ layer: LayerParameter?, _ schema: ProtoSchema
  ) throws -> Preprocessing {
    var spec = options.preprocessing ?? PreprocessingSpec()
    if options.preprocessing == nil {
      spec.origin = .net
      if let layer { spec = try PreprocessingSpec(transformOf: layer) }
    }
    return try spec.resolved { try WeightsFile.loadBlob($0, schema: schema) }
  }

  /// The input's shape: what the user or the net says, else what the first image has after preprocessing.
  private static func inputShape(
    _ name: String, _ source: ImageSource, _ preprocessing: Preprocessing, _ layer: LayerParameter?,
    _ model: LoadedModel
  ) throws -> Shape {
    let graph = model.graph
    let known = graph.inputs.first.flatMap { graph.shape($0) }
    var shape = known
    if let layer, known == nil || model.shapesOfOwnData[name] != nil {
      let info = try source.info(0)
      let own = NetDataSource(layer)
      let channels = own?.channels ?? NetDataSource.forcedChannels(layer, info)
      let item = preprocessing.inputShape(of: info, channels: channels)
      shape = item.map { Shape([known?[0] ?? own?.batch ?? 1] + $0.dims) }
    }
    guard let shape, shape.rank >= 2 else {
      throw DiagnosticError(
        "the shape of input '\(name)' is not known", help: ["give it with --input-shape \(name)=N,C,H,W"])
    }
    return shape
  }

  /// The tensors of batch `k` by input name; the last batch may be smaller.
  func batch(_ k: Int, size: Int) throws(DiagnosticError) -> [(name: String, tensor: Tensor)] {
    let tensor = try reader.batch(k, size: size)
    let n = tensor.shape[0]
    var batch = [(input, tensor)]
    if let label {
      var labels: [Float] = []
      for i in 0..<n { labels.append(Float(try source.label(k * size + i) ?? 0)) }
      batch.append((label.name, Tensor(shape: Shape([n] + label.shape.dims.dropFirst()), labels)))
    }
    for column in columns {
      let length = column.item.count
      var values = Tensor(shape: Shape([n] + column.item.dims))
      try values.withMutable { view throws(DiagnosticError) in
        for i in 0..<n { try source.column(column.name, k * size + i, into: view.slice(i * length, length)) }
      }
      batch.append((column.name, values))
    }
    return batch
  }

  /// Names what the first `images` images feed each input, in batches of `size`.
  func contentKeys(batches: Int, size: Int, images: Int) throws(DiagnosticError) -> [String: ContentKey] {
    var keys = [input: try reader.contentKey(batches: batches, size: size)]
    let count = min(batches * size, images)
    if let label {
      let hasher = ContentHasher("labels")
      hasher.add(label.shape)
      for i in 0..<count { hasher.add(try source.label(i) ?? 0) }
      keys[label.name] = hasher.key
    }
    for column in columns {
      let hasher = ContentHasher("column")
      for i in 0..<count {
        var values = Tensor(shape: column.item)
        try values.withMutable { view throws(DiagnosticError) in try source.column(column.name, i, into: view) }
        hasher.add(values)
      }
      keys[column.name] = hasher.key
    }
    return keys
  }

  /// The shapes of a batch of `n` images.
  func shapes(_ n: Int) -> [String: Shape] {
    var shapes = [input: Shape([n] + reader.itemShape.dims)]
    if let label { shapes[label.name] = Shape([n] + label.shape.dims.dropFirst()) }
    for column in columns { shapes[column.name] = Shape([n] + column.item.dims) }
    return shapes
  }
}
