import Tensors

extension Tensor {
  /// Gives a view that is valid during `body`, however early the tensor is used for the last time.
  func withView<R, E: Error>(_ body: (FloatView) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(view)
  }
}
