import Tensors

/// The concatenation of segments, cut into nearly equal parts.
package struct Pieces: Sendable {
  private var parts: [[FloatView]] = []

  /// Never empty; parts of fewer than 65536 values aren't made.
  package init(_ segments: [FloatView], parts wanted: Int) {
    let total = segments.reduce(0) { $0 + $1.count }
    let count = max(1, min(wanted, total / 65536))
    self.init(segments, size: max(1, (total + count - 1) / count))
  }

  /// Parts of `size` values, the last one smaller.
  package init(_ segments: [FloatView], size: Int) {
    var current: [FloatView] = []
    var room = size
    for segment in segments {
      var start = 0
      while start < segment.count {
        let length = min(room, segment.count - start)
        current.append(segment.slice(start, length))
        start += length
        room -= length
        if room == 0 {
          parts.append(current)
          current = []
          room = size
        }
      }
    }
    if !current.isEmpty || parts.isEmpty { parts.append(current) }
  }

  package var count: Int { parts.count }
  package subscript(i: Int) -> [FloatView] { parts[i] }
}
