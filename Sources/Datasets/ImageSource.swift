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

/// What a source says of one image without making it a net's input.
package struct ImageInfo: Sendable, Hashable {
  /// `[C, H, W]`, or what one item of an array has.
  package var shape: Shape
  /// "JPEG", "PNG", or NumPy's name of the number type: "uint8", "float32".
  package var storage: String

  package init(shape: Shape, storage: String) {
    self.shape = shape
    self.storage = storage
  }
}

/// Images in a fixed order, decoded when asked for; safe to ask from several threads.
protocol ImageCollection: Sendable {
  /// What it is, for `dataset info`: "folder", "list", "LMDB", "HDF5", "NumPy array".
  var kind: String { get }
  var count: Int { get }
  func name(_ i: Int) -> String
  func label(_ i: Int) throws(DiagnosticError) -> Int?
  func load(
    _ i: Int, into out: MutableFloatView, shape: Shape, _ preprocessing: Preprocessing
  ) throws(DiagnosticError)
  /// Adds what image `i` is decoded from.
  func addContent(of i: Int, to hasher: borrowing ContentHasher) throws(DiagnosticError)
  /// Reads no more than extents and type.
  func info(_ i: Int) throws(DiagnosticError) -> ImageInfo
  /// The image's name in a data base: as a list writes it, or the file's name alone.
  func entryName(_ i: Int) -> String
  /// The JPEG or PNG file that an image is decoded from; `nil` for stored samples.
  func encodedFile(_ i: Int) throws(DiagnosticError) -> FileBytes?
  /// The shape of what lies beside an image under this name; `nil` when there is nothing.
  func columnShape(_ name: String) -> Shape?
  /// - Precondition: `columnShape` gives a shape of the size of `out`.
  func column(_ name: String, _ i: Int, into out: MutableFloatView) throws(DiagnosticError)
}

extension ImageCollection {
  func entryName(_ i: Int) -> String { name(i).split(separator: "/").last.map(String.init) ?? name(i) }
  func encodedFile(_ i: Int) throws(DiagnosticError) -> FileBytes? { nil }
  func columnShape(_ name: String) -> Shape? { nil }
  func column(_ name: String, _ i: Int, into out: MutableFloatView) throws(DiagnosticError) {
    preconditionFailure("there is nothing beside these images")
  }
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

    /// Names of the net's input and of its label: data sets of HDF5 files are found by name.
    package var inputName: String?
    package var labelName: String?

    /// What stands before the paths of a list, as in Caffe's ImageData; `nil` for the list's own folder.
    package var root: String?

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

  /// Opens a folder of images, a text list, a Caffe LMDB, HDF5 files, a `.npy` array or a single image; nothing is
  /// decoded yet.
  /// - Parameter labels: a file of labels for images that carry none, see `LabelFile`.
  /// - Throws: located errors: nothing there, no images in it, missing files of a list (all of them, up to 20), an
  ///   array that holds no images, another number of labels than of images.
  package init(_ spec: String, options: Options = .init(), labels: String? = nil) throws(DiagnosticError) {
    var reading = options
    if let limit = options.limit {
      let (sum, overflows) = limit.addingReportingOverflow(options.leftOut.count)
      reading.limit = overflows ? .max : max(sum, 0)
    }
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
        of: images, leavingOut: options.leftOut, limit: reading.limit, isWhole: options.limit == nil, at: location)
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

  /// Extents and type of image `i` as it is stored.
  /// - Throws: a located error when that cannot be read.
  package func info(_ i: Int) throws(DiagnosticError) -> ImageInfo {
    precondition((0..<count).contains(i), "image index outside the source")
    return try images.info(i)
  }

  /// The image's name in a data base: as a list writes it, or the file's name alone.
  package func entryName(_ i: Int) -> String { images.entryName(i) }

  /// The JPEG or PNG file that image `i` is decoded from; `nil` for stored samples.
  package func encodedFile(_ i: Int) throws(DiagnosticError) -> FileBytes? { try images.encodedFile(i) }

  /// The shape of what lies beside an image under this name, as in HDF5 files; `nil` when there is nothing.
  package func columnShape(_ name: String) -> Shape? { images.columnShape(name) }

  /// Reads what lies beside image `i` under this name.
  /// - Precondition: `columnShape` gives a shape of the size of `out`.
  package func column(_ name: String, _ i: Int, into out: MutableFloatView) throws(DiagnosticError) {
    try images.column(name, i, into: out)
  }

  /// Image `i` after preprocessing, `shape.count` numbers.
  /// - Throws: as `load`.
  package func samples(_ i: Int, shape: Shape, _ preprocessing: Preprocessing) throws(DiagnosticError) -> [Float] {
    var out = Tensor(shape: shape)
    try out.withMutable { view throws(DiagnosticError) in try load(i, into: view, shape: shape, preprocessing) }
    return out.array
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
    case .list(let bytes): return try ImageFiles(list: bytes, limit: options.limit, root: options.root)
    case .image: return ImageFiles(image: spec)
    case .array(let bytes): return try NumpyImages(NumpyFile.read(bytes), order: options.npyOrder)
    case .hdf5: return try HDF5Images(HDF5Rows(file: spec), input: options.inputName, label: options.labelName)
    case .hdf5List(let bytes):
      return try HDF5Images(HDF5Rows(list: bytes), input: options.inputName, label: options.labelName)
    case .database:
      guard let decoder = options.datumDecoder else {
        throw DiagnosticError("databases of images are not read here", at: SourceLocation(file: spec))
      }
      return try DatumDatabase(spec, limit: options.limit, decoder: decoder)
    }
  }
}
