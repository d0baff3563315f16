import Diagnostics

/// The text before the data of a `.npy` file: element type, shape and where the data begin.
///
/// Layout: the bytes `93 'N' 'U' 'M' 'P' 'Y'`, version major and minor, the length of the text (2 bytes in version 1,
/// 4 bytes in 2 and 3, little-endian), then a Python dictionary with exactly the keys `descr`, `fortran_order`,
/// `shape`.
/// - Source: NumPy enhancement proposal 1, `numpy/lib/format.py`.
struct NumpyHeader: Equatable {
  var element: NumpyElement
  var shape: Shape
  /// Bytes before the first element.
  var dataOffset: Int

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// NumPy's own limit of axes.
  private static let rankLimit = 64
  /// No honest header comes near; protects from a length field gone wild.
  private static let textLimit = 1 << 20

  /// Reads the header of a file's bytes; every length is checked before it is used.
  /// - Throws: an error at `file` that names what is wrong with it.
  init(parsing bytes: UnsafeRawBufferPointer, file: String) throws(DiagnosticError) {
    func fail(_ text: String) -> DiagnosticError { DiagnosticError(text, at: SourceLocation(file: file)) }
    guard bytes.count >= 10, bytes.prefix(6).elementsEqual(Self.magic) else {
      throw fail("this is no .npy file: it does not begin with the bytes 93 'NUMPY'")
    }
    let version = bytes[6]
    guard (1...3).contains(version) else {
      throw fail(".npy format \(version).\(bytes[7]) is not known, only 1.0 to 3.0")
    }
    let start = version == 1 ? 10 : 12
    guard bytes.count >= start else { throw fail("the .npy header is cut off") }
    let length = (8..<start).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    guard length <= Self.textLimit, start + length <= bytes.count else {
      throw fail("the .npy header is cut off: it says \(length) bytes, the file has \(bytes.count - start) left")
    }
    var scanner = NumpyHeaderScanner(Array(bytes[start..<start + length]))
    do throws(NumpyHeaderScanner.Problem) {
      let fields = try scanner.dictionary()
      element = try Self.element(fields.descr)
      if fields.fortranOrder {
        throw NumpyHeaderScanner.Problem("the array is in Fortran order; save it with numpy.ascontiguousarray")
      }
      shape = try Self.checked(fields.shape, element)
    } catch {
      throw fail(error.text)
    }
    dataOffset = start + length
  }

  private static func element(_ descr: String) throws(NumpyHeaderScanner.Problem) -> NumpyElement {
    let kind = descr.first.map { "<>|=".contains($0) } == true ? String(descr.dropFirst()) : descr
    let known = NumpyElement.allCases.first { $0.rawValue.dropFirst() == kind }
    guard let known else {
      let names = NumpyElement.allCases.map(\.name).joined(separator: ", ")
      throw .init("element type '\(descr)' is not read, only \(names)")
    }
    if descr.first == ">" && known.byteCount > 1 {
      throw .init("the array is big-endian ('\(descr)'); save it with .astype('\(known.rawValue)')")
    }
    return known
  }

  private static func checked(_ dims: [Int], _ element: NumpyElement) throws(NumpyHeaderScanner.Problem) -> Shape {
    if dims.count > rankLimit { throw .init("\(dims.count) axes are more than the \(rankLimit) an array may have") }
    var bytes = element.byteCount
    // An empty axis does not excuse the others: products of extents are taken elsewhere too.
    for d in dims {
      if d < 0 { throw .init("shape \(Shape(dims)) has a negative extent") }
      let (product, overflow) = bytes.multipliedReportingOverflow(by: max(d, 1))
      if overflow { throw .init("shape \(Shape(dims)) is too large for any file") }
      bytes = product
    }
    return Shape(dims)
  }

