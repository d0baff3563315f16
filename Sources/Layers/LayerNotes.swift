import CaffeFormat
import Diagnostics
import LayerGraph

/// What lists say of a layer type besides what its layers know: where its definition comes from, what computes it.
package struct LayerNote: Sendable {
  /// What runs a layer of the type when nothing is fused.
  package enum Runner: String, Sendable {
    case oneDNN
    case own
    /// oneDNN where it does the layer's settings and layout well, loops of our own elsewhere.
    case oneDNNOrOwn = "oneDNN or own"
    /// The loops that define the layer.
    case reference
    /// Nothing is to be computed: an input, or other names and shapes for the same memory.
    case nothing = "no work"
  }

  package let source: String
  package let runner: Runner
  /// Fields of `LayerParameter` with the type's settings, where the type's name does not say them.
  package let parameters: [String]?
  /// Settings with which a layer can be made, where it cannot without any.
  package let example: String

  init(_ source: String, _ runner: Runner, parameters: [String]? = nil, example: String = "") {
    self.source = source
    self.runner = runner
    self.parameters = parameters
    self.example = example
  }

  /// By standard name, in alphabetical order.
  package static let all: [String: LayerNote] = [
    "AbsVal": LayerNote("Caffe absval_layer.cpp", .own),
    "Accuracy": LayerNote("Caffe accuracy_layer.cpp", .own),
    "AnnotatedData": LayerNote(
      "SSD's Caffe, annotated_data_layer.cpp", .nothing,
      parameters: ["annotated_data_param", "data_param", "transform_param"]),
    "AntiQuant": LayerNote("AMCT's Caffe layer AntiQuant", .nothing, parameters: []),
    "ArgMax": LayerNote("Caffe argmax_layer.cpp", .own),
    "Axpy": LayerNote("hujie-frank/SENet axpy_layer.cpp; Hu et al. 2017, arXiv:1709.01507", .own),
    "BatchNorm": LayerNote("Caffe batch_norm_layer.cpp", .own),
    "Bias": LayerNote("Caffe bias_layer.cpp", .own),
    "BNLL": LayerNote("Caffe bnll_layer.cpp", .oneDNN),
    "Concat": LayerNote("Caffe concat_layer.cpp", .own),
    "Convolution": LayerNote(
      "Caffe conv_layer.cpp, base_conv_layer.cpp", .oneDNN,
      example: "convolution_param { num_output: 4 kernel_size: 1 }"),
    "Crop": LayerNote("Caffe crop_layer.cpp", .own),
    "Data": LayerNote("Caffe data_layer.cpp", .nothing, parameters: ["data_param", "transform_param"]),
    "Deconvolution": LayerNote(
      "Caffe deconv_layer.cpp", .oneDNN, parameters: ["convolution_param"],
      example: "convolution_param { num_output: 4 kernel_size: 1 }"),
    "DepthwiseConv": LayerNote(
      "Caffe conv_layer.cpp; depthwise as in MobileNet-Caffe forks", .oneDNN, parameters: ["convolution_param"],
      example: "convolution_param { num_output: 4 kernel_size: 1 }"),
    "DeQuant": LayerNote("AMCT's Caffe layer DeQuant", .own, parameters: ["dequant_param"]),
    "DetectionOutput": LayerNote(
      "SSD's Caffe, detection_output_layer.cpp, bbox_util.cpp; Liu et al. 2016, arXiv:1512.02325", .own,
      example: "detection_output_param { num_classes: 2 }"),
    "Dropout": LayerNote("Caffe dropout_layer.cpp", .own),
    "DummyData": LayerNote("Caffe dummy_data_layer.cpp", .nothing, example: "dummy_data_param { shape { dim: 1 } }"),
    "Eltwise": LayerNote("Caffe eltwise_layer.cpp", .own),
    "ELU": LayerNote("Caffe elu_layer.cpp", .oneDNN),
    "Exp": LayerNote("Caffe exp_layer.cpp", .own),
    "Flatten": LayerNote("Caffe flatten_layer.cpp", .nothing),
    "HDF5Data": LayerNote("Caffe hdf5_data_layer.cpp", .nothing),
    "IFMR": LayerNote(
      "AMCT's Caffe layer IFMR", .nothing,
      example:
        "ifmr_param { batch_num: 1 search_range_start: 0.7 search_range_end: 1.3 search_step: 0.01 max_percentile: 1 min_percentile: 1 object_layer: \"a\" }"
    ),
    "ImageData": LayerNote(
      "Caffe image_data_layer.cpp", .nothing, parameters: ["image_data_param", "transform_param"]),
    "InnerProduct": LayerNote(
      "Caffe inner_product_layer.cpp", .oneDNN, example: "inner_product_param { num_output: 4 }"),
    "Input": LayerNote("Caffe input_layer.cpp", .nothing),
    "Interp": LayerNote(
      "PSPNet's Caffe, interp_layer.cpp, interp.cpp", .own, example: "interp_param { zoom_factor: 2 }"),
    "Log": LayerNote("Caffe log_layer.cpp", .own),
    "LRN": LayerNote("Caffe lrn_layer.cpp", .oneDNNOrOwn),
    "LSTM": LayerNote(
      "Caffe lstm_layer.cpp, lstm_unit_layer.cpp, recurrent_layer.cpp; Donahue et al. 2014, arXiv:1411.4389",
      .reference, parameters: ["recurrent_param"], example: "recurrent_param { num_output: 4 }"),
    "MemoryData": LayerNote(
      "Caffe memory_data_layer.cpp", .nothing,
      example: "memory_data_param { batch_size: 1 channels: 1 height: 1 width: 1 }"),
    "MVN": LayerNote("Caffe mvn_layer.cpp", .own),
    "Normalize": LayerNote(
      "SSD's Caffe, normalize_layer.cpp; Liu et al. 2015, arXiv:1506.04579", .own, parameters: ["norm_param"]),
    "Permute": LayerNote("SSD's Caffe, permute_layer.cpp", .own),
    "Pooling": LayerNote("Caffe pooling_layer.cpp", .oneDNNOrOwn, example: "pooling_param { kernel_size: 2 }"),
    "Power": LayerNote("Caffe power_layer.cpp", .own),
    "PReLU": LayerNote("Caffe prelu_layer.cpp", .own),
    "PriorBox": LayerNote(
      "SSD's Caffe, prior_box_layer.cpp; Liu et al. 2016, arXiv:1512.02325", .own,
      example: "prior_box_param { min_size: 1 }"),
    "Quant": LayerNote("AMCT's Caffe layer Quant", .own, example: "quant_param { scale: 1 }"),
    "Reduction": LayerNote("Caffe reduction_layer.cpp", .own),
    "ReLU": LayerNote("Caffe relu_layer.cpp", .own),
    "Reshape": LayerNote("Caffe reshape_layer.cpp", .nothing),
    "Reverse": LayerNote("senlinuc/caffe_ocr reverse_layer.cpp; ATC's ReverseParameter", .own),
    "ROIPooling": LayerNote(
      "Fast R-CNN's Caffe, roi_pooling_layer.cpp; Girshick 2015, arXiv:1504.08083", .own,
      example: "roi_pooling_param { pooled_h: 1 pooled_w: 1 }"),
    "Scale": LayerNote("Caffe scale_layer.cpp", .own),
    "ShuffleChannel": LayerNote(
      "farmingyard/ShuffleNet shuffle_channel_layer.cpp; Zhang et al. 2017, arXiv:1707.01083", .own),
    "Sigmoid": LayerNote("Caffe sigmoid_layer.cpp", .oneDNN),
    "Silence": LayerNote("Caffe silence_layer.cpp", .nothing),
    "Slice": LayerNote("Caffe slice_layer.cpp", .own),
    "Softmax": LayerNote("Caffe softmax_layer.cpp", .oneDNNOrOwn),
    "SoftmaxWithLoss": LayerNote(
      "Caffe softmax_loss_layer.cpp, loss_layer.cpp", .own, parameters: ["softmax_param", "loss_param"]),
    "Split": LayerNote("Caffe split_layer.cpp", .nothing),
    "TanH": LayerNote("Caffe tanh_layer.cpp", .oneDNN),
    "Threshold": LayerNote("Caffe threshold_layer.cpp", .own),
    "Tile": LayerNote("Caffe tile_layer.cpp", .own, example: "tile_param { tiles: 2 }"),
    "Upsample": LayerNote("eric612/Caffe-YOLOv3 upsample_layer.cpp; darknet upsample_layer.c", .own),
    "WindowData": LayerNote("Caffe window_data_layer.cpp", .nothing),
  ]
}

