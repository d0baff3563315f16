import Diagnostics
import Dispatch
import Glibc
import Synchronization
import Tensors

/// Makes batches `[B, C, H, W]` of an image source, decoding several images at a time.
///
/// Each image has its own place in the batch, so the result does not depend on the number of threads.
package struct BatchReader: Sendable {
  package let source: ImageSource
  package let preprocessing: Preprocessing
  /// One image of the net's input, `[C, H, W]`.
  package let itemShape: Shape
  package let threads: Int

  /// - Parameters:
  ///   - inputShape: the net's input, first axis the batch (its extent does not count here).
  ///   - threads: 0 for one per processor.
  /// - Precondition: `inputShape` has a first axis.
  package init(
    _ source: ImageSource, _ preprocessing: Preprocessing, inputShape: Shape, threads: Int = 0
  ) {
    precondition(inputShape.rank > 0, "a net's input has a batch axis")
    self.source = source
    self.preprocessing = preprocessing
    itemShape = Shape(Array(inputShape.dims.dropFirst()))
    self.threads = threads > 0 ? threads : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// Number of batches of `size` images; the last one may be smaller.
  package func batchCount(size: Int) -> Int { (source.count + size - 1) / size }

  /// Names the tensors of the first `batches` batches by the images' bytes and what is done to them, without decoding.
  /// - Throws: a located error for an image that cannot be read.
  package func contentKey(batches: Int, size: Int) throws(DiagnosticError) -> ContentKey {
    let hasher = ContentHasher("images")
    hasher.add(itemShape)
    hasher.add(size)
    preprocessing.addContent(to: hasher)
    for i in 0..<min(batches * size, source.count) { try source.addContent(of: i, to: hasher) }
    return hasher.key
  }

  /// Batch `k`: images `k * size ..< min((k + 1) * size, count)`.
  /// - Precondition: `k` is below `batchCount(size:)`.
  /// - Throws: the errors of all images of the batch that cannot be loaded, in their order, up to 20.
  package func batch(_ k: Int, size: Int) throws(DiagnosticError) -> Tensor {
    precondition(k >= 0 && size > 0 && k * size < source.count, "batch outside the source")
    return try tensor(of: Array(k * size..<min((k + 1) * size, source.count)))
  }

  /// The images with these indices, in this order; an index may come twice.
  /// - Throws: as `batch(_:size:)`.
  package func tensor(of indices: [Int]) throws(DiagnosticError) -> Tensor {
    let itemSize = itemShape.count
    let shape = Shape([indices.count] + itemShape.dims)
    guard shape.isLegal else {
      throw DiagnosticError("a batch of shape \(shape) has more elements than a blob may have (\(Shape.countLimit))")
    }
    let failures = Mutex<[Int: DiagnosticError]>([:])
    let next = Atomic<Int>(0)
    var out = Tensor(shape: shape)
    out.withMutable { view in
      DispatchQueue.concurrentPerform(iterations: max(1, min(threads, indices.count))) { _ in
        while true {
          let i = next.wrappingAdd(1, ordering: .relaxed).oldValue
          if i >= indices.count { return }
          do throws(DiagnosticError) {
            let room = view.slice(i * itemSize, itemSize)
            try source.load(indices[i], into: room, shape: itemShape, preprocessing)
          } catch {
            failures.withLock { $0[i] = error }
          }
        }
      }
    }
    let found = failures.withLock { $0 }
    guard found.isEmpty else {
      var log = DiagnosticLog()
      var seen: Set<Diagnostic> = []
      for (_, error) in found.sorted(by: { $0.key < $1.key }) {
        // A mean that fits no image is one error, not one per image.
        for d in error.diagnostics where seen.insert(d).inserted { log.add(d) }
      }
      throw DiagnosticError(log.diagnostics)
    }
    return out
  }
}
