import Diagnostics
import Glibc
import Tensors

/// JPEG and PNG files: those of a folder, or those a text list names.
struct ImageFiles: ImageCollection {
  private struct Item {
    var path: String
    var label: Int?
    /// The path as the list has it.
    var written: String?
  }

  private static let endings = [".jpg", ".jpeg", ".png"]

  let kind: String
  private var items: [Item] = []

  var count: Int { items.count }
  func name(_ i: Int) -> String { items[i].path }
  func label(_ i: Int) -> Int? { items[i].label }

  init(image path: String) {
    kind = "image"
    items = [Item(path: path)]
  }

  /// The `.jpg`, `.jpeg` and `.png` files (any case) right in `folder`, in byte order of their names.
  init(folder: String) throws(DiagnosticError) {
    kind = "folder"
    guard let stream = opendir(folder) else {
      throw DiagnosticError("cannot read this: \(String(cString: strerror(errno)))", at: SourceLocation(file: folder))
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      let lower = name.lowercased()
      if Self.endings.contains(where: { lower.hasSuffix($0) && lower != $0 }) { names.append(name) }
    }
    names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    items = names.map { Item(path: prefix + $0) }.filter { !Self.isFolder($0.path) }
  }

  /// The files a list names: `path` or `path label` a line, paths relative to the list's folder, blank lines skipped.
  /// The last word is a label when it is a whole number and not the only word, so paths may hold blanks.
  /// - Parameters:
  ///   - limit: later lines are not looked at.
  ///   - root: what stands before the paths instead of the list's folder.
  /// - Throws: one error per missing file, at its line, up to 20.
  init(list bytes: FileBytes, limit: Int?, root: String? = nil) throws(DiagnosticError) {
    kind = "list"
    let folder = root ?? Self.folder(of: bytes.path)
    var log = DiagnosticLog()
    for (index, line) in bytes.lines().enumerated() {
      if items.count >= limit ?? .max || log.isFull { break }
      let location = SourceLocation(file: bytes.path, line: index + 1)
      guard !line.contains("\0") else {
        throw DiagnosticError("this is neither a list of images nor an array", at: location)
      }
      guard var item = Self.item(line) else { continue }
      item.written = item.path
      if root != nil || !item.path.hasPrefix("/") { item.path = folder + item.path }
      if access(item.path, F_OK) != 0 {
        log.add(.error("no such file: '\(item.path)'", at: location))
      } else {
        items.append(item)
      }
    }
    try log.throwIfErrors()
  }

  func entryName(_ i: Int) -> String {
    items[i].written ?? items[i].path.split(separator: "/").last.map(String.init) ?? items[i].path
  }

  func encodedFile(_ i: Int) throws(DiagnosticError) -> FileBytes? { try FileBytes(items[i].path) }

  func info(_ i: Int) throws(DiagnosticError) -> ImageInfo {
    try ImageDecoder.info(FileBytes(items[i].path), at: SourceLocation(file: items[i].path))
  }

  func addContent(of i: Int, to hasher: borrowing ContentHasher) throws(DiagnosticError) {
    try FileBytes(items[i].path).withBytes { hasher.add($0) }
  }

  private static func item(_ line: String) -> Item? {
    let text = line.drop { $0.isWhitespace }
    let words = text.split(omittingEmptySubsequences: true) { $0.isWhitespace }
    guard let last = words.last else { return nil }
    if words.count > 1, let label = Int(last) {
      let end = words[words.count - 2].endIndex
      return Item(path: String(text[..<end]), label: label)
    }
    return Item(path: String(text[..<last.endIndex]))
  }

  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  func load(
    _ i: Int, into out: MutableFloatView, shape: Shape, _ preprocessing: Preprocessing
  ) throws(DiagnosticError) {
    let place = ImagePlace(location: SourceLocation(file: items[i].path))
    try ImageDecoder.decode(file: items[i].path).load(at: place, into: out, shape: shape, preprocessing)
  }
}

extension DecodedImage {
  /// Preprocesses the picture; without a word about channel order it becomes BGR, as Caffe decodes images.
  func load(
    at place: ImagePlace, into out: MutableFloatView, shape: Shape, _ preprocessing: Preprocessing
  ) throws(DiagnosticError) {
    try pixels.withUnsafeBufferPointer { buffer throws(DiagnosticError) in
      guard let base = buffer.baseAddress else { throw place.error("the image is empty") }
      let raster = Raster.interleaved(
        base, channels: channels, height: height, width: width, order: .rgb, orderWhenUnsaid: .bgr)
      try preprocessing.apply(raster, at: place, into: out, shape: shape)
    }
  }
}
