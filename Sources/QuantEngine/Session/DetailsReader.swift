import Foundation

/// The details that a run kept of its layers; only the index is read at first, and a layer when it is asked for.
package struct DetailsReader: Sendable {
  package let path: String
  /// Names of the images that were compared, by number.
  package let images: [String]
  /// Layers with details, in the order of the net.
  package let layers: [String]
  private let entries: [String: DetailsFile.Entry]

  /// - Returns: `nil` when the file is missing, damaged or of another version: then there are no details.
  package init?(path: String) {
    guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? handle.close() }
    guard let size = try? handle.seekToEnd(),
      let end = Self.read(handle, max(0, Int(size) - DetailsFile.tailLimit), min(Int(size), DetailsFile.tailLimit)),
      let last = end.dropLast().split(separator: 10).last, end.last == 10,
      let tail = try? JSONDecoder().decode(DetailsFile.Tail.self, from: Data(last)),
      tail.version == DetailsFile.version,
      let header = Self.decode(DetailsFile.Header.self, tail.header, handle), header.version == DetailsFile.version,
      let index = Self.decode(DetailsFile.Index.self, tail.index, handle)
    else { return nil }
    self.path = path
    images = header.images
    layers = index.layers.map(\.layer)
    entries = Dictionary(index.layers.map { ($0.layer, $0) }) { a, _ in a }
  }

  package init?(_ folder: RunFolder) { self.init(path: folder.details) }

  /// What is known of a layer; `nil` when it was not compared or its part of the file is damaged.
  package func layer(_ name: String) -> LayerDetails? {
    guard let entry = entries[name], let handle = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? handle.close() }
    var details = Self.decode(LayerDetails.self, entry, handle)
    details?.imageNames = images
    return details
  }

  private static func decode<T: Decodable>(
    _ type: T.Type, _ entry: DetailsFile.Entry, _ handle: FileHandle
  ) -> T? {
    guard let bytes = read(handle, entry.offset, entry.length), DetailsFile.sum(bytes) == entry.sum else { return nil }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try? decoder.decode(type, from: Data(bytes))
  }

  private static func read(_ handle: FileHandle, _ offset: Int, _ length: Int) -> [UInt8]? {
    // A damaged file may ask for anything.
    guard offset >= 0, length > 0, let size = try? handle.seekToEnd(), offset <= Int(size),
      length <= Int(size) - offset, (try? handle.seek(toOffset: UInt64(offset))) != nil,
      let data = try? handle.read(upToCount: length), data.count == length
    else { return nil }
    return [UInt8](data)
  }
}

extension FinishedRun {
  /// Reads the index of the run's details; `nil` when there are none.
  package var details: DetailsReader? { DetailsReader(folder) }
}
