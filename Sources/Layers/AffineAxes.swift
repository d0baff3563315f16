import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// Where the coefficients of Scale and Bias lie: on the axes `axis ..< axis + num_axes` of bottom 0.
struct AffineAxes: Sendable {
  let axis: Int
  /// -1: all axes from `axis` on; 0: one coefficient for everything.
  let count: Int

  init(_ source: LayerSource, _ p: ProtoMessage) throws(LayerError) {
    axis = p.int("axis") ?? 1
    count = p.int("num_axes") ?? 1
    guard count >= -1 else {
      throw source.error("num_axes must be -1 or more, is \(count)", p, field: "num_axes")
    }
  }

  /// Coefficients per channel, in the forms that quantization fuses (amct-facts 3.2): axis 1 or -3, one axis; the
  /// latter is axis 1 only where `bottom` has four axes.
  func isChannelAxis(of bottom: Shape) -> Bool {
    (axis == 1 || axis == -3) && bottom.canonicalAxis(axis) == 1 && count == 1
  }

  /// The axes of learned coefficients.
  func range(_ bottom: Shape) throws(LayerError) -> Range<Int> {
    if count == 0 { return 0..<0 }
    guard let first = bottom.canonicalAxis(axis) else {
      throw .shape("has axis \(axis), outside its bottom \(bottom)")
    }
    let end = count < 0 ? bottom.rank : first + count
    guard end <= bottom.rank else {
      throw .shape("has num_axes \(count) from axis \(first) on, more than its bottom \(bottom) has")
    }
    return first..<end
  }

  /// The axes of coefficients that come as a second bottom.
  func range(_ bottom: Shape, of coefficients: Shape) throws(LayerError) -> Range<Int> {
    if coefficients.rank == 0 { return 0..<0 }
    guard let first = bottom.canonicalAxis(axis) else {
      throw .shape("has axis \(axis), outside its bottom \(bottom)")
    }
    let end = first + coefficients.rank
    guard end <= bottom.rank, Shape(Array(bottom.dims[first..<end])) == coefficients else {
      throw .shape("needs a second bottom with the extents of \(bottom) from axis \(first) on, got \(coefficients)")
    }
    return first..<end
  }

  func range(_ bottoms: [Shape]) throws(LayerError) -> Range<Int> {
    bottoms.count > 1 ? try range(bottoms[0], of: bottoms[1]) : try range(bottoms[0])
  }
}

/// `y = x * scale + shift` over a range of axes: the kernel of Scale and Bias.
enum AffineKernel {
  /// Where coefficients come from when the kernel runs.
  enum Operand: Sendable {
    case bottom(Int)
    case learned(Tensor)
    case constant(Float)

    func coefficients(_ io: KernelIO, perOuter: Bool) -> ChannelLoops.Coefficients {
      switch self {
      case .bottom(let i): .init(io.bottom(i), otherwise: 1, perOuter: perOuter)
      case .learned(let tensor): .init(tensor.view, otherwise: 1, perOuter: perOuter)
      case .constant(let value): .init(nil, otherwise: value)
      }
    }
  }

  static func make(_ context: KernelContext, _ axes: Range<Int>, scale: Operand, shift: Operand) -> LoopKernel {
    let (shape, parallel) = (context.shapes.bottoms[0], context.backend.parallel)
    let perOuter = axes == 0..<2
    let byChannel =
      axes == 1..<2 || perOuter ? ChannelLoops(context.bottomLayouts[0], parallel: parallel) : nil
    let layout = byChannel == nil ? Layout.plain(shape) : context.bottomLayouts[0]
    let loops =
      byChannel
      ?? ChannelLoops(
        outer: shape.count(upTo: axes.lowerBound), channels: shape.count(axes),
        inner: shape.count(from: axes.upperBound), parallel: parallel)
    return LoopKernel(
      bottoms: [layout] + context.shapes.bottoms.dropFirst().map(Layout.plain), tops: [layout], canRunInPlace: true
    ) { io in
      loops.affine(
        io.bottom(0), io.top(0), center: .init(nil, otherwise: 0),
        scale: scale.coefficients(io, perOuter: perOuter), shift: shift.coefficients(io, perOuter: perOuter))
    }
  }
}
