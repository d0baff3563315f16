import Diagnostics
import Tensors

/// The entries of an LMDB environment's main database, in the order of its keys, read without trusting a single page.
///
/// The file is a B+ tree of pages of `pageSize` bytes, little-endian, 64-bit page numbers. Pages 0 and 1 are meta
/// pages; the one with the larger transaction number holds the root. A branch page lists child pages, a leaf page keys
/// and values, large values lie in runs of overflow pages. Every number is checked against the file before it is
/// followed. Entries are those of the last transaction that was committed when the file was opened; nobody may write
/// meanwhile.
/// - Source: `MDB_meta`, `MDB_db`, `MDB_page`, `MDB_node` in liblmdb 0.9 `mdb.c` (data version 1).
struct LMDBFile: Sendable {
  /// Where key and value of an entry lie in the file.
  struct Entry: Sendable {
    var key: Range<Int>
    var value: Range<Int>
  }

  /// Number of entries in the database, found or not.
  let count: Int
  /// All entries, or the first `limit`.
  let entries: [Entry]
  private let file: FileBytes

  /// - Parameters:
  ///   - path: the data file itself, `data.mdb`.
  ///   - named: the path that errors name.
  /// - Throws: an error at `named`: not readable, no LMDB, one of another machine's layout, cut off, contradictory.
  init(_ path: String, named: String, limit: Int?) throws(DiagnosticError) {
    let file = try FileBytes(path)
    let tree = try file.withBytes { bytes throws(DiagnosticError) in
      do throws(LMDBTree.Damage) {
        var tree = try LMDBTree(bytes, limit: limit ?? .max)
        try tree.walk(bytes)
        return tree
      } catch {
        throw DiagnosticError("cannot read this LMDB: \(error.text)", at: SourceLocation(file: named))
      }
    }
    self.file = file
    count = tree.count
    entries = tree.entries
  }

  func bytes(_ range: Range<Int>) -> [UInt8] { file.withBytes { Array($0[range]) } }
}

/// Walks the pages; a value that lives only while the file is opened.
private struct LMDBTree {
  struct Damage: Error {
    var text: String
  }

  private enum Layout {
    static let magic: UInt32 = 0xbeef_c0de
    static let pageHeader = 16
    static let nodeHeader = 8
    static let metaSize = 136
    static let leaf: UInt16 = 0x02
    static let branch: UInt16 = 0x01
    static let overflow: UInt16 = 0x04
    /// Values in overflow pages; the other node flags belong to sub-databases and duplicates.
    static let bigData: UInt16 = 0x01
    /// liblmdb's own depth of a cursor.
    static let depthLimit = 32
    static let noPage = UInt64.max
  }

  private let pageSize: Int
  private let root: UInt64
  private let limit: Int
  let count: Int
  private(set) var entries: [LMDBFile.Entry] = []
  /// A tree visits each page once; a cycle would visit more than there are.
  private var pagesLeft: Int

