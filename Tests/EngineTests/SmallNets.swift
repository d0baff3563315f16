import TestSupport

/// Nets that exercise one thing of the plan each.
enum SmallNets {
  private static let data = NetText.input("data", [2, 3, 6, 5])

  private static func conv(_ name: String, _ bottom: String, _ outputs: Int, top: String? = nil) -> String {
    NetText.layer(
      name, "Convolution", [bottom], [top ?? name], "convolution_param { num_output: \(outputs) kernel_size: 3 pad: 1 }"
    )
  }

  /// conv1 - relu1, then conv2 - bn2 + relu1 - relu2: everything of the second half is one step.
  static let residual =
    data + conv("conv1", "data", 8) + NetText.layer("relu1", "ReLU", ["conv1"], ["relu1"]) + conv("conv2", "relu1", 8)
    + NetText.layer("bn2", "BatchNorm", ["conv2"], ["bn2"])
    + conv("branch", "data", 8) + NetText.layer("add", "Eltwise", ["bn2", "branch"], ["add"])
    + NetText.layer("relu2", "ReLU", ["add"], ["relu2"])

  /// The other operand of the sum is read once more, or as a view, so the sum must not overwrite it.
  static let residualReadLater =
    data + conv("branch", "data", 8) + conv("conv2", "data", 8)
    + NetText.layer("add", "Eltwise", ["conv2", "branch"], ["add"])
    + NetText.layer("late", "Sigmoid", ["branch"], ["late"])
    + conv("other", "data", 8) + NetText.layer("split", "Split", ["other"], ["o1", "o2"]) + conv("conv3", "data", 8)
    + NetText.layer("add3", "Eltwise", ["conv3", "o1"], ["add3"]) + NetText.layer("late3", "TanH", ["o2"], ["late3"])

  static let inPlace =
    data + conv("conv1", "data", 4) + NetText.layer("bn1", "BatchNorm", ["conv1"], ["conv1"])
    + NetText.layer("relu1", "ReLU", ["conv1"], ["conv1"]) + NetText.layer("drop1", "Dropout", ["conv1"], ["conv1"])
    + NetText.layer("abs", "AbsVal", ["conv1"], ["abs"]) + NetText.layer("sig", "Sigmoid", ["abs"], ["abs"])

  /// Views of one another, whose memory a later in-place layer must leave alone.
  static let views =
    data + conv("conv1", "data", 8) + NetText.layer("split", "Split", ["conv1"], ["a", "b"])
    + NetText.layer("relu", "ReLU", ["a"], ["relu"]) + NetText.layer("flat", "Flatten", ["b"], ["flat"])
    + NetText.layer("fc", "InnerProduct", ["flat"], ["fc"], "inner_product_param { num_output: 4 }")
    + NetText.layer("back", "Reshape", ["flat"], ["back"], "reshape_param { shape { dim: 0 dim: 8 dim: 6 dim: 5 } }")
    + NetText.layer("sum", "Eltwise", ["back", "relu"], ["sum"])
    + NetText.layer("p", "Power", ["sum"], ["p"], "power_param { shift: 1 }")

  static let severalReaders =
    data + conv("conv1", "data", 8) + NetText.layer("relu1", "ReLU", ["conv1"], ["relu1"])
    + NetText.layer("early", "Sigmoid", ["conv1"], ["early"]) + conv("left", "relu1", 4) + conv("right", "relu1", 4)
    + NetText.layer("cat", "Concat", ["left", "right", "early"], ["cat"])
    + NetText.layer("max", "Eltwise", ["relu1", "early"], ["max"], "eltwise_param { operation: MAX }")
    + NetText.layer("pool", "Pooling", ["cat"], ["pool"], "pooling_param { pool: AVE kernel_size: 2 stride: 2 }")

  /// Activations that become part of the convolution before them, and a product of two blobs.
  static let activations =
    data + conv("conv1", "data", 8) + NetText.layer("swish", "Swish", ["conv1"], ["swish"], "swish_param { beta: 1.5 }")
    + conv("conv2", "swish", 8) + NetText.layer("relu6", "ReLU6", ["conv2"], ["relu6"])
    + conv("conv3", "relu6", 8) + NetText.layer("rrelu", "RReLU", ["conv3"], ["rrelu"])
    + conv("conv4", "rrelu", 8)
    + NetText.layer("clip", "Clip", ["conv4"], ["clip"], "clip_param { min: -0.1 max: 0.2 }")
    + conv("conv5", "clip", 8) + NetText.layer("gate", "Hswish", ["conv5"], ["conv5"])
    + NetText.layer("above", "Greater", ["conv5", "clip"], ["above"])
    + NetText.layer("norm", "GroupNorm", ["conv5"], ["norm"], "group_norm_param { group: 4 }")
    + NetText.layer("product", "MatMul", ["norm", "above"], ["product"], "matmul_param { transpose_b: true }")
    + NetText.layer("mean", "ReduceMean", ["product"], ["mean"], "reduce_mean_param { axis: 2 axis: 3 }")

  static let all = [
    ("activations", activations),
    ("residual", residual), ("residual read later", residualReadLater), ("in place", inPlace), ("views", views),
    ("several readers", severalReaders),
  ]
}
