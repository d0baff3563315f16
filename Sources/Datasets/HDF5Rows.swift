import Diagnostics
import Glibc
import Synchronization
import Tensors

/// Data sets of one or several HDF5 files, joined along their first axis: what Caffe's HDF5Data layer makes its tops of.
///
/// All sets of a file that are used have equally many items, and a set has the same item shape in every file.
/// - Source: Caffe `hdf5_data_layer.cpp`, `hdf5.cpp`.
final class HDF5Rows: Sendable {
  /// Files that stay open.
  private static let openLimit = 16

  let path: String
  /// The files with the number of the first item of each.
  private let files: [(path: String, first: Int)]
  let count: Int
  /// The sets of the first file that all files have in the same item shape, in the order of their names.
  let sets: [HDF5File.DataSet]
  private let open: Mutex<[Int: HDF5File]>

  /// One `.h5` file.
  convenience init(file path: String) throws(DiagnosticError) { try self.init(path, [(path, nil)]) }

  /// The files that a list names, one a line, relative to the list's folder, or to the folder the program runs in, as
  /// Caffe has it.
  /// - Throws: one error per missing file, at its line, up to 20.
  convenience init(list bytes: FileBytes) throws(DiagnosticError) {
    let folder = bytes.path.lastIndex(of: "/").map { String(bytes.path[...$0]) } ?? ""
    var files: [(String, SourceLocation?)] = []
    var log = DiagnosticLog()
    for (index, line) in bytes.lines().enumerated() where !log.isFull {
      let name = String(line.trimmed)
      if name.isEmpty { continue }
      let location = SourceLocation(file: bytes.path, line: index + 1)
      let places = name.hasPrefix("/") ? [name] : [folder + name, name]
      guard let found = places.first(where: { access($0, F_OK) == 0 }) else {
        log.add(.error("no such file: '\(places[0])'", at: location))
        continue
      }
      files.append((found, location))
    }
    try log.throwIfErrors()
    try self.init(bytes.path, files)
  }

  /// `true` for a list whose first line names an HDF5 file.
  static func isList(_ bytes: FileBytes) -> Bool {
    let head = bytes.withBytes { String(decoding: $0.prefix(4096), as: UTF8.self) }
    guard let first = head.split(whereSeparator: \.isNewline).lazy.map(\.trimmed).first(where: { !$0.isEmpty }) else {
      return false
    }
    let name = first.lowercased()
    return [".h5", ".hdf5", ".hdf"].contains { name.hasSuffix($0) }
  }

  private init(_ path: String, _ files: [(path: String, location: SourceLocation?)]) throws(DiagnosticError) {
    self.path = path
    var known: [(path: String, first: Int)] = []
    var total = 0
    var shared: [HDF5File.DataSet] = []
    var opened: [Int: HDF5File] = [:]
    for (i, entry) in files.enumerated() {
      let file: HDF5File
      do throws(DiagnosticError) { file = try HDF5File(entry.path) } catch {
        guard let place = entry.location else { throw error }
        throw error.adding(context: "named at \(place)")
      }
      let sets = file.sets.filter { $0.shape.rank > 0 && Shape(Array($0.shape.dims.dropFirst())).isLegal }
      if i == 0 {
        shared = sets
      } else {
        for set in shared {
          guard let other = sets.first(where: { $0.name == set.name }) else { continue }
          guard other.shape.dims.dropFirst() == set.shape.dims.dropFirst() else {
            throw DiagnosticError(
              "the items of '\(set.name)' have shape \(Shape(Array(other.shape.dims.dropFirst()))) here",
              at: SourceLocation(file: entry.path),
              notes: [
                .init(
                  "they have \(Shape(Array(set.shape.dims.dropFirst()))) here", at: SourceLocation(file: files[0].path))
              ])
          }
        }
        shared.removeAll { set in !sets.contains { $0.name == set.name } }
      }
      // Sets that do not count the same items are for something else, unless nothing says which is meant.
      let rows = Self.rows(sets.filter { set in shared.contains { $0.name == set.name } })
      shared.removeAll { set in sets.first { $0.name == set.name }?.shape[0] != rows }
      known.append((entry.path, total))
      let (sum, overflow) = total.addingReportingOverflow(rows)
      guard !overflow else { throw DiagnosticError("it has too many items", at: SourceLocation(file: entry.path)) }
      total = sum
      if i < Self.openLimit { opened[i] = file }
    }
    self.files = known
    count = total
    sets = shared
    open = Mutex(opened)
    guard !shared.isEmpty else {
      throw DiagnosticError(
        files.isEmpty ? "this list names no files" : "there are no data sets of numbers in this",
        at: SourceLocation(file: path))
    }
  }

  /// The number of items: that of `data` when there is one, else that of the set of the highest rank.
  private static func rows(_ sets: [HDF5File.DataSet]) -> Int {
    let leading = sets.first { $0.name == "data" } ?? sets.max { $0.shape.rank < $1.shape.rank }
    return leading?.shape[0] ?? 0
  }

  /// The shape of one item of a set; `nil` when there is no such set.
  func itemShape(_ name: String) -> Shape? {
    sets.first { $0.name == name }.map { Shape(Array($0.shape.dims.dropFirst())) }
  }

  /// "file.h5[12]".
  func name(_ i: Int) -> String {
    let place = place(i)
    return "\(files[place.file].path)[\(place.row)]"
  }

  /// Reads item `i` of a set.
  /// - Precondition: the set is one of `sets` and `out` has its item's size.
  func read(_ name: String, _ i: Int, into out: MutableFloatView) throws(DiagnosticError) {
    let place = place(i)
    try opened(place.file).read(name, place.row..<place.row + 1, into: out)
  }

  func path(of i: Int) -> String { files[place(i).file].path }

  private func place(_ i: Int) -> (file: Int, row: Int) {
    precondition((0..<count).contains(i), "item outside the files")
    // The last file that begins at or before the item; empty files begin where the next one does.
    var (low, high) = (0, files.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if files[middle].first <= i { low = middle } else { high = middle }
    }
    return (low, i - files[low].first)
  }

  private func opened(_ i: Int) throws(DiagnosticError) -> HDF5File {
    if let file = open.withLock({ $0[i] }) { return file }
    let file = try HDF5File(files[i].path)
    open.withLock {
      if $0.count >= Self.openLimit { $0.removeAll() }
      $0[i] = file
    }
    return file
  }
}
