/// Read access to float32 memory that somebody else keeps alive; indices are checked in debug builds.
@safe package struct FloatView: @unchecked Sendable {
  // Sendable: only reads; the owner guarantees that nobody writes meanwhile.
  package let pointer: UnsafePointer<Float>
  package let count: Int

  @inlinable package init(_ pointer: UnsafePointer<Float>, count: Int) {
    self.pointer = pointer
    self.count = count
  }

  @inlinable package subscript(i: Int) -> Float {
    assert(i >= 0 && i < count, "index out of range")
    return pointer[i]
  }

  /// The part from `start` with `length` elements.
  @inlinable package func slice(_ start: Int, _ length: Int) -> FloatView {
    precondition(start >= 0 && length >= 0 && start + length <= count, "slice outside the view")
    return FloatView(pointer + start, count: length)
  }

  package var array: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
  package var buffer: UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: pointer, count: count) }
}

/// Write access to float32 memory that somebody else keeps alive; indices are checked in debug builds.
@safe package struct MutableFloatView: @unchecked Sendable {
  // Sendable: a run hands each view to one worker at a time.
  package let pointer: UnsafeMutablePointer<Float>
  package let count: Int

  @inlinable package init(_ pointer: UnsafeMutablePointer<Float>, count: Int) {
    self.pointer = pointer
    self.count = count
  }

  @inlinable package subscript(i: Int) -> Float {
    get {
      assert(i >= 0 && i < count, "index out of range")
      return pointer[i]
    }
    nonmutating set {
      assert(i >= 0 && i < count, "index out of range")
      pointer[i] = newValue
    }
  }

  @inlinable package func slice(_ start: Int, _ length: Int) -> MutableFloatView {
    precondition(start >= 0 && length >= 0 && start + length <= count, "slice outside the view")
    return MutableFloatView(pointer + start, count: length)
  }

  package var readOnly: FloatView { FloatView(UnsafePointer(pointer), count: count) }
  package var array: [Float] { readOnly.array }

  /// Copies `source`; the regions must not overlap partially.
  @inlinable package func copy(_ source: FloatView) {
    precondition(source.count == count, "copy of another length")
    if count > 0, UnsafePointer(pointer) != source.pointer { pointer.update(from: source.pointer, count: count) }
  }

  @inlinable package func fill(_ value: Float) { pointer.update(repeating: value, count: count) }
}
