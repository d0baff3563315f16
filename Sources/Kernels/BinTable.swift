import CKernels
import Tensors

/// How many values fall into each of many equal bins, for the whole data and for slices of it.
struct BinTable: Sendable {
  /// Bins that have values.
  struct Taken: Sendable {
    private var centres: [Float]
    private var counts: [Float]
    private var number: Int

    init(_ table: [UInt32], _ bins: ck_bins) {
      var bins = bins
      let room = (table.count + Int(CK_IFMR_LANES) - 1) / Int(CK_IFMR_LANES) * Int(CK_IFMR_LANES)
      centres = [Float](repeating: 0, count: room)
      counts = centres
      number = ck_taken_bins(table, &bins, &centres, &counts)
    }

    func withTaken<R>(_ body: (UnsafePointer<ck_taken>) -> R) -> R {
      centres.withUnsafeBufferPointer { centres in
        counts.withUnsafeBufferPointer { counts in
          var taken = ck_taken(centres: centres.baseAddress, counts: counts.baseAddress, number: number)
          return body(&taken)
        }
      }
    }
  }

  let bins: ck_bins
  let all: Taken
  /// In data order.
  let slices: [Taken]

  private static let sliceCount = 8

  init(_ segments: [ActivationSegment], _ bins: ck_bins, _ parallel: Parallel) {
    self.bins = bins
    let slices = Self.slices(segments)
    var tables = [[UInt32]](repeating: [UInt32](repeating: 0, count: Int(bins.bins)), count: slices.count)
    parallel.update(&tables) { i, table in
      var bins = bins
      for view in slices[i] { ck_bin_counts(view.pointer, view.count, &bins, &table) }
    }
    var total = tables[0]
    for table in tables.dropFirst() { for i in total.indices { total[i] &+= table[i] } }
    all = Taken(total, bins)
    var taken = [Taken?](repeating: nil, count: tables.count)
    let finished = tables
    parallel.update(&taken) { i, taken in taken = Taken(finished[i], bins) }
    self.slices = taken.compactMap(\.self)
  }

  /// About equal slices that follow each other in data order: whole images where memory has another order.
  private static func slices(_ segments: [ActivationSegment]) -> [[FloatView]] {
    let total = segments.reduce(0) { $0 + $1.view.count }
    var slices: [[FloatView]] = [[]]
    var room = (total + sliceCount - 1) / sliceCount
    for segment in segments {
      var unit = 1
      if case .channelsLast(let channels, let pixels) = segment.order { unit = channels * pixels }
      var start = 0
      while start < segment.view.count {
        let length = min(max(1, room / unit) * unit, segment.view.count - start)
        slices[slices.count - 1].append(segment.view.slice(start, length))
        start += length
        room -= length
        if room <= 0 {
          slices.append([])
          room = (total + sliceCount - 1) / sliceCount
        }
      }
    }
    return slices.filter { !$0.isEmpty }
  }
}
