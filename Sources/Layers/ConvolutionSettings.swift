import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// The fields of `convolution_param` that Convolution, DepthwiseConv and Deconvolution share.
///
/// - Source: Caffe `base_conv_layer.cpp`.
struct ConvolutionSettings: Sendable {
  let outputs: Int
  /// `nil` when the prototxt does not say it.
  let group: Int?
  let hasBias: Bool
  let weightFiller: ProtoMessage?
  let biasFiller: ProtoMessage?
  private let axis: Int
  // One value per spatial axis, or one for all of them.
  private let kernel: [Int]
  private let stride: [Int]
  private let pad: [Int]
  private let dilation: [Int]

  init(_ source: LayerSource) throws(LayerError) {
    try self.init(source, outputs: source.positive(source.settings("convolution_param"), "num_output"))
  }

  /// Only the window counts (Im2col), so that `num_output` may be missing.
  init(windowOf source: LayerSource) throws(LayerError) {
    try self.init(source, outputs: max(1, source.settings("convolution_param").int("group") ?? 1))
  }

  private init(_ source: LayerSource, outputs: Int) throws(LayerError) {
    let p = source.settings("convolution_param")
    self.outputs = outputs
    group = p.has("group") ? try source.positive(p, "group") : nil
    if let group, outputs % group != 0 {
      throw source.error("num_output \(outputs) is not a multiple of group \(group)", p, field: "group")
    }
    hasBias = p.bool("bias_term") ?? true
    weightFiller = p.message("weight_filler")
    biasFiller = p.message("bias_filler")
    axis = p.int("axis") ?? 1
    if axis >= 0, axis != 1 {
      throw source.error("axis must be 1, is \(axis)", p, field: "axis")
    }
    kernel = try source.extents(p, "kernel_size", "kernel_h", "kernel_w", minimum: 1)
    stride = try source.extents(p, "stride", "stride_h", "stride_w", minimum: 1, default: 1)
    pad = try source.extents(p, "pad", "pad_h", "pad_w", minimum: 0, default: 0)
    dilation = try source.extents(p, "dilation", minimum: 1, default: 1)
  }

  /// The window for the spatial axes of `bottom`.
  /// - Throws: when `bottom` is not `[N, C, 1 to 3 spatial axes]` or a field has another number of values.
  func window(_ bottom: Shape) throws(LayerError) -> ConvolutionWindow {
    guard (3...5).contains(bottom.rank), bottom.canonicalAxis(axis) == 1 else {
      throw .shape(
        "needs a bottom of [N, C, H, W] (or 1 or 3 spatial axes)\(axis < 0 ? " and axis 1" : ""), got \(bottom)")
    }
    let spatial = bottom.rank - 2
    func spread(_ values: [Int], _ name: String) throws(LayerError) -> [Int] {
      if values.count == spatial { return values }
      guard values.count == 1 else {
        throw .shape("has \(values.count) values of \(name) for \(spatial) spatial axes of its bottom \(bottom)")
      }
      return [Int](repeating: values[0], count: spatial)
    }
    return ConvolutionWindow(
      kernel: try spread(kernel, "kernel_size"), stride: try spread(stride, "stride"), pad: try spread(pad, "pad"),
      dilation: try spread(dilation, "dilation"))
  }

  /// Weights of `shape` and, with `bias_term`, one bias per output.
  /// - Throws: when the weights are too large for a blob.
  func blobs(_ shape: Shape) throws(LayerError) -> [ParamBlobSpec] {
    guard shape.isLegal else { throw .shape("would need weights of \(shape), more than \(Shape.countLimit) values") }
    let weights = ParamBlobSpec("weights", shape, .weight, filler: weightFiller)
    return hasBias ? [weights, ParamBlobSpec("bias", [outputs], .bias, filler: biasFiller)] : [weights]
  }

  /// Refuses bottoms of different shapes, as Caffe does.
  func requireEqual(_ bottoms: [Shape]) throws(LayerError) {
    for b in bottoms.dropFirst() where b != bottoms[0] {
      throw .shape("needs bottoms of one shape, got \(bottoms[0]) and \(b)")
    }
  }
}

/// Kernel, stride, padding and dilation per spatial axis.
struct ConvolutionWindow: Sendable {
  let kernel: [Int]
  let stride: [Int]
  let pad: [Int]
  let dilation: [Int]

  /// Elements from the first to the last that a window touches on `axis`.
  func reach(_ axis: Int) -> Int { dilation[axis] * (kernel[axis] - 1) + 1 }
  var taps: Int { kernel.reduce(1, *) }

  /// `(in + 2 pad - reach) / stride + 1` per spatial axis.
  func convolved(_ bottom: Shape) throws(LayerError) -> [Int] {
    var out: [Int] = []
    for i in kernel.indices {
      let room = bottom[2 + i] + 2 * pad[i] - reach(i)
      if room < 0 {
        throw .shape(
          "has a kernel of \(reach(i)) on axis \(2 + i), larger than its padded bottom \(bottom) "
            + "(\(bottom[2 + i]) + 2 x \(pad[i]))")
      }
      out.append(room / stride[i] + 1)
    }
    return out
  }

  /// `stride * (in - 1) + reach - 2 pad` per spatial axis.
  func deconvolved(_ bottom: Shape) throws(LayerError) -> [Int] {
    var out: [Int] = []
    for i in kernel.indices {
      let extent = stride[i] * (bottom[2 + i] - 1) + reach(i) - 2 * pad[i]
      if extent < 1 {
        throw .shape("would make a top of extent \(extent) on axis \(2 + i) of its bottom \(bottom): pad is too large")
      }
      out.append(extent)
    }
    return out
  }

  func geometry(_ bottom: Shape, _ top: Shape, groups: Int, hasBias: Bool, transposed: Bool) -> ConvolutionGeometry {
    ConvolutionGeometry(
      bottomShape: bottom, topShape: top, groups: groups, kernel: kernel, stride: stride, pad: pad,
      dilation: dilation, hasBias: hasBias, transposed: transposed)
  }
}
