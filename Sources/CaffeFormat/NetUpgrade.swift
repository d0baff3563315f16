import Diagnostics

/// Brings nets of older formats to today's, as Caffe does on loading.
///
/// V0 (`layers { layer { type: "conv" ... } }`) and V1 (`layers { type: CONVOLUTION ... }`) become `layer { }`; V1 data
/// layers hand their preprocessing to `transform_param`; BatchNorm layers lose the three `param`s that once were needed
/// to keep the solver off their statistics. Net-level inputs stay as they are.
/// - Source: Caffe `upgrade_proto.cpp`.
enum NetUpgrade {
  /// - Parameter log: gets a note for each kind of upgrade done.
  /// - Throws: nets that mix formats, and V0 fields on layers they don't belong to.
  static func upgraded(
    _ net: ProtoMessage, schema: ProtoSchema, log: inout DiagnosticLog
  ) throws(DiagnosticError) -> ProtoMessage {
    var net = net
    let old = net.messages("layers")
    if !old.isEmpty {
      if let new = net.field("layer") {
        throw DiagnosticError(
          "the net has both 'layer' and the older 'layers'; write all of them as 'layer'", at: new.location,
          notes: [.init("the first 'layers' is here", at: old[0].location)])
      }
      let isV0 = old.contains { $0.has("layer") }
      let layers =
        isV0
        ? try V0Upgrade.layers(old, inputs: net.strings("input"))
        : old.map { V1Upgrade.layer($0) }
      net.remove("layers")
      net.setAll("layer", layers.map { .message(schema.inFieldOrder($0)) })
      log.add(.note("read the net from the older format \(isV0 ? "V0" : "V1")", at: old[0].location))
    }
    for i in net.fields.indices where net.fields[i].name == "layer" {
      guard case .message(var layer) = net.fields[i].value else { continue }
      if layer.string("type") == "BatchNorm", layer.count("param") == 3 {
        layer.remove("param")
        net.fields[i].value = .message(layer)
      }
    }
    return net
  }
}

/// V1: `layers { type: CONVOLUTION blobs_lr: 1 ... }`.
enum V1Upgrade {
  static func layer(_ old: ProtoMessage) -> ProtoMessage {
    var new = ProtoMessage("LayerParameter", location: old.location)
    var params: [ProtoMessage] = []
    /// The i-th `param`, made when absent.
    func param(_ i: Int, _ field: ProtoField, _ name: String, _ value: ProtoValue) {
      while params.count <= i { params.append(ProtoMessage("ParamSpec", location: field.location)) }
      params[i].set(name, value)
    }
    var counts: [String: Int] = [:]
    for field in old.fields {
      let i = counts[field.name, default: 0]
      counts[field.name] = i + 1
      switch field.name {
      case "type":
        if case .enumeration(let name, _) = field.value {
          new.fields.append(ProtoField("type", .string(typeNames[name] ?? name), at: field.location))
        }
      case "param":
        if let name = field.value.stringValue, !name.isEmpty { param(i, field, "name", .string(name)) }
      case "blob_share_mode": param(i, field, "share_mode", field.value)
      case "blobs_lr": param(i, field, "lr_mult", field.value)
      case "weight_decay": param(i, field, "decay_mult", field.value)
      case "layer": continue
      default: new.fields.append(field)
      }
    }
    for p in params { new.fields.append(ProtoField("param", .message(p), at: p.location)) }
    moveTransform(&new)
    return new
  }

  /// `scale`, `mean_file`, `crop_size` and `mirror` of a data layer's own parameter become its `transform_param`.
  private static func moveTransform(_ layer: inout ProtoMessage) {
    let owners = ["Data": "data_param", "ImageData": "image_data_param", "WindowData": "window_data_param"]
    guard let name = owners[layer.string("type") ?? ""], var own = layer.message(name) else { return }
    for field in ["scale", "mean_file", "crop_size", "mirror"] {
      guard let value = own.field(field)?.value else { continue }
      layer.update("transform_param", typeName: "TransformationParameter") { $0.set(field, value) }
      own.remove(field)
    }
    layer.set(name, .message(own))
  }

  /// Today's type of each V1 enum value.
  static let typeNames: [String: String] = [
    "NONE": "", "ABSVAL": "AbsVal", "ACCURACY": "Accuracy", "ARGMAX": "ArgMax", "BNLL": "BNLL", "CONCAT": "Concat",
    "CONTRASTIVE_LOSS": "ContrastiveLoss", "CONVOLUTION": "Convolution", "DATA": "Data",
    "DECONVOLUTION": "Deconvolution", "DROPOUT": "Dropout", "DUMMY_DATA": "DummyData",
    "EUCLIDEAN_LOSS": "EuclideanLoss", "ELTWISE": "Eltwise", "EXP": "Exp", "FLATTEN": "Flatten",
    "HDF5_DATA": "HDF5Data", "HDF5_OUTPUT": "HDF5Output", "HINGE_LOSS": "HingeLoss", "IM2COL": "Im2col",
    "IMAGE_DATA": "ImageData", "INFOGAIN_LOSS": "InfogainLoss", "INNER_PRODUCT": "InnerProduct", "LRN": "LRN",
    "MEMORY_DATA": "MemoryData", "MULTINOMIAL_LOGISTIC_LOSS": "MultinomialLogisticLoss", "MVN": "MVN",
    "POOLING": "Pooling", "POWER": "Power", "RELU": "ReLU", "SIGMOID": "Sigmoid",
    "SIGMOID_CROSS_ENTROPY_LOSS": "SigmoidCrossEntropyLoss", "SILENCE": "Silence", "SLICE": "Slice",
    "SOFTMAX": "Softmax", "SOFTMAX_LOSS": "SoftmaxWithLoss", "SPLIT": "Split", "TANH": "TanH",
    "THRESHOLD": "Threshold", "WINDOW_DATA": "WindowData", "QUANT": "Quant", "DEQUANT": "DeQuant",
  ]
}
