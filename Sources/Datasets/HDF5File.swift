import CHDF5
import Diagnostics
import Tensors

/// The data sets of numbers in the root of one HDF5 file.
final class HDF5File: @unchecked Sendable {
  // Sendable: libhdf5 is entered by one thread at a time (CHDF5.h).
  private static let magic: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  struct DataSet: Sendable, Equatable {
    let name: String
    let shape: Shape
    /// NumPy's name of the type it is stored in: "float32", "uint8".
    let element: String
  }

  let path: String
  /// In the order of their names.
  let sets: [DataSet]
  /// Names of what is there besides: groups, texts, structures.
  let others: [String]
  private let file: OpaquePointer

  /// - Throws: an error at `path` with the library's reason: not readable, no HDF5, damaged.
  init(_ path: String) throws(DiagnosticError) {
    // The library's own words for these are about file drivers.
    let head = try FileBytes(path)
    guard head.withBytes({ Self.isHDF5($0) }) else {
      throw DiagnosticError("this is no HDF5 file", at: SourceLocation(file: path))
    }
    var message = [CChar](repeating: 0, count: Int(CHDF5_MESSAGE_SIZE))
    guard let file = chdf5_open(path, &message) else { throw Self.failure(path, message) }
    self.file = file
    self.path = path
    var sets: [DataSet] = []
    var others: [String] = []
    let count = chdf5_count(file, &message)
    var status: Int32 = count < 0 ? -1 : 0
    for i in 0..<max(0, count) where status == 0 {
      var entry = CHDF5Entry()
      status = chdf5_entry(file, UInt64(i), &entry, &message)
      if status != 0 { break }
      if let set = Self.dataSet(entry) { sets.append(set) } else { others.append(Self.name(entry)) }
    }
    self.sets = sets
    self.others = others
    if status != 0 { throw Self.failure(path, message) }
  }

  deinit { chdf5_close(file) }

  /// `true` for the signature at the start, or behind a user's block of 512, 1024, 2048 .. bytes.
  static func isHDF5(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    while at <= bytes.count - magic.count {
      if bytes[at..<at + magic.count].elementsEqual(magic) { return true }
      at = at == 0 ? 512 : at * 2
      if at > 1 << 20 { return false }
    }
    return false
  }

  /// Reads items `range` along the first axis of a set into `out`, as float32.
  /// - Throws: an error at the file when they cannot be read or do not fill `out`.
  func read(_ name: String, _ range: Range<Int>, into out: MutableFloatView) throws(DiagnosticError) {
    if out.count == 0 { return }
    var message = [CChar](repeating: 0, count: Int(CHDF5_MESSAGE_SIZE))
    let status = chdf5_read(
      file, name, UInt64(range.lowerBound), UInt64(range.count), out.pointer, UInt64(out.count), &message)
    if status != 0 { throw Self.failure(path, message, "'\(name)'") }
  }

  private static func dataSet(_ entry: CHDF5Entry) -> DataSet? {
    guard entry.isNumbers != 0 else { return nil }
    let dims = withUnsafeBytes(of: entry.dims) { $0.bindMemory(to: UInt64.self).prefix(Int(entry.rank)) + [] }
    let extents = dims.compactMap { Int(exactly: $0) }
    guard extents.count == dims.count else { return nil }
    let kind = entry.isFloat != 0 ? "float" : entry.isSigned != 0 ? "int" : "uint"
    return DataSet(name: name(entry), shape: Shape(extents), element: "\(kind)\(entry.byteCount * 8)")
  }

  private static func name(_ entry: CHDF5Entry) -> String {
    withUnsafeBytes(of: entry.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private static func failure(_ path: String, _ message: [CChar], _ what: String = "this") -> DiagnosticError {
    let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return DiagnosticError("cannot read \(what): \(reason)", at: SourceLocation(file: path))
  }
}
