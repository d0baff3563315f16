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
  case hdf5
  /// A text list of HDF5 files.
  case hdf5List(FileBytes)

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
      if Self.isLevelDB(spec) { throw Self.levelDB(at: location) }
      self = .folder
      return
    }
    if Self.isOfLevelDB(spec) { throw Self.levelDB(at: location) }
    let bytes = try FileBytes(spec)
    let head = bytes.withBytes { Array($0.prefix(20)) }
    if spec.lowercased().hasSuffix(".npy") || head.starts(with: [0x93, 0x4e, 0x55, 0x4d]) {
      self = .array(bytes)
    } else if head.starts(with: [0xff, 0xd8, 0xff]) || head.starts(with: [0x89, 0x50, 0x4e, 0x47]) {
      self = .image
    } else if head.count == 20 && head.suffix(4).elementsEqual(Self.lmdbMagic) {
      self = .database
    } else if bytes.withBytes({ HDF5File.isHDF5($0) }) {
      self = .hdf5
    } else if [".h5", ".hdf5"].contains(where: { spec.lowercased().hasSuffix($0) }) {
      throw DiagnosticError("this is no HDF5 file", at: location)
    } else if HDF5Rows.isList(bytes) {
      self = .hdf5List(bytes)
    } else {
      self = .list(bytes)
    }
  }

  /// `CURRENT` beside a manifest or tables; a folder of images may hold a file of that name alone.
  private static func isLevelDB(_ folder: String) -> Bool {
    guard let stream = opendir(folder) else { return false }
    defer { closedir(stream) }
    var (hasCurrent, hasTables) = (false, false)
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name == "CURRENT" { hasCurrent = true }
      if isTable(name) { hasTables = true }
    }
    return hasCurrent && hasTables
  }

  private static func isTable(_ name: String) -> Bool {
    name.hasPrefix("MANIFEST-") || name.hasSuffix(".ldb") || name.hasSuffix(".sst")
  }

  /// A file out of a LevelDB folder.
  private static func isOfLevelDB(_ path: String) -> Bool {
    guard let slash = path.lastIndex(of: "/") else { return false }
    let name = path[path.index(after: slash)...]
    return (name == "CURRENT" || isTable(String(name))) && isLevelDB(String(path[...slash]))
  }

  private static func levelDB(at location: SourceLocation) -> DiagnosticError {
    DiagnosticError(
      "this is a LevelDB, which is not read", at: location,
      help: [
        "make an LMDB of the images it was made of: cortado dataset make-lmdb LIST OUT",
        "or with Caffe's own tool: convert_imageset --backend=lmdb ROOT/ LIST OUT",
      ])
  }
}
