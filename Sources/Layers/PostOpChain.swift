import Kernels
import LayerGraph
import Tensors

/// A chain of post-ops as a weighted kernel takes it.
///
/// First come affine maps, which are folded into weights and bias, then at most one residual sum, then functions.
/// oneDNN's fast kernels add the residual only before any function; other chains are not taken.
struct PostOpChain {
  /// `y[o] = x[o] * scale[o] + shift[o]`: all leading affine maps in one; `nil` without any.
  let affine: (scale: [Double], shift: [Double])?
  let addsResidual: Bool
  let functions: [ElementFunction]

  /// `nil` for a chain that cannot be taken.
  /// - Parameter outputs: extent of axis 1 of the top.
  init?(_ ops: [PostOp], outputs: Int) {
    var affine: (scale: [Double], shift: [Double])?
    var adds = false
    var functions: [ElementFunction] = []
    for op in ops {
      switch op {
      case .affine(let scale, let shift):
        guard !adds, functions.isEmpty, scale.count == outputs, shift.count == outputs else { return nil }
        let before = affine ?? ([Double](repeating: 1, count: outputs), [Double](repeating: 0, count: outputs))
        affine = (
          zip(before.scale, scale).map { $0 * Double($1) },
          zip(before.shift, zip(scale, shift)).map { $0 * Double($1.0) + Double($1.1) }
        )
      case .add:
        guard !adds, functions.isEmpty else { return nil }
        adds = true
      case .function(let function): functions.append(function)
      }
    }
    guard functions.count + (adds ? 1 : 0) <= 8 else { return nil }
    self.affine = affine
    addsResidual = adds
    self.functions = functions
  }

  /// What oneDNN is asked to append.
  var primitiveOps: [ElementFunctionOrSum] {
    (addsResidual ? [.sum] : []) + functions.map(ElementFunctionOrSum.function)
  }

  /// Weights and bias with the affine maps folded in, in Double, rounded once.
  /// - Parameter output: the output channel of each weight, by its flat index.
  func folding(_ weights: Tensor, _ bias: Tensor?, output: (Int) -> Int) -> (weights: Tensor, bias: Tensor?) {
    guard let affine else { return (weights, bias) }
    var w = weights
    w.withMutable { v in for i in 0..<v.count { v[i] = Float(Double(v[i]) * affine.scale[output(i)]) } }
    let b = affine.scale.indices.map { o in
      Float(Double(bias?[o] ?? 0) * affine.scale[o] + affine.shift[o])
    }
    return (w, Tensor(shape: [b.count], b))
  }
}
