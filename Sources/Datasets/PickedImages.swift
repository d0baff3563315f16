import Diagnostics
import Tensors

/// Some images of a collection, in its order.
struct PickedImages: ImageCollection {
  let base: any ImageCollection
  /// Indexes in `base`, ascending.
  let indexes: [Int]

  /// All but those that are named: by their whole name, or by a file's name without its folder.
  /// - Parameters:
  ///   - limit: later images are not looked at: a database under a limit has read no more of its keys.
  ///   - isWhole: every image is in the collection, so that a name which fits none is a mistake.
  /// - Throws: names that fit no image, with the nearest; nothing left.
  init(
    of base: any ImageCollection, leavingOut names: [String], limit: Int?, isWhole: Bool, at location: SourceLocation
  ) throws(DiagnosticError) {
    var open = Set(names)
    let wanted = open
    indexes = (0..<min(base.count, limit ?? .max)).filter { i in
      let name = base.name(i)
      let short = name.split(separator: "/").last.map(String.init) ?? name
      for word in [name, short] where wanted.contains(word) {
        open.remove(word)
        return false
      }
      return true
    }
    self.base = base
    if isWhole, let unknown = open.sorted().first {
      let shorts = (0..<min(base.count, 10_000)).map { i in
        base.name(i).split(separator: "/").last.map(String.init) ?? base.name(i)
      }
      throw DiagnosticError(
        "there is no image '\(unknown)' to leave out", at: location, help: NearestName.help(unknown, among: shorts))
    }
    if indexes.isEmpty { throw DiagnosticError("every image is left out", at: location) }
  }

  var kind: String { base.kind }
  var count: Int { indexes.count }
  func name(_ i: Int) -> String { base.name(indexes[i]) }
  func label(_ i: Int) throws(DiagnosticError) -> Int? { try base.label(indexes[i]) }

  func load(
    _ i: Int, into out: MutableFloatView, shape: Shape, _ preprocessing: Preprocessing
  ) throws(DiagnosticError) { try base.load(indexes[i], into: out, shape: shape, preprocessing) }

  func info(_ i: Int) throws(DiagnosticError) -> ImageInfo { try base.info(indexes[i]) }
  func entryName(_ i: Int) -> String { base.entryName(indexes[i]) }
  func encodedFile(_ i: Int) throws(DiagnosticError) -> FileBytes? { try base.encodedFile(indexes[i]) }
  func columnShape(_ name: String) -> Shape? { base.columnShape(name) }
  func column(_ name: String, _ i: Int, into out: MutableFloatView) throws(DiagnosticError) {
    try base.column(name, indexes[i], into: out)
  }

  func addContent(of i: Int, to hasher: borrowing ContentHasher) throws(DiagnosticError) {
    try base.addContent(of: indexes[i], to: hasher)
  }
}
