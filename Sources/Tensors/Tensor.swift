import Glibc

/// A dense float32 array in C order (last axis fastest) with value semantics.
package struct Tensor: Sendable {
  package private(set) var shape: Shape
  private var storage: TensorStorage

  /// Zeros.
  package init(shape: Shape) {
    self.shape = shape
    storage = TensorStorage(count: shape.count)
  }

  /// - Precondition: `values.count == shape.count`.
  package init(shape: Shape, _ values: some Collection<Float>) {
    precondition(values.count == shape.count, "\(values.count) values for a tensor of shape \(shape)")
    self.init(shape: shape)
    _ = UnsafeMutableBufferPointer(start: storage.base, count: storage.count).update(fromContentsOf: values)
  }

  package init(shape: Shape, repeating value: Float) {
    self.init(shape: shape)
    UnsafeMutableBufferPointer(start: storage.base, count: storage.count).update(repeating: value)
  }

  /// - Precondition: the storage holds at least `shape.count` floats.
  package init(shape: Shape, storage: TensorStorage) {
    precondition(storage.count >= shape.count, "storage of \(storage.count) floats for shape \(shape)")
    self.shape = shape
    self.storage = storage
  }

  package var count: Int { shape.count }
  /// Valid while the tensor (or a copy of it) lives.
  package var view: FloatView { FloatView(UnsafePointer(storage.base), count: count) }
  /// Gives a view that is valid during `body`, however early the tensor is used for the last time.
  package func withView<R, E: Error>(_ body: (FloatView) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(view)
  }

  package var array: [Float] { withView(\.array) }

  package subscript(i: Int) -> Float {
    defer { withExtendedLifetime(self) {} }
    return view[i]
  }

  /// The same values under another shape of equal count.
  package func reshaped(_ shape: Shape) -> Tensor {
    precondition(shape.count == count, "cannot reshape \(self.shape) to \(shape)")
    var copy = self
    copy.shape = shape
    return copy
  }

  /// Gives write access; copies first when the memory is shared or borrowed.
  package mutating func withMutable<R, E: Error>(_ body: (MutableFloatView) throws(E) -> R) throws(E) -> R {
    if storage.isBorrowed || !isKnownUniquelyReferenced(&storage) {
      let fresh = TensorStorage(uninitialized: count)
      memcpy(fresh.base, storage.base, count * 4)
      storage = fresh
    }
    return try body(MutableFloatView(storage.base, count: count))
  }

  /// Element-wise map into a new tensor.
  package func map(_ transform: (Float) -> Float) -> Tensor {
    defer { withExtendedLifetime(self) {} }
    var out = Tensor(shape: shape)
    let source = view
    out.withMutable { for i in 0..<source.count { $0[i] = transform(source[i]) } }
    return out
  }

  package var storageObject: TensorStorage { storage }
}

extension Tensor: Equatable {
  /// Same shape and same bits (so NaN equals itself, and 0 differs from -0).
  package static func == (a: Tensor, b: Tensor) -> Bool {
    defer { withExtendedLifetime((a, b)) {} }
    return a.shape == b.shape && memcmp(a.storage.base, b.storage.base, a.count * 4) == 0
  }
}

extension Tensor {
  /// Element-wise map with the element's index into a new tensor.
  package func mappingIndexed(_ transform: (Int, Float) -> Float) -> Tensor {
    defer { withExtendedLifetime(self) {} }
    var out = Tensor(shape: shape)
    let source = view
    out.withMutable { for i in 0..<source.count { $0[i] = transform(i, source[i]) } }
    return out
  }
}