  init(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(Damage) {
    guard bytes.count >= Layout.pageHeader + Layout.metaSize else { throw Damage(text: "it is cut off") }
    func metaStart(_ page: Int, _ size: Int) -> Int { page * size + Layout.pageHeader }
    func number(_ at: Int) -> UInt64 { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) }
    func half(_ at: Int) -> UInt32 { UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)) }
    let first = metaStart(0, 0)
    guard half(first) == Layout.magic else { throw Damage(text: "it has another magic number") }
    guard half(first + 4) == 1 else { throw Damage(text: "its data version is \(half(first + 4)), only 1 is known") }
    let pageSize = Int(half(first + 24))
    guard pageSize >= 256, pageSize <= 1 << 16, pageSize & (pageSize - 1) == 0 else {
      throw Damage(text: "its page size is \(pageSize); it may come from a 32-bit machine")
    }
    let second = metaStart(1, pageSize)
    guard second + Layout.metaSize <= bytes.count else { throw Damage(text: "it is cut off") }
    guard half(second) == Layout.magic else { throw Damage(text: "its second meta page is damaged") }
    let meta = number(second + 128) > number(first + 128) ? second : first
    // Flags of the main database: reversed or integer keys change their order, duplicates the layout.
    let flags = half(meta + 76) & 0xffff
    guard flags == 0 else { throw Damage(text: "it holds several values per key or keys of another order (\(flags))") }
    guard let count = Int(exactly: number(meta + 104)), count <= bytes.count else {
      throw Damage(text: "it counts more entries than it has bytes")
    }
    self.pageSize = pageSize
    self.limit = limit
    self.count = count
    root = number(meta + 112)
    pagesLeft = bytes.count / pageSize
  }

  mutating func walk(_ bytes: UnsafeRawBufferPointer) throws(Damage) {
    if root != Layout.noPage { try visit(root, depth: 0, bytes) }
    if entries.count < min(count, limit) { throw Damage(text: "it counts \(count) entries and has \(entries.count)") }
  }

  private mutating func visit(_ number: UInt64, depth: Int, _ bytes: UnsafeRawBufferPointer) throws(Damage) {
    let page = try self.page(number, bytes)
    pagesLeft -= 1
    guard depth < Layout.depthLimit, pagesLeft >= 0 else { throw Damage(text: "its pages run in a circle") }
    let kind = half(page + 10, bytes)
    let lower = Int(half(page + 12, bytes))
    guard kind & ~0x10 == Layout.leaf || kind & ~0x10 == Layout.branch, lower >= Layout.pageHeader, lower <= pageSize
    else { throw Damage(text: "page \(number) is damaged") }
    for i in 0..<(lower - Layout.pageHeader) / 2 {
      if entries.count >= limit { return }
      let node = Int(half(page + Layout.pageHeader + 2 * i, bytes))
      guard node >= lower, node + Layout.nodeHeader <= pageSize else { throw Damage(text: "page \(number) is damaged") }
      let at = page + node
      let low = UInt64(half(at, bytes)) | UInt64(half(at + 2, bytes)) << 16
      if kind & Layout.branch != 0 {
        try visit(low | UInt64(half(at + 4, bytes)) << 32, depth: depth + 1, bytes)
      } else {
        try add(at, room: pageSize - node, size: Int(low), bytes)
      }
    }
  }

  /// Notes the leaf entry at `at`, whose page goes on for `room` bytes.
  private mutating func add(
    _ at: Int, room: Int, size: Int, _ bytes: UnsafeRawBufferPointer
  ) throws(Damage) {
    guard entries.count < count else { throw Damage(text: "it has more entries than the \(count) it counts") }
    let flags = half(at + 4, bytes)
    let keySize = Int(half(at + 6, bytes))
    let isBig = flags == Layout.bigData
    let needed = Layout.nodeHeader + keySize + (isBig ? 8 : size)
    guard flags == 0 || isBig, needed <= room else { throw Damage(text: "entry \(entries.count) is damaged") }
    let key = at + Layout.nodeHeader
    var value = key + keySize
    if isBig {
      let number = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: value, as: UInt64.self))
      let page = try self.page(number, bytes)
      guard half(page + 10, bytes) & Layout.overflow != 0 else { throw Damage(text: "page \(number) is damaged") }
      value = page + Layout.pageHeader
    }
    guard size <= bytes.count - value else { throw Damage(text: "it is cut off within entry \(entries.count)") }
    entries.append(.init(key: key..<key + keySize, value: value..<value + size))
  }

  /// Where page `number` begins.
  private func page(_ number: UInt64, _ bytes: UnsafeRawBufferPointer) throws(Damage) -> Int {
    guard number >= 2, number < UInt64(bytes.count / pageSize) else {
      throw Damage(text: "it is cut off or damaged: there is no page \(number)")
    }
    return Int(number) * pageSize
  }

  private func half(_ at: Int, _ bytes: UnsafeRawBufferPointer) -> UInt16 {
    UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt16.self))
  }
}
