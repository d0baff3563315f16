import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// A recurrent layer whose state goes through a tap before its matrices see it.
protocol RecurrentCell: StateFeedback {
  var settings: RecurrentSettings { get }
  /// How many times a step feeds values of all streams to matrices.
  var tapsPerStep: Int { get }

  /// The layer's tops, in the order of the formula; all but the products is in Double.
  func forward(_ run: LayerRun, _ tap: StateTap, _ products: RecurrentProducts)
}

extension RecurrentCell {
  func reference(_ run: LayerRun) { forward(run, StateTap(perStep: tapsPerStep), RecurrentProducts()) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    kernel(context) { cell, _ in StateTap(perStep: cell.tapsPerStep) }
  }

  /// A kernel with float products.
  /// - Parameter tap: what stands before the state's matrices, given the memory of the last top.
  func kernel(
    _ context: KernelContext, _ tap: @escaping @Sendable (Self, MutableFloatView?) -> StateTap
  ) -> any LayerKernel {
    let (shapes, params, parallel) = (context.shapes, context.params, context.backend.parallel)
    return LoopKernel(bottoms: shapes.bottoms.map(Layout.plain), tops: shapes.tops.map(Layout.plain)) { io in
      let run = LayerRun(shapes: shapes, bottoms: io.bottoms, tops: io.tops, params: params.map(\.view))
      forward(run, tap(self, io.tops.last), RecurrentProducts(parallel: parallel))
    }
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { try settings.topShapes(bottoms) }
  var quantization: QuantizationRole { settings.quantization }

  /// All that the layer's matrices are fed of its state, in order of time.
  func tapShape(_ bottoms: [Shape]) throws(LayerError) -> Shape {
    let e = try settings.extents(bottoms)
    let shape: Shape = [e.steps * tapsPerStep, e.streams, settings.outputs]
    guard shape.isLegal else { throw .shape("would show a state of \(shape), more than \(Shape.countLimit) values") }
    return shape
  }
}

/// A recurrent layer under another type: with the learned blobs, the shapes and the work of the cell in it.
protocol RecurrentVariant: LayerType {
  associatedtype Cell: RecurrentCell
  var cell: Cell { get }
}

extension RecurrentVariant {
  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] { try cell.paramBlobs(bottoms) }
  func macs(_ shapes: LayerShapes) -> Int { cell.macs(shapes) }
}

/// A recurrent layer whose input and state are searched together.
///
/// In a file it is the layer that it calibrates, with the settings of the searches. A calibration run gives it one top
/// more, behind the others: all that its matrices are fed of the state, `[T * k, N, D]`.
protocol RecurrentCalibration: RecurrentVariant {
  /// True with the top that shows the state.
  var showsState: Bool { get }
}

extension RecurrentCalibration {
  /// The cell of a layer, and whether it has the top that shows the state.
  static func read(_ source: LayerSource, states: Int) throws(LayerError) -> (Cell, showsState: Bool) {
    let exposesHidden = source.settings("recurrent_param").bool("expose_hidden") ?? false
    guard source.topCount == (exposesHidden ? states + 2 : 2) else { return (try Cell(source), false) }
    var parameter = source.parameter
    parameter.tops.removeLast()
    return (try Cell(LayerSource(parameter)), true)
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try cell.topShapes(bottoms) + (showsState ? [cell.tapShape(bottoms)] : [])
  }

  func reference(_ run: LayerRun) { cell.forward(run, tap(run.tops.last), RecurrentProducts()) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    cell.kernel(context) { _, last in tap(last) }
  }

  private func tap(_ last: MutableFloatView?) -> StateTap {
    StateTap(kept: showsState ? last : nil, perStep: cell.tapsPerStep)
  }
}

/// A recurrent layer of a quantized model: x and x_static come quantized, the state is quantized inside.
protocol RecurrentQuantized: RecurrentVariant {
  /// Of all that the matrices are fed of the state.
  var state: QuantSettings { get }
}

extension RecurrentQuantized {
  /// Reads the settings of the state's quantizer.
  /// - Throws: without them, and for shifts, which no simulation fits.
  static func read(_ source: LayerSource) throws(LayerError) -> QuantSettings {
    let p = source.settings(Cell.quantizedField)
    guard let quant = p.message("w_h_quant_param") else { throw source.error("needs w_h_quant_param", p) }
    for field in p.fields where field.name.hasSuffix("_dequant_param") {
      guard let dequant = p.message(field.name), let shift = dequant.floats("shift_bit").first(where: { $0 != 0 })
      else { continue }
      throw source.error("a shift_bit in the prototxt must be 0, is \(shift)", dequant, field: "shift_bit")
    }
    return try QuantSettings(source, quant)
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { try cell.topShapes(bottoms) }

  func reference(_ run: LayerRun) { cell.forward(run, tap, RecurrentProducts()) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    cell.kernel(context) { _, _ in tap }
  }

  private var tap: StateTap { StateTap(rounding: state.rounding, perStep: cell.tapsPerStep) }
}
