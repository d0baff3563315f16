import Tensors

/// The memory of one execution of a kernel; each view spans the whole layout, padding included.
@safe package struct KernelIO {
  package let bottoms: [FloatView]
  package let tops: [MutableFloatView]
  package let scratch: UnsafeMutableRawPointer?

  package init(bottoms: [FloatView], tops: [MutableFloatView], scratch: UnsafeMutableRawPointer? = nil) {
    self.bottoms = bottoms
    self.tops = tops
    self.scratch = scratch
  }

  package func bottom(_ i: Int) -> FloatView { bottoms[i] }
  package func top(_ i: Int) -> MutableFloatView { tops[i] }
}
