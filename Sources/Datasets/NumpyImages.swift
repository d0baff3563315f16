import Diagnostics
import Tensors

/// Images in one `.npy` array, first axis first.
///
/// uint8: `[N, H, W]`, `[N, H, W, C]` or, when the last axis is neither 1 nor 3, `[N, C, H, W]`, with C = 1 or 3.
/// float32 or float64: `[N, C, H, W]`, which is ready input (and may then have any shape) unless the user asks for
/// preprocessing. Channels keep their stored order when no channel order is said.
struct NumpyImages: ImageCollection {
  private enum Layout { case grey, interleaved, planar, ready }

  let kind = "NumPy array"
  private let array: NumpyArray
  private let layout: Layout
  private let order: ChannelOrder
  /// The shape of one item.
  private let item: [Int]

  /// - Throws: an error at the file when its type or shape is none of these.
  init(_ array: NumpyArray, order: ChannelOrder) throws(DiagnosticError) {
    let dims = array.shape.dims
    func isColour(_ extent: Int) -> Bool { extent == 1 || extent == 3 }
    switch (array.element, dims.count) {
    case (.uint8, 3): layout = .grey
    case (.uint8, 4) where isColour(dims[3]): layout = .interleaved
    case (.uint8, 4) where isColour(dims[1]): layout = .planar
    case (.float32, 2...), (.float64, 2...): layout = .ready
    default:
      throw DiagnosticError(
        "an array of \(array.element.name) with shape \(array.shape) holds no images",
        at: SourceLocation(file: array.path),
        help: ["images are uint8 [N, H, W] or [N, H, W, C] with C = 1 or 3, or float32 [N, C, H, W]"])
    }
    self.array = array
    self.order = order
    item = Array(dims.dropFirst())
  }

  var count: Int { array.shape[0] }
  func name(_ i: Int) -> String { "\(array.path)[\(i)]" }
  func label(_ i: Int) -> Int? { nil }

  func load(
    _ i: Int, into out: MutableFloatView, shape: Shape, _ preprocessing: Preprocessing
  ) throws(DiagnosticError) {
    let place = ImagePlace(location: SourceLocation(file: array.path), part: "image \(i)")
    if layout == .ready { return try loadFloats(i, place, into: out, shape: shape, preprocessing) }
    let size = Shape(item).count
    try array.withBytes { bytes throws(DiagnosticError) in
      guard size > 0, let base = bytes.baseAddress else { throw place.error("the image is empty, \(Shape(item))") }
      let pixels = (base + i * size).assumingMemoryBound(to: UInt8.self)
      try preprocessing.apply(raster(pixels), at: place, into: out, shape: shape)
    }
  }

  func info(_ i: Int) -> ImageInfo {
    let shape: [Int] =
      switch layout {
      case .grey: [1] + item
      case .interleaved: [item[2], item[0], item[1]]
      case .planar, .ready: item
      }
    return ImageInfo(shape: Shape(shape), storage: array.element.name)
  }

  func addContent(of i: Int, to hasher: borrowing ContentHasher) {
    let size = Shape(item).count * array.element.byteCount
    hasher.add(array.element.name)
    hasher.add(Shape(item))
    hasher.add(order.rawValue)
    array.withBytes { hasher.add(UnsafeRawBufferPointer(rebasing: $0[i * size..<(i + 1) * size])) }
  }

  private func raster<S>(_ base: UnsafePointer<S>) -> Raster<S> {
    switch layout {
    case .grey: .planar(base, channels: 1, height: item[0], width: item[1], order: .gray)
    case .interleaved: .interleaved(base, channels: item[2], height: item[0], width: item[1], order: order)
    case .planar, .ready: .planar(base, channels: item[0], height: item[1], width: item[2], order: order)
    }
  }

  private func loadFloats(
    _ i: Int, _ place: ImagePlace, into out: MutableFloatView, shape: Shape, _ preprocessing: Preprocessing
  ) throws(DiagnosticError) {
    let size = Shape(item).count
    let range = i * size..<(i + 1) * size
    if preprocessing.origin == .net {
      guard item == shape.dims else {
        throw place.error("its shape is \(Shape(item)), the net's input is \(shape)")
      }
      return array.copyFloats(range, into: out)
    }
    guard item.count == 3, Shape(item).isLegal, size > 0 else {
      throw place.error("its shape is \(Shape(item)); only [C, H, W] can be preprocessed")
    }
    var floats = Tensor(shape: Shape(item))
    floats.withMutable { array.copyFloats(range, into: $0) }
    defer { withExtendedLifetime(floats) {} }
    try preprocessing.apply(raster(floats.view.pointer), at: place, into: out, shape: shape)
  }
}
