import Diagnostics
import Tensors

/// Preprocessing as the user wrote it, in a JSON file or as flags: what is not said is `nil`, the mean's file not yet
/// read.
package struct PreprocessingSpec: Sendable, Equatable {
  /// The keys of the JSON file; as flags they have `-` for `_`.
  package enum Key: String, CaseIterable, Sendable {
    case channelOrder = "channel_order"
    case resize
    case resizeShorter = "resize_shorter"
    case crop
    case mean
    case meanFile = "mean_file"
    case scale
  }

  package enum Mean: Sendable, Equatable {
    case values([Float])
    /// Path of a `.binaryproto` or `.npy`.
    case file(String)
  }

  /// Larger extents are a slip of the finger, and products with image sizes stay far from overflow.
  private static let sideLimit = 1 << 20

  package var channelOrder: ChannelOrder?
  package var resize: Resize?
  package var crop: Extent?
  package var mean: Mean?
  package var scale: Float?
  package var origin = Preprocessing.Origin.user
  package var meanLocation: SourceLocation?

  package init() {}

  /// Reads a preprocessing file. A relative `mean_file` is looked for in the file's folder.
  /// - Throws: up to 20 located errors: no JSON, an unknown key (with the nearest), a wrong kind or size of value,
  ///   `resize` beside `resize_shorter`, `mean` beside `mean_file`.
  package init(file path: String) throws(DiagnosticError) {
    let root = try FileBytes(path).withBytes { bytes throws(DiagnosticError) in
      try LocatedJSON(parsing: bytes, file: path)
    }
    guard case .object(let members) = root.value else {
      throw DiagnosticError("preprocessing is an object of keys, not \(root.kind)", at: root.location)
    }
    var log = DiagnosticLog()
    var given: [Key: SourceLocation] = [:]
    for member in members {
      guard let key = Key(rawValue: member.name) else {
        let help = NearestName.help(member.name, among: Key.allCases.map(\.rawValue))
        log.add(.error("preprocessing has no key '\(member.name)'", at: member.location, help: help))
        continue
      }
      do throws(DiagnosticError) {
        try Self.checkRival(of: key, given, at: member.location)
        given[key] = member.location
        try set(key, Self.words(member.value, key), at: member.value.location)
      } catch {
        log.add(contentsOf: error.diagnostics)
      }
    }
    try log.throwIfErrors()
    if case .file(let name) = mean, !name.hasPrefix("/"), let slash = path.lastIndex(of: "/") {
      mean = .file(path[...slash] + name)
    }
  }

  /// Reads flags: each key with the text of its value, lists separated by commas.
  /// - Throws: as `init(file:)`, without places.
  package init(flags: [(key: Key, text: String)]) throws(DiagnosticError) {
    var given: [Key: SourceLocation] = [:]
    for flag in flags {
      try Self.checkRival(of: flag.key, given, at: nil)
      given[flag.key] = SourceLocation(file: "")
      let words = flag.key == .meanFile ? [flag.text] : flag.text.split(separator: ",").map { String($0.trimmed) }
      try set(flag.key, words, at: nil)
    }
  }

  /// What a net's `transform_param` says (phase TEST: no mirror, the crop is in the centre), and the size an ImageData
  /// layer brings its images to.
  /// - Parameters:
  ///   - meanFile: relative to the folder the program runs in, as in Caffe.
  ///   - cropSize: 0 for none.
  ///   - forceGray, forceColor: what encoded images become; stored numbers stay as they are.
  /// - Throws: an error at `location` when both kinds of mean are given, or both forces, as in Caffe.
  package init(
    transformScale: Float, meanValues: [Float], meanFile: String?, cropSize: Int, forceGray: Bool = false,
    forceColor: Bool = false,
    newExtent: Extent? = nil, at location: SourceLocation?
  ) throws(DiagnosticError) {
    if meanFile != nil && !meanValues.isEmpty {
      throw DiagnosticError("Cannot specify mean_file and mean_value at the same time", at: location)
    }
    if forceGray && forceColor {
      throw DiagnosticError("cannot set both force_color and force_gray", at: location)
    }
    origin = .net
    meanLocation = location
    scale = transformScale
    channelOrder = forceGray ? .gray : nil
    mean = meanFile.map { .file($0) } ?? (meanValues.isEmpty ? nil : .values(meanValues))
    if cropSize > 0 {
      let side = try Self.side(String(cropSize), "crop_size", location)
      crop = Extent(height: side, width: side)
    }
    resize = newExtent.map { .exact($0) }
  }

  /// This with everything that `other` says in its place: flags over a file.
  package func overlaid(by other: PreprocessingSpec) -> PreprocessingSpec {
    var out = self
    out.channelOrder = other.channelOrder ?? channelOrder
    out.resize = other.resize ?? resize
    out.crop = other.crop ?? crop
    out.scale = other.scale ?? scale
    if other.mean != nil {
      out.mean = other.mean
      out.meanLocation = other.meanLocation
    }
    return out
  }

  /// Reads the mean's file and gives what is left unsaid its default.
  /// - Parameter loadBinaryProto: reads a `.binaryproto` into `[C, H, W]` or `[1, C, H, W]`.
  /// - Throws: an error at the mean's file: not readable, neither kind of file, no mean by its shape.
  package func resolved(loadBinaryProto: (String) throws -> Tensor) throws -> Preprocessing {
    var out = Preprocessing(
      channelOrder: channelOrder, resize: resize, crop: crop, scale: scale ?? 1, origin: origin,
      meanLocation: meanLocation)
    switch mean {
    case nil: break
    case .values(let values): out.mean = .values(values)
    case .file(let path):
      out.meanLocation = SourceLocation(file: path)
      out.mean = try Self.mean(try Self.loadMean(path, meanLocation, origin, loadBinaryProto), path)
    }
    return out
  }

  private static func loadMean(
    _ path: String, _ location: SourceLocation?, _ origin: Preprocessing.Origin,
    _ loadBinaryProto: (String) throws -> Tensor
  ) throws -> Tensor {
    let name = path.lowercased()
    if name.hasSuffix(".npy") { return try NumpyFile.readTensor(path) }
    // Caffe does not look at the name.
    if name.hasSuffix(".binaryproto") || origin == .net { return try loadBinaryProto(path) }
    throw DiagnosticError("the mean file '\(path)' is neither .binaryproto nor .npy", at: location)
  }

  private static func mean(_ tensor: Tensor, _ path: String) throws(DiagnosticError) -> Preprocessing.Mean {
    let shape = tensor.shape
    if tensor.count > 0 {
      if shape.rank <= 1 { return .values(tensor.array) }
      if shape.rank == 3 { return .image(tensor) }
      if shape.rank == 4 && shape[0] == 1 { return .image(tensor.reshaped(Shape(Array(shape.dims.dropFirst())))) }
    }
    throw DiagnosticError(
      "a mean has shape [C, H, W] or [C], not \(shape)", at: SourceLocation(file: path))
  }
}

