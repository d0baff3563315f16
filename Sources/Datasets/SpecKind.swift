import Diagnostics
import Glibc
import Tensors

/// What a `--images` word turns out to be, by looking at it.
enum SpecKind {
  case folder
  case list(FileBytes)
  case image
  case array(FileBytes)
  case database

  private static let lmdbMagic: [UInt8] = [0xde, 0xc0, 0xef, 0xbe]

  /// - Throws: an error at `spec` when there is nothing, or something that is known and not read.
  init(_ spec: String) throws(DiagnosticError) {
    let location = SourceLocation(file: spec)
    var status = stat()
    if stat(spec, &status) != 0 {
      throw DiagnosticError("there are no images here: \(String(cString: strerror(errno)))", at: location)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      if access(spec + "/data.mdb", F_OK) == 0 {
        self = .database
        return
      }
      if access(spec + "/CURRENT", F_OK) == 0 {
        throw DiagnosticError(
          "this is a LevelDB, which is not read", at: location, help: ["convert it to LMDB, the other one Caffe reads"])
      }
      self = .folder
      return
    }
    let bytes = try FileBytes(spec)
    let head = bytes.withBytes { Array($0.prefix(20)) }
    if spec.lowercased().hasSuffix(".npy") || head.starts(with: [0x93, 0x4e, 0x55, 0x4d]) {
      self = .array(bytes)
    } else if head.starts(with: [0xff, 0xd8, 0xff]) || head.starts(with: [0x89, 0x50, 0x4e, 0x47]) {
      self = .image
    } else if head.count == 20 && head.suffix(4).elementsEqual(Self.lmdbMagic) {
      self = .database
    } else {
      self = .list(bytes)
    }
  }
}
