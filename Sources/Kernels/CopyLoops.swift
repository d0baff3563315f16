import Glibc
import Tensors

/// Cuts memory into pieces along one axis, or joins pieces: what Concat and Slice do.
///
/// The whole is `[outer, sum(chunks)]`, piece `i` is `[outer, chunks[i]]`, in floats. A blocked layout is described
/// in the same way as long as the pieces consist of whole blocks.
package struct CopyLoops: Sendable {
  private let outer: Int
  private let chunks: [Int]
  private let starts: [Int]
  private let whole: Int
  private let parallel: Parallel

  package init(outer: Int, chunks: [Int], parallel: Parallel) {
    self.outer = outer
    self.chunks = chunks
    self.parallel = parallel
    var at = 0
    starts = chunks.map { chunk in
      defer { at += chunk }
      return at
    }
    whole = at
  }

  package func join(_ pieces: [FloatView], into sink: MutableFloatView) {
    forEachRow { n in
      for i in chunks.indices {
        memcpy(sink.pointer + n * whole + starts[i], pieces[i].pointer + n * chunks[i], chunks[i] * 4)
      }
    }
  }

  package func cut(_ source: FloatView, into pieces: [MutableFloatView]) {
    forEachRow { n in
      for i in chunks.indices {
        memcpy(pieces[i].pointer + n * chunks[i], source.pointer + n * whole + starts[i], chunks[i] * 4)
      }
    }
  }

  private func forEachRow(_ body: @Sendable (Int) -> Void) {
    parallel.forEachPart(of: outer, minimum: max(1, 16384 / max(1, whole))) { start, length in
      for n in start..<start + length { body(n) }
    }
  }
}
