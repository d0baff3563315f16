import Diagnostics
import Engine
import LayerGraph
import Tensors

/// Copies what a run shows: the values of each lane by blob, and the order in which blobs came.
final class BlobCollector: RunObserver {
  private let wanted: Set<BlobID>
  private(set) var values: [BlobID: [Tensor]] = [:]
  private(set) var order: [BlobID] = []
  private(set) var steps: [Int] = []

  init(_ wanted: Set<BlobID>) { self.wanted = wanted }

  func wants(_ blob: BlobID) -> Bool { wanted.contains(blob) }

  func observe(_ blob: BlobID, _ values: LaneValues) throws(DiagnosticError) {
    order.append(blob)
    self.values[blob] = values.lanes.map { Tensor(shape: values.shape, $0.array) }
  }

  func finished(step: Int, number: Int, of total: Int) throws(DiagnosticError) { steps.append(step) }
}
