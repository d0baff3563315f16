import Diagnostics
import Glibc
import Tensors

/// One entry of a Caffe database, as its `Datum` message says it.
package struct DatumImage: Sendable {
  package enum Content: Sendable {
    /// `data`: one byte per sample, `[channels, height, width]`.
    case bytes([UInt8])
    /// `float_data`: `[channels, height, width]`.
    case floats([Float])
    /// `data` of an `encoded` datum: a JPEG or PNG file; the extents beside it do not count.
    case encoded([UInt8])
  }

  package var channels: Int
  package var height: Int
  package var width: Int
  package var label: Int?
  package var content: Content

  package init(channels: Int, height: Int, width: Int, label: Int?, content: Content) {
    self.channels = channels
    self.height = height
    self.width = width
    self.label = label
    self.content = content
  }
}

/// Reads the bytes of a `Datum` message; throws what is wrong with them.
package typealias DatumDecoder = @Sendable ([UInt8]) throws -> DatumImage

/// The images of a Caffe LMDB in the order of its keys, which is the order Caffe's Data layer reads them in.
///
/// Samples keep their stored channel order (Caffe's tools store BGR) unless a channel order is said.
struct DatumDatabase: ImageCollection {
  let kind = "LMDB"
  private let path: String
  private let decoder: DatumDecoder
  private let file: LMDBFile

  /// Finds the entries; only the first `limit` when there is one.
  /// - Parameter path: the environment's folder, or its data file.
  /// - Throws: an error at `path` that says what is wrong with the database.
  init(_ path: String, limit: Int?, decoder: @escaping DatumDecoder) throws(DiagnosticError) {
    var status = stat()
    let isFolder = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    file = try LMDBFile(isFolder ? path + "/data.mdb" : path, named: path, limit: limit)
    self.path = path
    self.decoder = decoder
  }

  var count: Int { file.count }
  func name(_ i: Int) -> String { String(decoding: file.bytes(file.entries[i].key), as: UTF8.self) }

  func label(_ i: Int) throws(DiagnosticError) -> Int? { try datum(i).label }

  func load(
    _ i: Int, into out: MutableFloatView, shape: Shape, _ preprocessing: Preprocessing
  ) throws(DiagnosticError) {
    let place = place(i)
    let datum = try datum(i)
    switch datum.content {
    case .encoded(let bytes):
      let file = FileBytes(copying: bytes, path: path)
      let image: DecodedImage
      do throws(DiagnosticError) {
        image = try ImageDecoder.decode(file, at: place.location)
      } catch {
        throw error.adding(context: "while reading \(place.part)")
      }
      try image.load(at: place, into: out, shape: shape, preprocessing)
    case .bytes(let samples): try datum.load(samples, at: place, into: out, shape: shape, preprocessing)
    case .floats(let samples): try datum.load(samples, at: place, into: out, shape: shape, preprocessing)
    }
  }

  func encodedFile(_ i: Int) throws(DiagnosticError) -> FileBytes? {
    if case .encoded(let bytes) = try datum(i).content { return FileBytes(copying: bytes, path: path) }
    return nil
  }

  func info(_ i: Int) throws(DiagnosticError) -> ImageInfo {
    let datum = try datum(i)
    let shape = Shape([datum.channels, datum.height, datum.width])
    switch datum.content {
    case .encoded(let bytes):
      do throws(DiagnosticError) {
        return try ImageDecoder.info(FileBytes(copying: bytes, path: path), at: place(i).location)
      } catch {
        throw error.adding(context: "while reading \(place(i).part)")
      }
    case .bytes: return ImageInfo(shape: shape, storage: "uint8")
    case .floats: return ImageInfo(shape: shape, storage: "float32")
    }
  }

  func addContent(of i: Int, to hasher: borrowing ContentHasher) {
    file.bytes(file.entries[i].value).withUnsafeBytes { hasher.add($0) }
  }

  private func place(_ i: Int) -> ImagePlace {
    ImagePlace(location: SourceLocation(file: path), part: "entry '\(name(i))'")
  }

  private func datum(_ i: Int) throws(DiagnosticError) -> DatumImage {
    do {
      return try decoder(file.bytes(file.entries[i].value))
    } catch {
      let reason = (error as? any DiagnosticConvertible)?.diagnostics.first?.text ?? "\(error)"
      throw place(i).error("this is no Datum: \(reason)")
    }
  }
}

extension DatumImage {
  fileprivate func load<S: NumpyScalar>(
    _ samples: [S], at place: ImagePlace, into out: MutableFloatView, shape: Shape, _ preprocessing: Preprocessing
  ) throws(DiagnosticError) {
    let own = Shape([channels, height, width])
    guard own.isLegal, own.count == samples.count, own.count > 0 else {
      throw place.error("\(samples.count) samples for channels, height, width \(own)")
    }
    // force_gray and force_color of a net concern encoded images alone, as in Caffe.
    var preprocessing = preprocessing
    if preprocessing.origin == .net { preprocessing.channelOrder = nil }
    try samples.withUnsafeBufferPointer { buffer throws(DiagnosticError) in
      guard let base = buffer.baseAddress else { throw place.error("the image is empty") }
      let raster = Raster.planar(base, channels: channels, height: height, width: width, order: .bgr)
      try preprocessing.apply(raster, at: place, into: out, shape: shape)
    }
  }
}
