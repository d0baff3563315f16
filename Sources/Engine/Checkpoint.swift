import Kernels
import LayerGraph
import Tensors

/// A place between two steps of a plan, with the values that the steps behind it read: enough to go on from there.
package struct Checkpoint: Sendable {
  /// The last step before it; -1 for the place before the first step, where the inputs are known.
  package let step: Int
  /// One value for each piece of memory.
  let values: [Int]
  /// Floats of these values in one lane, padding included.
  package let floats: Int
}

extension Plan {
  /// The place behind each step but the last, and the one before the first.
  package var checkpoints: [Checkpoint] {
    var lastRead = [Int](repeating: -2, count: layouts.count)
    for (index, step) in steps.enumerated() { for value in step.inputs { lastRead[value] = index } }
    var live = inputs.map(\.value)
    var all: [Checkpoint] = []
    for step in -1..<max(0, steps.count - 1) {
      if step >= 0 { live += steps[step].outputs }
      live.removeAll { lastRead[$0] <= step }
      // Views and work in place: the same memory under several values.
      var pieces: [Int: Int] = [:]
      for value in live {
        if let other = pieces[groups[value]], layouts[other].floats >= layouts[value].floats { continue }
        pieces[groups[value]] = value
      }
      let values = pieces.values.sorted()
      all.append(Checkpoint(step: step, values: values, floats: values.reduce(0) { $0 + layouts[$1].floats }))
    }
    return all
  }

  /// Names a checkpoint's content by the blobs it holds, their memory layouts and the number of lanes.
  ///
  /// - Parameter blobs: the key of each blob, see `Graph.contentKeys`.
  /// - Returns: `nil` when a blob has no key.
  package func key(of checkpoint: Checkpoint, blobs keys: [BlobID: ContentKey], lanes: Int) -> ContentKey? {
    let hasher = ContentHasher("checkpoint")
    hasher.add(Backend.identity)
    hasher.add(lanes)
    for value in checkpoint.values {
      guard let key = keys[blobs[value]] else { return nil }
      hasher.add(key)
      hasher.add(layouts[value].description)
      hasher.add(layouts[value].floats)
      hasher.add(offsets[value])
    }
    hasher.add(checkpoint.step)
    return hasher.key
  }

  /// True when a run from `checkpoint` can still show all of `wanted`.
  package func reaches(_ wanted: Set<BlobID>, from checkpoint: Checkpoint) -> Bool {
    let later = Set(steps.dropFirst(checkpoint.step + 1).flatMap { $0.made.map(\.blob) })
    return wanted.allSatisfy { later.contains($0) || holds($0, checkpoint) }
  }

  /// The last step that makes one of these blobs visible.
  package func lastStep(making wanted: Set<BlobID>) -> Int? {
    steps.lastIndex { step in step.made.contains { wanted.contains($0.blob) } }
  }

  func holds(_ blob: BlobID, _ checkpoint: Checkpoint) -> Bool {
    location[blob].map(checkpoint.values.contains) ?? false
  }

  /// The steps behind `checkpoint` that `wanted` depends on.
  func steps(for wanted: Set<BlobID>, after checkpoint: Checkpoint) -> [Int] {
    var needed = Set(wanted.compactMap { location[$0] })
    var chosen: [Int] = []
    for index in stride(from: steps.count - 1, to: checkpoint.step, by: -1)
    where steps[index].outputs.contains(where: needed.contains) {
      needed.formUnion(steps[index].inputs)
      chosen.append(index)
    }
    return chosen.reversed()
  }
}

extension Run {
  /// The memory that a checkpoint stands for, lane by lane.
  package func memory(of checkpoint: Checkpoint) -> [MutableFloatView] {
    (0..<lanes).flatMap { lane in checkpoint.values.map { view($0, lane) } }
  }
}
