import Diagnostics
import Tensors

/// An image as messages name it: the file, and what inside the file when that holds many.
struct ImagePlace {
  var location: SourceLocation
  /// "image 12", "entry '00000012'"; empty when the file is the image.
  var part: String = ""

  func error(_ text: String, help: [String] = []) -> DiagnosticError {
    DiagnosticError(part.isEmpty ? text : "\(part): \(text)", at: location, help: help)
  }
}

/// Images in a fixed order, decoded when asked for; safe to ask from several threads.
protocol ImageCollection: Sendable {
  /// What it is, for `dataset info`: "folder", "list", "LMDB", "NumPy array".
  var kind: String { get }
  var count: Int { get }
  func name(_ i: Int) -> String
  func label(_ i: Int) throws(DiagnosticError) -> Int?
  func load(
    _ i: Int, into out: MutableFloatView, shape: Shape, _ preprocessing: Preprocessing
  ) throws(DiagnosticError)
  /// Adds what image `i` is decoded from.
  func addContent(of i: Int, to hasher: borrowing ContentHasher) throws(DiagnosticError)
}

/// The images that a `--images` word names, in their order, with their labels.
package struct ImageSource: Sendable {
  package let spec: String
  /// Number of images used: all, or the first `limit`.
  package let count: Int
  /// Number of images there are; of a list read under a limit, those read.
  package let totalCount: Int
  private let images: any ImageCollection
  private let labels: [Int]?

  package struct Options: Sendable {
    /// Channel order of uint8 and float arrays in `.npy` files with 3 channels.
    package var npyOrder: ChannelOrder = .rgb
    /// Use only the first so many.
    package var limit: Int?
    /// Reads a database entry; without one, databases are refused.
    package var datumDecoder: DatumDecoder?

    /// Names of images that are not used; the limit counts those that are.
    package var leftOut: [String] = []

    package init(
      npyOrder: ChannelOrder = .rgb, limit: Int? = nil, leftOut: [String] = [], datumDecoder: DatumDecoder? = nil
    ) {
      self.npyOrder = npyOrder
      self.limit = limit
      self.leftOut = leftOut
      self.datumDecoder = datumDecoder
    }
  }

  /// Opens a folder of images, a text list, a Caffe LMDB, a `.npy` array or a single image; nothing is decoded yet.
  /// - Parameter labels: a file of labels for images that carry none, see `LabelFile`.
  /// - Throws: located errors: nothing there, no images in it, missing files of a list (all of them, up to 20), an
  ///   array that holds no images, another number of labels than of images.
  package init(_ spec: String, options: Options = .init(), labels: String? = nil) throws(DiagnosticError) {
    var reading = options
    if let limit = options.limit { reading.limit = limit.addingReportingOverflow(options.leftOut.count).partialValue }
    let images = try Self.open(spec, reading)
    let location = SourceLocation(file: spec)
    guard images.count > 0 else { throw DiagnosticError("there are no images in this \(images.kind)", at: location) }
    let values = try Self.labels(labels, reading, for: images, at: location)
    self.spec = spec
    if options.leftOut.isEmpty {
      self.images = images
      self.labels = values
    } else {
      let picked = try PickedImages(
        of: images, leavingOut: options.leftOut, isWhole: options.limit == nil, at: location)
      self.images = picked
      self.labels = values.map { values in picked.indexes.map { values[$0] } }
    }
    totalCount = self.images.count
    count = min(totalCount, max(options.limit ?? .max, 0))
  }

  private static func labels(
    _ path: String?, _ options: Options, for images: any ImageCollection, at location: SourceLocation
  ) throws(DiagnosticError) -> [Int]? {
    guard let path else { return nil }
    let values = try LabelFile.read(path)
    // Under a limit only a part of the images may be known, so more labels than images are no mistake.
    let needed = min(images.count, options.limit ?? .max)
    guard values.count == images.count || (options.limit != nil && values.count >= needed) else {
      throw DiagnosticError(
        "\(values.count) labels for \(images.count) images", at: SourceLocation(file: path),
        notes: [.init("the images are here", at: location)])
    }
    return values
  }

  package var kind: String { images.kind }
  /// A file's path, an entry's key, or an array's path with the index.
  package func name(_ i: Int) -> String { images.name(i) }
  /// The label the image carries, else the one of the label file, else `nil`.
  package func label(_ i: Int) throws(DiagnosticError) -> Int? {
    if let own = try images.label(i) { return own }
    return labels?[i]
  }

  /// Decodes and preprocesses image `i` to `out`.
  /// - Parameter shape: the net's input without its first axis, `[C, H, W]`.
  /// - Throws: a located error when it cannot be decoded or does not become `shape`.
  package func load(
    _ i: Int, into out: MutableFloatView, shape: Shape, _ preprocessing: Preprocessing
  ) throws(DiagnosticError) {
    precondition((0..<count).contains(i), "image index outside the source")
    try images.load(i, into: out, shape: shape, preprocessing)
  }

  /// Adds the bytes that image `i` is decoded from, so that equal keys mean equal images wherever they lie.
  /// - Throws: a located error when they cannot be read.
  package func addContent(of i: Int, to hasher: borrowing ContentHasher) throws(DiagnosticError) {
    precondition((0..<count).contains(i), "image index outside the source")
    hasher.add(images.kind)
    try images.addContent(of: i, to: hasher)
  }

  private static func open(_ spec: String, _ options: Options) throws(DiagnosticError) -> any ImageCollection {
    switch try SpecKind(spec) {
    case .folder: return try ImageFiles(folder: spec)
    case .list(let bytes): return try ImageFiles(list: bytes, limit: options.limit)
    case .image: return ImageFiles(image: spec)
    case .array(let bytes): return try NumpyImages(NumpyFile.read(bytes), order: options.npyOrder)
    case .database:
      guard let decoder = options.datumDecoder else {
        throw DiagnosticError("databases of images are not read here", at: SourceLocation(file: spec))
      }
      return try DatumDatabase(spec, limit: options.limit, decoder: decoder)
    }
  }
}