  /// The header NumPy 2 writes, byte for byte: version 1.0, text padded with blanks so that the data begin at a
  /// multiple of 64, after room for the first extent to grow to 21 digits.
  /// - Precondition: at most 64 axes.
  static func encode(_ element: NumpyElement, _ shape: Shape) -> [UInt8] {
    precondition(shape.rank <= rankLimit, "NumPy arrays have at most \(rankLimit) axes")
    let extents = shape.dims.map(String.init).joined(separator: ", ") + (shape.rank == 1 ? "," : "")
    var text = "{'descr': '\(element.rawValue)', 'fortran_order': False, 'shape': (\(extents)), }"
    if let first = shape.dims.first { text += String(repeating: " ", count: max(0, 21 - String(first).utf8.count)) }
    let plain = 10 + text.utf8.count + 1
    text += String(repeating: " ", count: 64 - plain % 64) + "\n"
    let length = text.utf8.count
    return magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
  }
}

/// Reads the small part of Python's literal syntax that `.npy` headers use.
struct NumpyHeaderScanner {
  struct Problem: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The three fields, in any order, each exactly once; only blanks may follow.
  mutating func dictionary() throws(Problem) -> (descr: String, fortranOrder: Bool, shape: [Int]) {
    var (descr, fortranOrder, shape): (String?, Bool?, [Int]?) = (nil, nil, nil)
    try expect("{")
    while !take("}") {
      let key = try quoted()
      try expect(":")
      switch key {
      case "descr" where descr == nil:
        if peek() == "[" { throw Problem("records (several fields per element) are not read, only plain numbers") }
        descr = try quoted()
      case "fortran_order" where fortranOrder == nil: fortranOrder = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default: throw Problem("the .npy header has the key '\(key)' where it should not")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    skipBlanks()
    guard let descr, let fortranOrder, let shape, at == bytes.count else {
      throw Problem("the .npy header lacks a key or has text after its dictionary")
    }
    return (descr, fortranOrder, shape)
  }

  private mutating func skipBlanks() {
    while at < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[at]) { at += 1 }
  }

  private mutating func peek() -> Character? {
    skipBlanks()
    return at < bytes.count ? Character(UnicodeScalar(bytes[at])) : nil
  }

  private mutating func take(_ wanted: Character) -> Bool {
    guard peek() == wanted else { return false }
    at += 1
    return true
  }

  private mutating func expect(_ wanted: Character) throws(Problem) {
    if !take(wanted) { throw Problem("the .npy header is malformed: '\(wanted)' expected at byte \(at) of its text") }
  }

  private mutating func quoted() throws(Problem) -> String {
    guard let quote = peek(), quote == "'" || quote == "\"" else {
      throw Problem("the .npy header is malformed: a quoted word expected at byte \(at) of its text")
    }
    at += 1
    let rest = bytes[at...]
    guard let end = rest.firstIndex(of: quote.asciiValue ?? 0), end - at <= 100 else {
      throw Problem("the .npy header is malformed: a word without its closing quote")
    }
    defer { at = end + 1 }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  private mutating func boolean() throws(Problem) -> Bool {
    skipBlanks()
    for (word, value) in [("True", true), ("False", false)] where bytes[at...].starts(with: word.utf8) {
      at += word.utf8.count
      return value
    }
    throw Problem("the .npy header is malformed: fortran_order is neither True nor False")
  }

  private mutating func tuple() throws(Problem) -> [Int] {
    var dims: [Int] = []
    try expect("(")
    while !take(")") {
      dims.append(try integer())
      // Python 2 wrote long integers as 3L.
      _ = take("L")
      if !take(",") {
        try expect(")")
        break
      }
    }
    return dims
  }

  private mutating func integer() throws(Problem) -> Int {
    let isNegative = take("-")
    skipBlanks()
    let digits = bytes[at...].prefix { (0x30...0x39).contains($0) }
    guard !digits.isEmpty, let value = Int(String(decoding: digits, as: UTF8.self)) else {
      throw Problem(
        digits.isEmpty
          ? "the .npy header is malformed: an extent expected at byte \(at) of its text"
          : "an extent of the shape is too large")
    }
    at += digits.count
    return isNegative ? -value : value
  }
}