extension PreprocessingSpec {
  /// Two keys that say the same thing in two ways may not stand together.
  private static func checkRival(
    of key: Key, _ given: [Key: SourceLocation], at location: SourceLocation?
  ) throws(DiagnosticError) {
    let rivals: [Key: Key] = [.resize: .resizeShorter, .resizeShorter: .resize, .mean: .meanFile, .meanFile: .mean]
    let first = given[key].map { (key, $0) } ?? rivals[key].flatMap { rival in given[rival].map { (rival, $0) } }
    guard let first else { return }
    let notes: [Diagnostic.Note] = first.1.file.isEmpty ? [] : [.init("'\(first.0.rawValue)' is here", at: first.1)]
    throw DiagnosticError("'\(key.rawValue)' and '\(first.0.rawValue)' are both given", at: location, notes: notes)
  }

  /// The words of a JSON value: one text, one number, or the numbers of a list.
  private static func words(_ json: LocatedJSON, _ key: Key) throws(DiagnosticError) -> [String] {
    let isText = key == .channelOrder || key == .meanFile
    let mayBeList = key == .resize || key == .crop || key == .mean
    switch json.value {
    case .string(let text) where isText: return [text]
    case .number(let text) where !isText: return [text]
    case .array(let items) where mayBeList:
      var words: [String] = []
      for item in items {
        guard case .number(let text) = item.value else {
          throw DiagnosticError("'\(key.rawValue)' is a list of numbers, here is \(item.kind)", at: item.location)
        }
        words.append(text)
      }
      return words
    default:
      let wanted = isText ? "a string" : mayBeList ? "a list of numbers" : "a number"
      throw DiagnosticError("'\(key.rawValue)' is \(wanted), not \(json.kind)", at: json.location)
    }
  }

  private mutating func set(_ key: Key, _ words: [String], at location: SourceLocation?) throws(DiagnosticError) {
    let name = key.rawValue
    switch key {
    case .channelOrder:
      channelOrder = ChannelOrder(text: words.first ?? "")
      if channelOrder == nil {
        throw DiagnosticError("'\(name)' is BGR, RGB or GRAY, not '\(words.first ?? "")'", at: location)
      }
    case .resize: resize = .exact(try Self.extent(words, name, location))
    case .crop: crop = try Self.extent(words, name, location)
    case .resizeShorter:
      guard words.count == 1 else { throw DiagnosticError("'\(name)' is one number", at: location) }
      resize = .shorter(try Self.side(words[0], name, location))
    case .mean:
      var values: [Float] = []
      for word in words { values.append(try Self.number(word, name, location)) }
      if values.isEmpty { throw DiagnosticError("'\(name)' has no values", at: location) }
      mean = .values(values)
      meanLocation = location
    case .meanFile:
      mean = .file(words[0])
      meanLocation = location
    case .scale:
      guard words.count == 1 else { throw DiagnosticError("'\(name)' is one number", at: location) }
      scale = try Self.number(words[0], name, location)
    }
  }

  private static func extent(
    _ words: [String], _ name: String, _ location: SourceLocation?
  ) throws(DiagnosticError) -> Extent {
    guard words.count == 2 else { throw DiagnosticError("'\(name)' is two numbers, height and width", at: location) }
    return Extent(height: try side(words[0], name, location), width: try side(words[1], name, location))
  }

  private static func side(_ word: String, _ name: String, _ location: SourceLocation?) throws(DiagnosticError) -> Int {
    guard let value = Int(word), (1...sideLimit).contains(value) else {
      throw DiagnosticError("'\(name)' takes whole numbers from 1 to \(sideLimit), not '\(word)'", at: location)
    }
    return value
  }

  private static func number(
    _ word: String, _ name: String, _ location: SourceLocation?
  ) throws(DiagnosticError) -> Float {
    guard let value = Float(word), value.isFinite else {
      throw DiagnosticError("'\(name)' takes finite numbers, not '\(word)'", at: location)
    }
    return value
  }
}

extension StringProtocol {
  /// Without blanks at both ends.
  var trimmed: SubSequence {
    let start = firstIndex { !$0.isWhitespace } ?? endIndex
    let end = lastIndex { !$0.isWhitespace }.map { index(after: $0) } ?? start
    return self[start..<end]
  }
}
