import Diagnostics
import Tensors

/// The items of HDF5 files: ready input under the name of the net's input, labels under that of its label.
///
/// Numbers are fed as they are, as Caffe does, unless the user asks for preprocessing; then `[C, H, W]` are planes in
/// their stored channel order.
struct HDF5Images: ImageCollection {
  let kind = "HDF5"
  private let rows: HDF5Rows
  private let input: String
  private let item: Shape
  private let label: String?

  /// - Parameters:
  ///   - input: the set to feed; without a name `data`, or the first set of the highest rank.
  ///   - label: the set with labels; `nil` takes `label` when it is there.
  /// - Throws: an error that lists the sets there are when none is the wanted one.
  init(_ rows: HDF5Rows, input: String?, label: String?) throws(DiagnosticError) {
    self.rows = rows
    let names = rows.sets.map(\.name)
    let highest = rows.sets.map(\.shape.rank).max()
    let name = input ?? (names.contains("data") ? "data" : rows.sets.first { $0.shape.rank == highest }?.name ?? "")
    guard let shape = rows.itemShape(name) else {
      throw DiagnosticError(
        "there is no data set '\(name)' for the net's input", at: SourceLocation(file: rows.path),
        help: NearestName.help(name, among: names) + ["its data sets are " + names.joined(separator: ", ")])
    }
    self.input = name
    item = shape
    self.label = [label, "label"].compactMap { $0 }.first { rows.itemShape($0)?.count == 1 && $0 != name }
  }

  var count: Int { rows.count }
  func name(_ i: Int) -> String { rows.name(i) }

  func label(_ i: Int) throws(DiagnosticError) -> Int? {
    guard let label else { return nil }
    let value = try values(of: label, i).array[0]
    guard let whole = Int(exactly: value) else {
      throw place(i).error("the label is \(value), which is no whole number")
    }
    return whole
  }

  func load(
    _ i: Int, into out: MutableFloatView, shape: Shape, _ preprocessing: Preprocessing
  ) throws(DiagnosticError) {
    let place = place(i)
    if preprocessing.origin == .net {
      guard item == shape else {
        throw place.error("its shape is \(item), the net's input is \(shape)")
      }
      return try rows.read(input, i, into: out)
    }
    guard item.rank == 3, item.count > 0 else {
      throw place.error("its shape is \(item); only [C, H, W] can be preprocessed")
    }
    let floats = try values(of: input, i).array
    try floats.withUnsafeBufferPointer { buffer throws(DiagnosticError) in
      guard let base = buffer.baseAddress else { throw place.error("the image is empty") }
      let raster = Raster.planar(base, channels: item[0], height: item[1], width: item[2], order: .bgr)
      try preprocessing.apply(raster, at: place, into: out, shape: shape)
    }
  }

  func addContent(of i: Int, to hasher: borrowing ContentHasher) throws(DiagnosticError) {
    hasher.add(item)
    hasher.add(try values(of: input, i))
  }

  func info(_ i: Int) throws(DiagnosticError) -> ImageInfo {
    let element = rows.sets.first { $0.name == input }?.element ?? "float32"
    return ImageInfo(shape: item, storage: element)
  }

  func columnShape(_ name: String) -> Shape? { rows.itemShape(name) }

  func column(_ name: String, _ i: Int, into out: MutableFloatView) throws(DiagnosticError) {
    try rows.read(name, i, into: out)
  }

  private func values(of name: String, _ i: Int) throws(DiagnosticError) -> Tensor {
    var out = Tensor(shape: rows.itemShape(name) ?? [])
    try out.withMutable { view throws(DiagnosticError) in try rows.read(name, i, into: view) }
    return out
  }

  private func place(_ i: Int) -> ImagePlace {
    ImagePlace(location: SourceLocation(file: rows.path(of: i)), part: "item \(rows.name(i))")
  }
}
