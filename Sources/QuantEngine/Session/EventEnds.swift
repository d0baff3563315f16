import Foundation

/// The beginning and the end of a run's events, without what lies between.
struct EventEnds: Sendable {
  /// Seconds since 1970 of the first event.
  private(set) var began: Double?
  private(set) var latest: Double?
  private(set) var label: String?
  private(set) var images: Int?
  private(set) var finished: JobEvent?

  private static let head = 1 << 15
  private static let tail = 1 << 12

  init(path: String) {
    guard let handle = FileHandle(forReadingAtPath: path) else { return }
    defer { try? handle.close() }
    let size = (try? handle.seekToEnd()) ?? 0
    try? handle.seek(toOffset: 0)
    let first = Self.events(in: (try? handle.read(upToCount: Self.head)) ?? Data())
    began = first.first?.time
    if let started = first.first(where: { $0.kind == .started }) {
      label = started.text
      images = started.images
    }
    var last = first
    if size > Self.head {
      try? handle.seek(toOffset: size - UInt64(Self.tail))
      last = Self.events(in: (try? handle.readToEnd()) ?? Data())
    }
    latest = last.last?.time
    finished = last.last { $0.kind == .finished }
  }

  /// The whole lines; one that is cut off at either end is no event.
  private static func events(in data: Data) -> [JobEvent] {
    data.split(separator: 10).compactMap { JobEvent(line: String(decoding: $0, as: UTF8.self)) }
  }
}
