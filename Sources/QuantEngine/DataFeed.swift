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
    case images(ImageFeed)
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
      self.init(try ImageFeed(spec, options, model))
    } else if !options.inputs.isEmpty {
      self = try Self.tensors(options, model)
    } else {
      let own = NetDataSource(of: model.graph)
      guard let own, own.isAtHand else {
        throw QuantError(
          .usage, "no data given", help: ["give --images or --input"] + (own.map { [$0.help] } ?? []))
      }
      self.init(try ImageFeed(own.spec, options, model, own: own))
    }
  }

  /// True when there is something to open: what the user gave, or what the net itself names.
  package static func hasData(_ options: DataOptions, for model: LoadedModel) -> Bool {
    options.images != nil || !options.inputs.isEmpty || NetDataSource(of: model.graph)?.isAtHand == true
  }

  private init(_ feed: ImageFeed) {
    self.init(
      .images(feed), batchSize: feed.batchSize, batchCount: feed.reader.batchCount(size: feed.batchSize),
      itemCount: feed.source.count, warnings: feed.warnings)
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
    if let limit = options.limit { count = min(count, max(1, (limit - 1) / max(1, size) + 1)) }
    return DataFeed(.tensors(bound), batchSize: size, batchCount: count, itemCount: count * size, warnings: [])
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
    case .images(let feed): return try feed.batch(k, size: batchSize)
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
    case .images(let feed): return try feed.contentKeys(batches: batches, size: batchSize, images: itemCount)
    }
  }

  /// The shapes that batch `k` has, without loading it.
  package func shapes(ofBatch k: Int) -> [String: Shape] {
    switch source {
    case .tensors(let bound): return Dictionary(uniqueKeysWithValues: zip(bound.names, bound.shapes))
    case .images(let feed): return feed.shapes(min(batchSize, itemCount - k * batchSize))
    }
  }

  /// What `--images` said, or the net itself; `nil` for tensors.
  package var imageSpec: String? {
    if case .images(let feed) = source { feed.source.spec } else { nil }
  }

  /// The image of a number; `nil` for tensors.
  package func image(_ i: Int) -> String? {
    if case .images(let feed) = source { feed.source.name(i) } else { nil }
  }

  /// Name of image `i`, or of the batch it belongs to.
  package func name(ofItem i: Int) -> String {
    switch source {
    case .images(let feed): feed.source.name(i)
    case .tensors: "batch \(i / max(1, batchSize))"
    }
  }

  package func label(ofItem i: Int) throws(DiagnosticError) -> Int? {
    if case .images(let feed) = source { return try feed.source.label(i) }
    return nil
  }
}
