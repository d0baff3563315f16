import CKernels

/// Loops spread over the one team of threads that oneDNN uses too, so that the two never fight for cores.
package struct Parallel: Sendable {
  package let threads: Int

  package init(threads: Int) { self.threads = max(1, threads) }

  /// Calls `body(part)` for every part; parts must not depend on each other.
  package func forEach(_ parts: Int, _ body: @Sendable (Int) -> Void) {
    if parts < 2 || threads < 2 {
      for i in 0..<max(parts, 0) { body(i) }
      return
    }
    withoutActuallyEscaping(body) { body in
      var box = Box(body: body)
      withUnsafeMutablePointer(to: &box) { pointer in
        ck_parallel(
          Int32(parts),
          { context, part in context?.assumingMemoryBound(to: Box.self).pointee.body(Int(part)) }, pointer)
      }
    }
  }

  /// Cuts `count` elements into contiguous parts of at least `minimum` and calls `body(start, length)` for each.
  package func forEachPart(of count: Int, minimum: Int = 4096, _ body: @Sendable (Int, Int) -> Void) {
    let parts = max(1, min(threads, count / max(1, minimum)))
    let step = ((count + parts - 1) / parts + 15) / 16 * 16
    forEach(parts) { part in
      let start = part * step
      if start < count { body(start, min(step, count - start)) }
    }
  }

  private struct Box { let body: (Int) -> Void }
}
