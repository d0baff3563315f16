import CKernels
import Tensors

/// One product of two matrices in memory.
package enum MatrixLoops {
  /// `C = alpha * op(A) * op(B) + beta * C` on the calling thread: `[m, k] x [k, n]`, rows `stride` elements apart.
  ///
  /// A transposed operand lies as `[k, m]` or `[n, k]`. With `beta` 0, C is not read.
  package static func multiply(
    _ a: FloatView, from aStart: Int, stride aStride: Int, transposed aTransposed: Bool,
    _ b: FloatView, from bStart: Int, stride bStride: Int, transposed bTransposed: Bool,
    into c: MutableFloatView, from cStart: Int, stride cStride: Int,
    extents: (m: Int, n: Int, k: Int), alpha: Float, beta: Float
  ) {
    let (m, n, k) = extents
    func fits(_ count: Int, _ start: Int, _ stride: Int, _ rows: Int, _ columns: Int) -> Bool {
      start >= 0 && columns <= stride && start + (rows - 1) * stride + columns <= count
    }
    precondition(m > 0 && n > 0 && k > 0, "an empty product")
    precondition(
      fits(a.count, aStart, aStride, aTransposed ? k : m, aTransposed ? m : k)
        && fits(b.count, bStart, bStride, bTransposed ? n : k, bTransposed ? k : n)
        && fits(c.count, cStart, cStride, m, n), "a matrix outside its view")
    let done = ck_sgemm(
      aTransposed, bTransposed, Int64(m), Int64(n), Int64(k), alpha, a.pointer + aStart, Int64(aStride),
      b.pointer + bStart, Int64(bStride), beta, c.pointer + cStart, Int64(cStride))
    precondition(done, "oneDNN refuses a product of legal extents")
  }
}
