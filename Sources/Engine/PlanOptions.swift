import LayerGraph

/// What a plan must leave visible, and on how many threads it runs.
package struct PlanOptions: Sendable {
  /// Blobs that somebody looks at during the run, so that no fusion may swallow them.
  package enum Observed: Sendable {
    case none
    case all
    case only(Set<BlobID>)

    func contains(_ blob: BlobID) -> Bool {
      switch self {
      case .none: false
      case .all: true
      case .only(let set): set.contains(blob)
      }
    }
  }

  package var threads: Int
  package var observed: Observed
  /// Fuse only what leaves every bit as it is without fusion, so that values do not depend on who else is observed.
  package var exactFusionsOnly: Bool
  /// Blobs whose values must survive to the end of the run.
  package var kept: Set<BlobID>
  /// Every layer by its reference loops: the oracle.
  package var referenceOnly: Bool

  package init(
    threads: Int, observed: Observed = .none, exactFusionsOnly: Bool = false, kept: Set<BlobID> = [],
    referenceOnly: Bool = false
  ) {
    self.threads = threads
    self.exactFusionsOnly = exactFusionsOnly
    self.observed = observed
    self.kept = kept
    self.referenceOnly = referenceOnly
  }
}
