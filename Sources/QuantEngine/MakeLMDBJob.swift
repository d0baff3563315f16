import CaffeFormat
import Datasets
import Diagnostics
import Dispatch
import Kernels
import Synchronization
import Tensors

/// `cortado dataset make-lmdb`: images as a Caffe LMDB of Datum, as `convert_imageset` makes it.
///
/// Keys are `%08d_name`, counted in the order of writing; samples are uint8 in planes, blue first, or grey; images that
/// are files may be kept as files (`encoded`). Numbers that are no pictures become `float_data`.
/// - Source: Caffe `convert_imageset.cpp`, `io.cpp`.
package struct MakeLMDBJob {
  package var spec: String
  package var out: String
  package var labels: String?
  package var npyOrder = ChannelOrder.rgb
  package var limit: Int?
  package var resize: Resize?
  package var isGray = false
  /// Keeps files as they are where nothing is to be done with them, else packs the pixels again.
  package var isEncoded = false
  /// What they are packed as; the file's own kind when `nil`.
  package var encodedKind: EncodedKind?
  /// All images must have the same extents.
  package var checksSize = false
  /// Mixes the order; equal seeds give equal orders.
  package var shuffleSeed: UInt64?
  package var threads = 1

  package struct Result: Encodable, Sendable {
    package let out: String
    package let count: Int
    package let labelled: Int
    package let shapes: [DatasetInfo.ShapeCount]
    /// Of the data file.
    package let bytes: Int
    package let seconds: Double
  }

  package init(spec: String, out: String) {
    self.spec = spec
    self.out = out
  }

  package func run(progress: (Int, Int) -> Void) throws(QuantError) -> Result {
    try attempting(.badInput) { try make(progress) }
  }

  private func make(_ progress: (Int, Int) -> Void) throws -> Result {
    let start = monotonicSeconds()
    let source = try ImageSource(
      spec, options: .init(npyOrder: npyOrder, limit: limit, datumDecoder: { try DatumImage(decoding: $0) }),
      labels: labels)
    let writer = try LMDBWriter(out)
    let order = order(source.count)
    var counts = ShapeCounter()
    var (bytes, labelled, firstShape) = (0, 0, Shape?.none)
    // As many images at a time as keep all threads busy.
    let piece = 8 * max(1, threads)
    for begin in stride(from: 0, to: order.count, by: piece) {
      try Interrupt.check()
      let entries = try entries(source, order, begin..<min(begin + piece, order.count))
      for entry in entries {
        if checksSize, let firstShape, firstShape != entry.info.shape {
          throw DiagnosticError(
            "image '\(entry.name)' has shape \(entry.info.shape), the first one \(firstShape)",
            help: ["resize them: --resize H,W"])
        }
        firstShape = firstShape ?? entry.info.shape
        try writer.put(entry.key, entry.value)
        counts.add(entry.info)
        bytes += entry.value.count
        if entry.isLabelled { labelled += 1 }
      }
      progress(begin + entries.count, order.count)
    }
    try writer.finish()
    return Result(
      out: out, count: order.count, labelled: labelled, shapes: counts.counts, bytes: bytes,
      seconds: monotonicSeconds() - start)
  }

  private func order(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    guard let shuffleSeed else { return order }
    var random = SeededRandom(seed: shuffleSeed)
    order.shuffle(using: &random)
    return order
  }

  private struct Entry: Sendable {
    var name: String
    var key: [UInt8]
    var value: [UInt8]
    var info: ImageInfo
    var isLabelled: Bool
  }

  /// The entries of places `range` of the order, made by several threads.
  /// - Throws: the errors of all images that cannot be taken, in their order, up to 20.
  private func entries(_ source: ImageSource, _ order: [Int], _ range: Range<Int>) throws -> [Entry] {
    let made = Mutex<[Int: Attempt]>([:])
    let next = Atomic<Int>(range.lowerBound)
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, range.count))) { _ in
      while true {
        let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if place >= range.upperBound { return }
        let result: Attempt
        do throws(DiagnosticError) {
          result = .made(try entry(source, order[place], at: place))
        } catch {
          result = .failed(error)
        }
        made.withLock { $0[place] = result }
      }
    }
    let found = made.withLock { $0 }
    var log = DiagnosticLog()
    var entries: [Entry] = []
    for place in range {
      switch found[place] {
      case .made(let entry): entries.append(entry)
      case .failed(let error): log.add(contentsOf: error.diagnostics)
      case nil: break
      }
    }
    try log.throwIfErrors()
    return entries
  }

  private enum Attempt: Sendable {
    case made(Entry)
    case failed(DiagnosticError)
  }

  private func entry(_ source: ImageSource, _ i: Int, at place: Int) throws(DiagnosticError) -> Entry {
    let name = source.entryName(i)
    let location = SourceLocation(file: source.name(i))
    let number = String(place)
    let key = Array((String(repeating: "0", count: max(0, 8 - number.count)) + number + "_" + name).utf8)
    guard key.count <= LMDBWriter.keyLimit else {
      throw DiagnosticError(
        "its key would have \(key.count) bytes, more than the \(LMDBWriter.keyLimit) of an LMDB", at: location,
        help: ["give a list with shorter paths"])
    }
    var datum = Datum()
    if let label = try source.label(i) {
      guard let small = Int32(exactly: label) else {
        throw DiagnosticError("label \(label) is no 32-bit number", at: location)
      }
      datum.label = Int(small)
    }
    let info = try fill(&datum, source, i, location)
    return Entry(name: name, key: key, value: datum.encoded, info: info, isLabelled: datum.label != nil)
  }

  private func fill(
    _ datum: inout Datum, _ source: ImageSource, _ i: Int, _ location: SourceLocation
  ) throws(DiagnosticError) -> ImageInfo {
    let stored = try source.info(i)
    let isFile = ["JPEG", "PNG"].contains(stored.storage)
    if !isFile, stored.storage != "uint8" {
      guard resize == nil, !isGray, !isEncoded, stored.shape.rank == 3 else {
        throw DiagnosticError(
          "numbers of type \(stored.storage) and shape \(stored.shape) are no pictures", at: location,
          help: stored.shape.rank == 3 ? ["leave --resize, --gray and --encoded out"] : [])
      }
      (datum.channels, datum.height, datum.width) = (stored.shape[0], stored.shape[1], stored.shape[2])
      datum.floatData = try source.samples(i, shape: stored.shape, .none)
      return ImageInfo(shape: stored.shape, storage: "float32")
    }
    guard stored.shape.rank == 3, stored.shape.isLegal, stored.shape.count > 0 else {
      throw DiagnosticError("the image is empty (\(stored.shape))", at: location)
    }
    let channels = isGray ? 1 : isFile ? 3 : stored.shape[0]
    var extent = Extent(height: stored.shape[1], width: stored.shape[2])
    if let resize { extent = resize.applied(to: extent) }
    let shape: Shape = [channels, extent.height, extent.width]
    guard shape.isLegal, extent.height > 0, extent.width > 0 else {
      throw DiagnosticError("the image would have shape \(shape)", at: location)
    }
    let order: ChannelOrder = isGray ? .gray : .bgr
    // The whole picture is read in any case: what cannot be decoded shall not get into the data base.
    let values = try source.samples(i, shape: shape, Preprocessing(channelOrder: order, resize: resize))
    let bytes = values.map { UInt8(min(max($0.rounded(.toNearestOrAwayFromZero), 0), 255)) }
    guard isEncoded else {
      (datum.channels, datum.height, datum.width) = (channels, extent.height, extent.width)
      datum.data = bytes
      return ImageInfo(shape: shape, storage: "uint8")
    }
    guard channels == 1 || channels == 3 else {
      throw DiagnosticError("\(channels) channels are no picture that can be encoded", at: location)
    }
    datum.isEncoded = true
    let own: EncodedKind = stored.storage == "JPEG" ? .jpg : .png
    let kind = encodedKind ?? own
    // A grey file among colour ones stays as it is unless it is packed anew: readers make it three channels.
    if isFile, resize == nil, kind == own, !isGray || stored.shape[0] == 1, let file = try source.encodedFile(i) {
      datum.data = file.bytes
      return stored
    }
    datum.data = try Self.interleaved(bytes, shape).encoded(as: kind, at: location)
    return ImageInfo(shape: shape, storage: kind == .jpg ? "JPEG" : "PNG")
  }

  /// Planes, blue first, as red, green, blue side by side.
  private static func interleaved(_ planes: [UInt8], _ shape: Shape) -> DecodedImage {
    let (channels, area) = (shape[0], shape[1] * shape[2])
    var pixels = planes
    if channels == 3 {
      for i in 0..<area { for c in 0..<3 { pixels[3 * i + c] = planes[(2 - c) * area + i] } }
    }
    return DecodedImage(height: shape[1], width: shape[2], channels: channels, samples: pixels)
  }
}
