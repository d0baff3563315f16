import CaffeFormat
import Datasets
import Diagnostics
import LayerGraph
import Tensors

/// What the user says about the data: the flags of every verb that runs a net.
package struct DataOptions: Sendable {
  package var images: String?
  /// `NAME=FILE.npy` or `NAME=v1,v2`.
  package var inputs: [String] = []
  package var labels: String?
  package var preprocessing: PreprocessingSpec?
  package var npyOrder: ChannelOrder = .rgb
  package var limit: Int?
  /// Names of images that are not used.
  package var leftOut: [String] = []
  package var batchSize: Int?
  package var threads = 0

  package init() {}
}

/// Batches for a net's inputs, from images or tensors.
package struct DataFeed: Sendable {
  private enum Source: Sendable {
    case images(BatchReader, input: String, labelInput: (name: String, shape: Shape)?)
    case tensors(BoundTensorInputs)
  }

  private let source: Source
  /// Images per full batch; for tensors the first extent of the first input.
  package let batchSize: Int
  package let batchCount: Int
  /// Images in all batches.
  package let itemCount: Int
  package let warnings: [Diagnostic]

  /// - Throws: exit 3 for anything about the data that doesn't suit the net.
  package init(_ options: DataOptions, for model: LoadedModel) throws(QuantError) {
    if model.holdsCodes {
      throw QuantError(
        .badInput, "\(model.files.weights ?? "this") holds the integer weights of a deploy model, made for an NPU",
        help: ["run the fake_quant model that was saved with it"])
    }
    self = try attempting(.badInput) { try DataFeed(opening: options, model) }
  }

  private init(opening options: DataOptions, _ model: LoadedModel) throws {
    if let spec = options.images {
      guard options.inputs.isEmpty else { throw QuantError(.usage, "give --images or --input, not both") }
      self = try Self.images(spec, options, model)
    } else {
      guard !options.inputs.isEmpty else {
        throw QuantError(.usage, "no data given", help: ["give --images or --input"])
      }
      self = try Self.tensors(options, model)
    }
  }

  private init(_ source: Source, batchSize: Int, batchCount: Int, itemCount: Int, warnings: [Diagnostic]) {
    self.source = source
    self.batchSize = batchSize
    self.batchCount = batchCount
    self.itemCount = itemCount
    self.warnings = warnings
  }

  private static func tensors(_ options: DataOptions, _ model: LoadedModel) throws -> DataFeed {
    let words = try TensorInputs(options.inputs)
    // An input whose shape the net leaves open takes the file's.
    let inputs = model.inputs.map { ($0.name, $0.shape ?? words.fileShape($0.name) ?? Shape([1])) }
    let bound = try words.bound(to: inputs)
    let size = bound.shapes.first.map { $0.rank > 0 ? $0[0] : 1 } ?? 1
    var count = bound.batchCount
    if let limit = options.limit { count = min(count, max(1, (limit + size - 1) / size)) }
    return DataFeed(.tensors(bound), batchSize: size, batchCount: count, itemCount: count * size, warnings: [])
  }

  private static func images(_ spec: String, _ options: DataOptions, _ model: LoadedModel) throws -> DataFeed {
    let graph = model.graph
    guard let first = graph.inputs.first else { throw DiagnosticError("the net has no input for images") }
    let name = graph[first].name
    var labelInput: (name: String, shape: Shape)?
    for other in graph.inputs.dropFirst() {
      // The second top of a data layer is the label.
      guard graph[other].producer != nil, graph[other].producer == graph[first].producer, labelInput == nil else {
        throw DiagnosticError(
          "images feed one input, the net has \(graph.inputs.count): "
            + graph.inputs.map { graph[$0].name }.joined(separator: ", "),
          help: ["give every input with --input NAME=FILE.npy or NAME=v1,v2"])
      }
      labelInput = (graph[other].name, graph.shape(other) ?? [1])
    }
    let source = try ImageSource(
      spec,
      options: .init(
        npyOrder: options.npyOrder, limit: options.limit, leftOut: options.leftOut,
        datumDecoder: { try DatumImage(decoding: $0) }),
      labels: options.labels)
    var preprocessingSpec = options.preprocessing ?? PreprocessingSpec()
    if options.preprocessing == nil { preprocessingSpec.origin = .net }
    if options.preprocessing == nil, let layer = graph[first].producer.flatMap({ graph[$0] }) {
      preprocessingSpec = try PreprocessingSpec(transformOf: layer.parameter)
    }
    let schema = model.schema
    let preprocessing = try preprocessingSpec.resolved {
      try WeightsFile.loadBlob($0, schema: schema)
    }
    guard let shape = graph.shape(first), shape.rank >= 2 else {
      throw DiagnosticError(
        "the shape of input '\(name)' is not known", help: ["give it with --input-shape \(name)=N,C,H,W"])
    }
    let size = options.batchSize ?? max(1, shape[0])
    guard size > 0, Shape([size] + shape.dims.dropFirst()).isLegal else {
      throw DiagnosticError("a batch of \(size) images is not possible for input '\(name)' of shape \(shape)")
    }
    var warnings: [Diagnostic] = []
    if let labelInput, try source.label(0) == nil {
      warnings.append(.warning("the images have no labels, so the net's input '\(labelInput.name)' is fed zeros"))
    }
    let reader = BatchReader(source, preprocessing, inputShape: shape, threads: options.threads)
    return DataFeed(
      .images(reader, input: name, labelInput: labelInput), batchSize: size, batchCount: reader.batchCount(size: size),
      itemCount: source.count, warnings: warnings)
  }

  /// The first `images` images in batches of `size`; `nil` where the data come as whole batches.
  func regrouped(size: Int, images: Int) -> DataFeed? {
    guard case .images = source, size > 0 else { return nil }
    return DataFeed(
      source, batchSize: size, batchCount: (images + size - 1) / size, itemCount: images, warnings: warnings)
  }

  /// The tensors of batch `k` by input name; the last batch may be smaller.
  package func batch(_ k: Int) throws(DiagnosticError) -> [(name: String, tensor: Tensor)] {
    switch source {
    case .tensors(let bound): return Array(zip(bound.names, bound.batch(k))).map { ($0.0, $0.1) }
    case .images(let reader, let input, let labelInput):
      let tensor = try reader.batch(k, size: batchSize)
      guard let labelInput else { return [(input, tensor)] }
      let n = tensor.shape[0]
      var labels: [Float] = []
      for i in 0..<n { labels.append(Float(try reader.source.label(k * batchSize + i) ?? 0)) }
      let shape = Shape([n] + labelInput.shape.dims.dropFirst())
      return [(input, tensor), (labelInput.name, Tensor(shape: shape, labels))]
    }
  }

  /// Names what the first `batches` batches feed each input, without decoding images: equal keys mean equal tensors.
  package func contentKeys(batches: Int) throws(DiagnosticError) -> [String: ContentKey] {
    switch source {
    case .tensors(let bound):
      var keys: [String: ContentKey] = [:]
      let tensors = (0..<batches).map { bound.batch($0) }
      for (index, name) in bound.names.enumerated() {
        let hasher = ContentHasher("tensors")
        for batch in tensors { hasher.add(batch[index]) }
        keys[name] = hasher.key
      }
      return keys
    case .images(let reader, let input, let labelInput):
      var keys = [input: try reader.contentKey(batches: batches, size: batchSize)]
      if let labelInput {
        let hasher = ContentHasher("labels")
        hasher.add(labelInput.shape)
        for i in 0..<min(batches * batchSize, itemCount) { hasher.add(try reader.source.label(i) ?? 0) }
        keys[labelInput.name] = hasher.key
      }
      return keys
    }
  }

  /// The shapes that batch `k` has, without loading it.
  package func shapes(ofBatch k: Int) -> [String: Shape] {
    switch source {
    case .tensors(let bound): return Dictionary(uniqueKeysWithValues: zip(bound.names, bound.shapes))
    case .images(let reader, let input, let labelInput):
      let n = min(batchSize, itemCount - k * batchSize)
      var shapes = [input: Shape([n] + reader.itemShape.dims)]
      if let labelInput { shapes[labelInput.name] = Shape([n] + labelInput.shape.dims.dropFirst()) }
      return shapes
    }
  }

  /// Name of image `i`, or of the batch it belongs to.
  /// The image of a number; `nil` for tensors.
  package func image(_ i: Int) -> String? {
    if case .images(let reader, _, _) = source { reader.source.name(i) } else { nil }
  }

  package func name(ofItem i: Int) -> String {
    switch source {
    case .images(let reader, _, _): reader.source.name(i)
    case .tensors: "batch \(i / max(1, batchSize))"
    }
  }

  package func label(ofItem i: Int) throws(DiagnosticError) -> Int? {
    if case .images(let reader, _, _) = source { return try reader.source.label(i) }
    return nil
  }
}
