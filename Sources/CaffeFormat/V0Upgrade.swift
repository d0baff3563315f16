import Diagnostics

/// V0: `layers { layer { name: "conv1" type: "conv" num_output: 96 ... } bottom: .. top: .. }`, with paddings as layers
/// of their own.
/// - Source: Caffe `upgrade_proto.cpp`, `UpgradeV0PaddingLayers` and `UpgradeV0LayerParameter`.
enum V0Upgrade {
  /// - Parameter inputs: the net-level inputs, which bottoms may name.
  static func layers(_ old: [ProtoMessage], inputs: [String]) throws(DiagnosticError) -> [ProtoMessage] {
    var log = DiagnosticLog()
    var made: [String: ProtoMessage] = [:]  // blob name to the connection that makes it
    var new: [ProtoMessage] = []
    for connection in old {
      guard let layer = connection.message("layer") else {
        log.add(.error("a V0 net can't have newer layers among its own", at: connection.location))
        continue
      }
      let type = layer.string("type") ?? ""
      var connection = connection
      for i in connection.fields.indices where connection.fields[i].name == "bottom" {
        let name = connection.fields[i].value.stringValue ?? ""
        guard let source = made[name] else {
          if !inputs.contains(name) {
            log.add(
              .error(
                "no layer above makes '\(name)'", at: connection.fields[i].location,
                help: NearestName.help(name, among: made.keys.sorted() + inputs)))
          }
          continue
        }
        guard source.message("layer")?.string("type") == "padding" else { continue }
        guard ["conv", "pool"].contains(type), connection.count("bottom") == 1, source.count("bottom") == 1,
          let padding = source.message("layer")
        else {
          log.add(
            .error("a padding layer may only feed one conv or pool layer", at: connection.fields[i].location))
          continue
        }
        connection.update("layer", typeName: "V0LayerParameter") {
          $0.set("pad", padding.field("pad")?.value ?? .uint(0))
        }
        connection.set("bottom", .string(source.string("bottom") ?? ""))
      }
      for top in connection.strings("top") { made[top] = connection }
      if type != "padding" { new.append(upgrade(connection, log: &log)) }
    }
    try log.throwIfErrors()
    return new
  }

  private static func upgrade(_ connection: ProtoMessage, log: inout DiagnosticLog) -> ProtoMessage {
    guard let layer = connection.message("layer") else { return connection }
    let type = layer.string("type") ?? ""
    var new = ProtoMessage("LayerParameter", location: layer.location)
    new.fields = connection.fields.filter { $0.name == "bottom" || $0.name == "top" }
    var learning: [ProtoMessage] = []
    var rates: [String: Int] = [:]
    for field in layer.fields {
      switch field.name {
      case "name", "blobs", "hdf5_output_param": new.fields.append(field)
      case "type":
        if typeNames[type] == nil {
          let near = NearestName.help(type, among: typeNames.keys.sorted())
          log.add(.error("unknown V0 layer type '\(type)'", at: field.location, help: near))
        }
        new.fields.append(ProtoField("type", .string(typeNames[type] ?? type), at: field.location))
      case "blobs_lr", "weight_decay":
        let i = rates[field.name, default: 0]
        rates[field.name] = i + 1
        while learning.count <= i { learning.append(ProtoMessage("ParamSpec", location: field.location)) }
        learning[i].set(field.name == "blobs_lr" ? "lr_mult" : "decay_mult", field.value)
      case "scale", "meanfile", "cropsize", "mirror":
        let names = ["meanfile": "mean_file", "cropsize": "crop_size"]
        new.update("transform_param", typeName: "TransformationParameter") {
          $0.set(names[field.name] ?? field.name, field.value)
        }
      default:
        guard let target = targets[field.name]?[type] else {
          log.add(.error("field '\(field.name)' does not belong to a V0 layer of type '\(type)'", at: field.location))
          continue
        }
        new.update(target.message, typeName: target.typeName) {
          $0.fields.append(ProtoField(target.field, field.value, at: field.location))
        }
      }
    }
    for p in learning { new.fields.append(ProtoField("param", .message(p), at: p.location)) }
    return new
  }

