import CaffeFormat
import Diagnostics
import Kernels
import Tensors

/// What one Caffe layer type knows about itself. One file per conforming type, one line in `LayerCatalog`.
///
/// A layer value is made once from its prototxt message; afterwards nobody reads prototxt fields. It is immutable:
/// shapes come in as arguments, learned values as `params`, data through `LayerRun`.
package protocol LayerType: Sendable {
  /// The `type:` strings it answers to; the first is the standard one, the others are spellings of forks.
  static var caffeTypes: [String] { get }
  static var arity: Arity { get }
  /// How close a fast kernel must come to `reference`.
  static var agreement: Agreement { get }

  /// What a layer asks for that this type lacks, by a name for messages; `nil` when it is one of its own.
  ///
  /// For types that are a door to code of the user's (Python): such a layer is in the graph as one of an unknown type.
  static func unknownName(_ parameter: LayerParameter) -> String?

  /// Reads the layer's parameters.
  /// - Throws: `LayerError` at the field that is out of range, missing or contradictory.
  init(_ source: LayerSource) throws(LayerError)

  /// How quantization treats this layer (amct-facts section 5).
  var quantization: QuantizationRole { get }

  /// Shapes of the learned blobs, in Caffe's order; empty when the layer learns nothing.
  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec]
  /// Refuses learned values that make no sense together; called when weights are bound.
  func validate(_ params: [Tensor]) throws(LayerError)
  /// One shape per top; a scalar is `[]`.
  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape]
  /// Multiply-accumulate operations of one forward pass.
  func macs(_ shapes: LayerShapes) -> Int

  /// Plain loops over C-order arrays: the definition of the layer, the oracle of its kernels.
  func reference(_ run: LayerRun)
  /// A prepared fast kernel, or `nil` where `reference` serves.
  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)?
  /// This layer as an operation appended to its producer's kernel, when it can be one.
  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp?
  /// True when every top has the values of bottom 0 in the same order, so that no work is needed.
  var topsAreViews: Bool { get }
  /// Names the code that computes the layer, where it is not this program's own.
  var implementationKey: ContentKey? { get }
}

extension LayerType {
  package static var agreement: Agreement { .ulps(2) }
  package static var caffeType: String { caffeTypes[0] }
  package static func unknownName(_ parameter: LayerParameter) -> String? { nil }
  package var quantization: QuantizationRole { .none }
  package func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] { [] }
  package func validate(_ params: [Tensor]) throws(LayerError) {}
  package func macs(_ shapes: LayerShapes) -> Int { 0 }
  package func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? { nil }
  package func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? { nil }
  package var topsAreViews: Bool { false }
  package var implementationKey: ContentKey? { nil }
}

/// A layer whose tops come from outside the net: Input and the data layers.
package protocol InputLayerType: LayerType {
  /// The shape of each top as far as the prototxt says it; `nil` where only the data can tell.
  func declaredShapes(topCount: Int) -> [Shape?]
}

/// How many bottoms and tops a layer may have.
package struct Arity: Sendable, Hashable {
  package let bottoms: ClosedRange<Int>
  package let tops: ClosedRange<Int>
  /// True when the layer has as many tops as bottoms (Convolution over several bottoms).
  package let paired: Bool

  package init(bottoms: ClosedRange<Int>, tops: ClosedRange<Int>, paired: Bool = false) {
    self.bottoms = bottoms
    self.tops = tops
    self.paired = paired
  }

  package static let oneToOne = Arity(bottoms: 1...1, tops: 1...1)
}

/// What quantization does with a layer: which factors it carries and whether it is on unless asked.
package struct QuantizationRole: Sendable, Hashable {
  package enum Kind: String, Sendable {
    case weightsAndData = "weights+data"
    case data
    case none
  }
  package enum Inputs: Sendable, Hashable {
    case first, all
    /// Bottom 0 together with the state that the layer feeds back, then the bottom of a static input where there is one.
    case recurrent(statics: Int?)
  }

  package let kind: Kind
  package let enabledByDefault: Bool
  package let inputs: Inputs
  /// Channel-wise weight factors: the default, allowed; `false` means they are an error for this type.
  package let channelWise: Bool
  /// Axis of the output channels in blob 0.
  package let outputAxis: Int

  private init(_ kind: Kind, on: Bool, inputs: Inputs, channelWise: Bool, outputAxis: Int) {
    self.kind = kind
    enabledByDefault = on
    self.inputs = inputs
    self.channelWise = channelWise
    self.outputAxis = outputAxis
  }

  package static let none = QuantizationRole(.none, on: false, inputs: .first, channelWise: false, outputAxis: 0)
  package static func weightsAndData(channelWise: Bool, outputAxis: Int = 0) -> QuantizationRole {
    QuantizationRole(.weightsAndData, on: true, inputs: .first, channelWise: channelWise, outputAxis: outputAxis)
  }
  /// Weights as a whole, the first input together with the state, a static input by itself.
  package static func recurrent(statics: Int?) -> QuantizationRole {
    QuantizationRole(
      .weightsAndData, on: true, inputs: .recurrent(statics: statics), channelWise: false, outputAxis: 0)
  }
  package static func data(on: Bool = true, inputs: Inputs = .first) -> QuantizationRole {
    QuantizationRole(.data, on: on, inputs: inputs, channelWise: false, outputAxis: 0)
  }

  /// Index of the bottom that carries the factors with index `input`.
  package func bottom(ofInput input: Int) -> Int {
    if case .recurrent(let statics?) = inputs, input == 1 { return statics }
    return input
  }

  /// Index of the factors that a bottom carries; the inverse of `bottom(ofInput:)`.
  package func input(ofBottom bottom: Int) -> Int {
    if case .recurrent(let statics?) = inputs, bottom == statics { return 1 }
    return bottom
  }
}

/// Shape of one learned blob and how it is filled when the weights file has none.
package struct ParamBlobSpec: Sendable {
  /// What the values mean: decides what random weights (`bench`) look like.
  package enum Meaning: Sendable { case weight, bias, scale, mean, variance, factor, slope, zero }

  package let name: String
  package let shape: Shape
  package let meaning: Meaning
  /// A `FillerParameter`; `nil` means zeros.
  package let filler: ProtoMessage?

  package init(_ name: String, _ shape: Shape, _ meaning: Meaning, filler: ProtoMessage? = nil) {
    self.name = name
    self.shape = shape
    self.meaning = meaning
    self.filler = filler
  }
}

/// The shapes around one layer.
package struct LayerShapes: Sendable, Hashable {
  package let bottoms: [Shape]
  package let tops: [Shape]

  package init(bottoms: [Shape], tops: [Shape]) {
    self.bottoms = bottoms
    self.tops = tops
  }
}

/// One execution of a layer on C-order arrays.
///
/// A top may be the same memory as the bottom of equal index only for layers whose kernel says so; `reference` never
/// sees that.
package struct LayerRun {
  package let shapes: LayerShapes
  package let bottoms: [FloatView]
  package let tops: [MutableFloatView]
  package let params: [FloatView]

  package init(shapes: LayerShapes, bottoms: [FloatView], tops: [MutableFloatView], params: [FloatView]) {
    self.shapes = shapes
    self.bottoms = bottoms
    self.tops = tops
    self.params = params
  }
}
