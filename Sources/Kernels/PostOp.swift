import CKernels

/// An operation of a following layer that a kernel can do on its result before it leaves the registers.
package enum PostOp: Sendable, Hashable {
  /// An element-wise function.
  case function(ElementFunction)
  /// `y[c] = x[c] * scale[c] + shift[c]` over axis 1: BatchNorm, Scale, Bias with stored values.
  case affine(scale: [Float], shift: [Float])
  /// `y = x + other`, the other bottom of a two-input sum.
  case add

  /// True when doing it in the registers gives the bits that a pass of its own gives.
  ///
  /// Not so for `add`: a convolution may begin its sums with the other operand.
  package var isExact: Bool {
    switch self {
    case .function(.relu), .function(.abs), .function(.clip): true
    case .function, .affine, .add: false
    }
  }
}

/// The element-wise functions that oneDNN has, in its conventions.
package enum ElementFunction: Sendable, Hashable {
  /// `x > 0 ? x : slope * x`
  case relu(slope: Float)
  /// `x > 0 ? x : alpha * (exp(x) - 1)`
  case elu(alpha: Float)
  case tanh
  case logistic
  case abs
  case exp
  case log
  /// `log(1 + exp(x))`
  case softRelu
  /// `a * x + b`
  case linear(a: Float, b: Float)
  case clip(low: Float, high: Float)
  /// `x / (1 + exp(-beta * x))`
  case swish(beta: Float)
  case sqrt

  var raw: ck_postop {
    switch self {
    case .relu(let slope): ck_postop(op: CK_RELU, alpha: slope, beta: 0)
    case .elu(let alpha): ck_postop(op: CK_ELU, alpha: alpha, beta: 0)
    case .tanh: ck_postop(op: CK_TANH, alpha: 0, beta: 0)
    case .logistic: ck_postop(op: CK_LOGISTIC, alpha: 0, beta: 0)
    case .abs: ck_postop(op: CK_ABS, alpha: 0, beta: 0)
    case .exp: ck_postop(op: CK_EXP, alpha: 0, beta: 0)
    case .log: ck_postop(op: CK_LOG, alpha: 0, beta: 0)
    case .softRelu: ck_postop(op: CK_SOFT_RELU, alpha: 1, beta: 0)
    case .linear(let a, let b): ck_postop(op: CK_LINEAR, alpha: a, beta: b)
    case .clip(let low, let high): ck_postop(op: CK_CLIP, alpha: low, beta: high)
    case .swish(let beta): ck_postop(op: CK_SWISH, alpha: beta, beta: 0)
    case .sqrt: ck_postop(op: CK_SQRT, alpha: 0, beta: 0)
    }
  }
}
