import Diagnostics
import Glibc

/// Pieces of float32 memory in one file with a key of its bytes: for caches, where a damaged file counts as none.
package enum ValueFile {
  private static let magic: [UInt8] = Array("cortado1".utf8)
  /// Magic, length and key of the values.
  private static let headerSize = 32

  package static func size(of pieces: [MutableFloatView]) -> Int { pieces.reduce(0) { $0 + $1.count * 4 } }

  /// Fills `pieces` from a file that was written from pieces of the same lengths.
  /// - Returns: false when the file is not there or not whole; the pieces may then hold anything.
  package static func read(_ path: String, into pieces: [MutableFloatView]) -> Bool {
    guard let file = try? FileBytes(path) else { return false }
    let size = size(of: pieces)
    return file.withBytes { bytes in
      guard bytes.count == headerSize + size else { return false }
      let values = UnsafeRawBufferPointer(rebasing: bytes[headerSize...])
      guard bytes.prefix(headerSize).elementsEqual(header(size, ContentKey(of: values))) else { return false }
      var at = 0
      for piece in pieces {
        let length = piece.count * 4
        UnsafeMutableRawBufferPointer(start: piece.pointer, count: length)
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: values[at..<at + length]))
        at += length
      }
      return true
    }
  }

  private static func header(_ size: Int, _ key: ContentKey) -> [UInt8] {
    func bytes(_ word: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) } }
    return magic + bytes(UInt64(size)) + bytes(key.high) + bytes(key.low)
  }

  /// Writes a file aside and renames it; not synced, because a reader checks the bytes.
  /// - Returns: false when it could not be written; nothing is left behind then.
  package static func write(_ path: String, _ pieces: [MutableFloatView]) -> Bool {
    let part = "\(path).\(getpid())"
    let descriptor = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    let isWritten = fill(descriptor, pieces)
    close(descriptor)
    if isWritten, rename(part, path) == 0 { return true }
    unlink(part)
    return false
  }

  private static func fill(_ descriptor: Int32, _ pieces: [MutableFloatView]) -> Bool {
    let size = size(of: pieces)
    guard posix_fallocate(descriptor, 0, off_t(headerSize + size)) == 0 else { return false }
    var at = off_t(headerSize)
    for piece in pieces {
      guard put(descriptor, UnsafeRawBufferPointer(start: piece.pointer, count: piece.count * 4), at) else {
        return false
      }
      at += off_t(piece.count * 4)
    }
    guard let whole = mmap(nil, headerSize + size, PROT_READ, MAP_SHARED, descriptor, 0), whole != MAP_FAILED else {
      return false
    }
    defer { munmap(whole, headerSize + size) }
    let key = ContentKey(of: UnsafeRawBufferPointer(start: whole + headerSize, count: size))
    return header(size, key).withUnsafeBytes { put(descriptor, $0, 0) }
  }

  private static func put(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ start: off_t) -> Bool {
    var done = 0
    while done < bytes.count {
      let n = pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, start + off_t(done))
      if n <= 0 { return false }
      done += n
    }
    return true
  }
}