  /// Where a V0 field goes for a layer of some V0 type.
  private struct Target {
    var message: String
    var typeName: String
    var field: String

    init(_ message: String, _ typeName: String, _ field: String) {
      self.message = message
      self.typeName = typeName
      self.field = field
    }
  }

  /// V0 field, then V0 layer type.
  private static let targets: [String: [String: Target]] = {
    let owners: [String: (message: String, typeName: String)] = [
      "conv": ("convolution_param", "ConvolutionParameter"), "pool": ("pooling_param", "PoolingParameter"),
      "innerproduct": ("inner_product_param", "InnerProductParameter"), "lrn": ("lrn_param", "LRNParameter"),
      "dropout": ("dropout_param", "DropoutParameter"), "concat": ("concat_param", "ConcatParameter"),
      "data": ("data_param", "DataParameter"), "hdf5_data": ("hdf5_data_param", "HDF5DataParameter"),
      "images": ("image_data_param", "ImageDataParameter"),
      "window_data": ("window_data_param", "WindowDataParameter"),
      "infogain_loss": ("infogain_loss_param", "InfogainLossParameter"),
    ]
    let moves: [(field: String, as: String, types: [String])] = [
      ("num_output", "num_output", ["conv", "innerproduct"]), ("biasterm", "bias_term", ["conv", "innerproduct"]),
      ("weight_filler", "weight_filler", ["conv", "innerproduct"]),
      ("bias_filler", "bias_filler", ["conv", "innerproduct"]), ("pad", "pad", ["conv", "pool"]),
      ("kernelsize", "kernel_size", ["conv", "pool"]), ("group", "group", ["conv"]),
      ("stride", "stride", ["conv", "pool"]), ("pool", "pool", ["pool"]),
      ("dropout_ratio", "dropout_ratio", ["dropout"]), ("local_size", "local_size", ["lrn"]),
      ("alpha", "alpha", ["lrn"]), ("beta", "beta", ["lrn"]), ("k", "k", ["lrn"]),
      ("source", "source", ["data", "hdf5_data", "images", "window_data", "infogain_loss"]),
      ("batchsize", "batch_size", ["data", "hdf5_data", "images", "window_data"]),
      ("rand_skip", "rand_skip", ["data", "images"]), ("shuffle_images", "shuffle", ["images"]),
      ("new_height", "new_height", ["images"]), ("new_width", "new_width", ["images"]),
      ("concat_dim", "concat_dim", ["concat"]), ("det_fg_threshold", "fg_threshold", ["window_data"]),
      ("det_bg_threshold", "bg_threshold", ["window_data"]), ("det_fg_fraction", "fg_fraction", ["window_data"]),
      ("det_context_pad", "context_pad", ["window_data"]), ("det_crop_mode", "crop_mode", ["window_data"]),
    ]
    var out: [String: [String: Target]] = [:]
    for move in moves {
      for type in move.types {
        guard let owner = owners[type] else { continue }
        out[move.field, default: [:]][type] = Target(owner.message, owner.typeName, move.as)
      }
    }
    return out
  }()

  /// Today's type of each V0 type.
  static let typeNames: [String: String] = [
    "accuracy": "Accuracy", "bnll": "BNLL", "concat": "Concat", "conv": "Convolution", "data": "Data",
    "dropout": "Dropout", "euclidean_loss": "EuclideanLoss", "flatten": "Flatten", "hdf5_data": "HDF5Data",
    "hdf5_output": "HDF5Output", "im2col": "Im2col", "images": "ImageData", "infogain_loss": "InfogainLoss",
    "innerproduct": "InnerProduct", "lrn": "LRN", "multinomial_logistic_loss": "MultinomialLogisticLoss",
    "pool": "Pooling", "relu": "ReLU", "sigmoid": "Sigmoid", "softmax": "Softmax",
    "softmax_loss": "SoftmaxWithLoss", "split": "Split", "tanh": "TanH", "window_data": "WindowData",
  ]
}
