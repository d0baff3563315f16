import Diagnostics
import Engine
import Kernels
import LayerGraph
import Passes
import Tensors

/// The BatchNorm layers of a net whose statistics are being refreshed, and what they are so far.
///
/// The net runs with live BatchNorm layers: none of them reads what is stored, so a batch's moments are the same however
/// often it is taken in, and one forward pass of each batch serves all its turns.
/// - Source: amct-facts 2.4.
package struct BatchNormUpdate: Sendable {
  private struct Member: Sendable {
    let name: String
    /// What the layer normalises.
    let bottom: BlobID
    let fraction: Float
    let location: SourceLocation
    var statistics: BatchNormStatistics
    /// How much of the sums with which the update began is left, 0...1.
    var remains = 1.0
  }

  private var members: [Member]

  /// - Parameter graph: with live BatchNorm layers and known shapes.
  /// - Throws: for a layer that sees one value per channel.
  package init(_ graph: Graph) throws(DiagnosticError) {
    try Self.check(graph)
    // Reading a net drops the ParamSpecs of BatchNorm, as Caffe does: no two layers share statistics.
    members = graph.nodes.filter { $0.type == LiveBatchNorm.type && $0.params.count == 3 }.map { node in
      Member(
        name: node.name, bottom: node.bottoms[0], fraction: LiveBatchNorm.fraction(of: node),
        location: node.location, statistics: BatchNormStatistics(node.params))
    }
  }

  /// Refuses nets with a BatchNorm that sees one value per channel: its batch has no variance.
  package static func check(_ graph: Graph) throws(DiagnosticError) {
    var log = DiagnosticLog()
    for node in graph.nodes where node.type == LiveBatchNorm.type {
      guard let shape = graph.shape(node.bottoms[0]) else { continue }
      let channels = shape.rank > 1 ? shape[1] : 1
      guard shape.count <= channels else { continue }
      log.add(
        .error(
          "layer '\(node.name)' (BatchNorm): update_bn needs more than one value per channel, a batch of \(shape) has "
            + (shape.count == 0 ? "none" : "one"),
          at: node.location, help: ["raise the batch size, or set update_bn to false"]))
    }
    try log.throwIfErrors()
  }

  /// The blobs whose moments are needed.
  package var observed: Set<BlobID> { Set(members.map(\.bottom)) }

  /// Names of the layers, in graph order.
  package var layers: [String] { members.map(\.name) }

  /// The statistics by layer name.
  package var statistics: [String: BatchNormStatistics] {
    Dictionary(members.map { ($0.name, $0.statistics) }) { first, _ in first }
  }

  /// The layers more than half of whose statistics are still the old ones, and how much of them.
  package var sluggish: [(layer: String, fraction: Float, old: Double)] {
    members.filter { $0.remains > 0.5 }.map { ($0.name, $0.fraction, $0.remains) }
  }

  /// Takes one batch in.
  /// - Throws: for values that are not finite, with the layer's name.
  package mutating func add(_ moments: [BlobID: ChannelMoments]) throws(DiagnosticError) {
    for (index, member) in members.enumerated() {
      guard let batch = moments[member.bottom] else { preconditionFailure("'\(member.name)' was not observed") }
      members[index].statistics.add(batch, fraction: member.fraction)
      let found = members[index].statistics
      guard found.isFinite else {
        throw DiagnosticError(
          "the statistics of layer '\(member.name)' (BatchNorm) are not finite in this batch", at: member.location)
      }
      let old = Double(member.fraction) * Double(member.statistics.factor)
      members[index].remains *= found.factor == 0 ? 0 : old / Double(found.factor)
    }
  }

  /// `graph` with `statistics` in its BatchNorm layers.
  package static func graph(_ graph: Graph, with statistics: [String: BatchNormStatistics]) -> Graph {
    var out = graph
    for node in graph.nodes {
      guard let found = statistics[node.name], node.params.count == 3 else { continue }
      out = out.replacingParams(of: node.id, found.blobs)
    }
    return out
  }
}

/// Takes the moments of what the BatchNorm layers of a net normalise, while the net runs with one lane.
package final class MomentObserver: RunObserver {
  private let blobs: Set<BlobID>
  private let parallel: Parallel
  private let check: () throws(DiagnosticError) -> Void
  package private(set) var moments: [BlobID: ChannelMoments] = [:]

  /// - Parameter check: called after each step; what it throws stops the run.
  package init(_ blobs: Set<BlobID>, threads: Int, check: @escaping () throws(DiagnosticError) -> Void) {
    self.blobs = blobs
    self.check = check
    parallel = Parallel(threads: threads)
  }

  package func wants(_ blob: BlobID) -> Bool { blobs.contains(blob) }
  package var takesChannelsLast: Bool { true }

  package func observe(_ blob: BlobID, _ values: LaneValues) {
    let loops = MomentLoops(values.shape, channelsLast: values.isChannelsLast, parallel: parallel)
    moments[blob] = loops.moments(values.lanes[0])
  }

  package func finished(step: Int, number: Int, of total: Int) throws(DiagnosticError) { try check() }
}