extension LayerCatalog {
  /// The fields of `LayerParameter` that hold the settings of a type: those of its note, or the one that is named like it,
  /// as `batch_norm_param` is like BatchNorm.
  package static func parameterFields(of type: String, _ schema: ProtoSchema) -> [String] {
    if let fields = LayerNote.all[type]?.parameters { return fields }
    func plain(_ text: String) -> String { text.lowercased().replacing("_", with: "") }
    return schema.fieldNames(of: "LayerParameter").filter {
      $0.hasSuffix("_param") && plain($0) == plain(type + "param")
    }
  }

  /// A layer of a built-in type with the fewest settings it takes; `nil` when it needs some that its note does not give.
  package static func example(of type: any LayerType.Type, _ schema: ProtoSchema) -> (any LayerType)? {
    guard let parameter = exampleParameter(of: type, schema) else { return nil }
    return try? type.init(LayerSource(parameter))
  }

  /// The example's message, with as few bottoms and tops as the type allows, named b0 and t0 onwards.
  package static func exampleParameter(of type: any LayerType.Type, _ schema: ProtoSchema) -> LayerParameter? {
    let bottoms = (0..<type.arity.bottoms.lowerBound).map { "bottom: \"b\($0)\" " }.joined()
    let tops = (0..<type.arity.tops.lowerBound).map { "top: \"t\($0)\" " }.joined()
    let settings = LayerNote.all[type.caffeType]?.example ?? ""
    let text = "layer { name: \"example\" type: \"\(type.caffeType)\" \(bottoms)\(tops)\(settings) }"
    let net = try? schema.parseText("NetParameter", Array(text.utf8), file: "example")
    return net?.messages("layer").first.map(LayerParameter.init)
  }
}
