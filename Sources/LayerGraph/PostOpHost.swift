import Kernels

/// A layer whose kernel can do following layers' work on its result: the plan asks before it fuses.
///
/// With `.add` among the operations, `KernelContext.shapes.bottoms` and `bottomLayouts` have one entry more than the layer
/// has bottoms: the other operand of the sum. The kernel then lists it last in its own `bottomLayouts`, in the layout of
/// its top, and names it in `accumulatesInto`.
package protocol PostOpHost: LayerType {
  func accepts(_ operations: [PostOp], _ shapes: LayerShapes) -> Bool
}
