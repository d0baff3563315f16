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
    "ArgMin": LayerNote(
      "Caffe argmax_layer.cpp with the order turned", .own, parameters: ["argmax_param", "argmin_param"]),
    "Axpy": LayerNote("hujie-frank/SENet axpy_layer.cpp; Hu et al. 2017, arXiv:1709.01507", .own),
    "BatchNorm": LayerNote("Caffe batch_norm_layer.cpp", .own),
    "BatchReindex": LayerNote("Caffe batch_reindex_layer.cpp", .own, parameters: []),
    "Bias": LayerNote("Caffe bias_layer.cpp", .own),
    "BNLL": LayerNote("Caffe bnll_layer.cpp", .oneDNN),
    "Ceil": LayerNote("ceil_layer.cpp of Synopsys' Caffe", .own, parameters: []),
    "Clip": LayerNote("Caffe clip_layer.cpp", .own, example: "clip_param { min: 0 max: 6 }"),
    "Concat": LayerNote("Caffe concat_layer.cpp", .own),
    "ContrastiveLoss": LayerNote("Caffe contrastive_loss_layer.cpp", .reference),
    "Convolution": LayerNote(
      "Caffe conv_layer.cpp, base_conv_layer.cpp", .oneDNN,
      example: "convolution_param { num_output: 4 kernel_size: 1 }"),
    "Cos": LayerNote("The function cos; Synopsys' Caffe cos_layer.cpp", .own, parameters: []),
    "CReLU": LayerNote("Shang et al. 2016, arXiv:1603.05201; crelu_layer.cpp of Cambricon's Caffe", .own),
    "Crop": LayerNote("Caffe crop_layer.cpp", .own),
    "Data": LayerNote("Caffe data_layer.cpp", .nothing, parameters: ["data_param", "transform_param"]),
    "Deconvolution": LayerNote(
      "Caffe deconv_layer.cpp", .oneDNN, parameters: ["convolution_param"],
      example: "convolution_param { num_output: 4 kernel_size: 1 }"),
    "DepthwiseConv": LayerNote(
      "Caffe conv_layer.cpp; depthwise as in MobileNet-Caffe forks", .oneDNN, parameters: ["convolution_param"],
      example: "convolution_param { num_output: 4 kernel_size: 1 }"),
    "DeQuant": LayerNote("AMCT's Caffe layer DeQuant", .own, parameters: ["dequant_param"]),
    "DetectionEvaluate": LayerNote(
      "SSD's Caffe, detection_evaluate_layer.cpp", .reference, example: "detection_evaluate_param { num_classes: 2 }"),
    "DetectionOutput": LayerNote(
      "SSD's Caffe, detection_output_layer.cpp, bbox_util.cpp; Liu et al. 2016, arXiv:1512.02325", .own,
      example: "detection_output_param { num_classes: 2 }"),
    "Dropout": LayerNote("Caffe dropout_layer.cpp", .own),
    "DummyData": LayerNote("Caffe dummy_data_layer.cpp", .nothing, example: "dummy_data_param { shape { dim: 1 } }"),
    "Eltwise": LayerNote("Caffe eltwise_layer.cpp", .own),
    "ELU": LayerNote("Caffe elu_layer.cpp", .oneDNN),
    "Embed": LayerNote("Caffe embed_layer.cpp", .own, example: "embed_param { num_output: 4 input_dim: 4 }"),
    "Equal": LayerNote("The operator Equal of ONNX; Synopsys' Caffe equal_layer.cpp", .own, parameters: []),
    "Erf": LayerNote("The error function, C library erff", .own, parameters: []),
    "EuclideanLoss": LayerNote("Caffe euclidean_loss_layer.cpp", .reference, parameters: []),
    "Exp": LayerNote("Caffe exp_layer.cpp", .own),
    "Filter": LayerNote("Caffe filter_layer.cpp", .reference, parameters: []),
    "Flatten": LayerNote("Caffe flatten_layer.cpp", .nothing),
    "Gemm": LayerNote("gemm_layer.cpp of Synopsys' Caffe; the operator Gemm of ONNX", .own),
    "Greater": LayerNote("The operator Greater of ONNX", .own, parameters: []),
    "GroupNorm": LayerNote(
      "Wu & He 2018, arXiv:1803.08494; group_norm_layer.cpp of GroupNorm-caffe and of SENet's author", .own),
    "GRU": LayerNote(
      "Synopsys' Caffe, gru_layer.cpp; BVLC has none. Cho et al. 2014, arXiv:1406.1078", .own,
      parameters: ["recurrent_param"], example: "recurrent_param { num_output: 4 }"),
    "GRUCalibration": LayerNote(
      "Ours, after AMCT's Caffe layer LSTMCalibration", .own, parameters: ["recurrent_param", "gru_calibration_param"],
      example: "recurrent_param { num_output: 4 }"),
    "GRUQuant": LayerNote(
      "Ours, after AMCT's Caffe layer LSTMQuant", .own, parameters: ["recurrent_param", "gru_quant_param"],
      example: "recurrent_param { num_output: 4 } gru_quant_param { w_h_quant_param { scale: 1 } }"),
    "HDF5Data": LayerNote("Caffe hdf5_data_layer.cpp", .nothing),
    "HingeLoss": LayerNote("Caffe hinge_loss_layer.cpp", .own),
    "Hswish": LayerNote("Howard et al. 2019, arXiv:1905.02244; hard_swish_layer.cpp of Synopsys' Caffe", .own),
    "IFMR": LayerNote(
      "AMCT's Caffe layer IFMR", .nothing,
      example:
        "ifmr_param { batch_num: 1 search_range_start: 0.7 search_range_end: 1.3 search_step: 0.01 max_percentile: 1 min_percentile: 1 object_layer: \"a\" }"
    ),
    "Im2col": LayerNote(
      "Caffe im2col_layer.cpp, im2col.cpp", .reference, parameters: ["convolution_param"],
      example: "convolution_param { kernel_size: 1 }"),
    "ImageData": LayerNote(
      "Caffe image_data_layer.cpp", .nothing, parameters: ["image_data_param", "transform_param"]),
    "InfogainLoss": LayerNote(
      "Caffe infogain_loss_layer.cpp", .own, parameters: ["infogain_loss_param", "loss_param"]),
    "InnerProduct": LayerNote(
      "Caffe inner_product_layer.cpp", .oneDNN, example: "inner_product_param { num_output: 4 }"),
    "Input": LayerNote("Caffe input_layer.cpp", .nothing),
    "Interp": LayerNote(
      "PSPNet's Caffe, interp_layer.cpp, interp.cpp", .own, example: "interp_param { zoom_factor: 2 }"),
    "LayerNormalization": LayerNote(
      "Ba et al. 2016, arXiv:1607.06450; layer_norm_layer.cpp of Synopsys' Caffe", .own,
      parameters: ["layer_norm_param"]),
    "Log": LayerNote("Caffe log_layer.cpp", .own),
    "LRN": LayerNote("Caffe lrn_layer.cpp", .oneDNNOrOwn),
    "LSTM": LayerNote(
      "Caffe lstm_layer.cpp, lstm_unit_layer.cpp, recurrent_layer.cpp; Donahue et al. 2014, arXiv:1411.4389",
      .own, parameters: ["recurrent_param"], example: "recurrent_param { num_output: 4 }"),
    "LSTMCalibration": LayerNote(
      "AMCT's Caffe layer LSTMCalibration", .own, parameters: ["recurrent_param", "lstm_calibration_param"],
      example: "recurrent_param { num_output: 4 }"),
    "LSTMQuant": LayerNote(
      "AMCT's Caffe layer LSTMQuant", .own, parameters: ["recurrent_param", "lstm_quant_param"],
      example: "recurrent_param { num_output: 4 } lstm_quant_param { w_h_quant_param { scale: 1 } }"),
    "MatMul": LayerNote("matmul_layer.cpp of Synopsys' Caffe, which takes equal axes only", .own),
    "MemoryData": LayerNote(
      "Caffe memory_data_layer.cpp", .nothing,
      example: "memory_data_param { batch_size: 1 channels: 1 height: 1 width: 1 }"),
    "MultiBoxLoss": LayerNote(
      "SSD's Caffe, multibox_loss_layer.cpp, bbox_util.cpp", .reference,
      example: "multibox_loss_param { num_classes: 2 }"),
    "MultinomialLogisticLoss": LayerNote("Caffe multinomial_logistic_loss_layer.cpp", .own, parameters: []),
    "Mvm": LayerNote("Ours: matrix times vector", .own),
    "MVN": LayerNote("Caffe mvn_layer.cpp", .own),
    "Nms": LayerNote("Ours: SSD's Caffe bbox_util.cpp, ApplyNMSFast", .reference),
    "Normalize": LayerNote(
      "SSD's Caffe, normalize_layer.cpp; Liu et al. 2015, arXiv:1506.04579", .own, parameters: ["norm_param"]),
    "Pad": LayerNote(
      "pad_layer.cpp of Synopsys' Caffe; the modes are those of numpy.pad", .own,
      example:
        "pad_param { paddings: 0 paddings: 0 paddings: 0 paddings: 0 paddings: 1 paddings: 1 paddings: 1 paddings: 1 }"),
    "Parameter": LayerNote("Caffe parameter_layer.hpp", .reference, example: "parameter_param { shape { dim: 1 } }"),
    "PassThrough": LayerNote(
      "the public forks' pass_through_layer.cpp, reorganize_layer.cpp", .own,
      example: "pass_through_param { block_height: 2 block_width: 2 }"),
    "Permute": LayerNote("SSD's Caffe, permute_layer.cpp", .own),
    "Pooling": LayerNote("Caffe pooling_layer.cpp", .oneDNNOrOwn, example: "pooling_param { kernel_size: 2 }"),
    "Power": LayerNote("Caffe power_layer.cpp", .own),
    "PReLU": LayerNote("Caffe prelu_layer.cpp", .own),
    "PriorBox": LayerNote(
      "SSD's Caffe, prior_box_layer.cpp; Liu et al. 2016, arXiv:1512.02325", .own,
      example: "prior_box_param { min_size: 1 }"),
    "Proposal": LayerNote("names from the C++ forks of Faster R-CNN, proposal_layer.cpp", .reference),
    "PSROIPooling": LayerNote(
      "R-FCN's Caffe, psroi_pooling_layer.cu; Dai et al. 2016, arXiv:1605.06409", .own,
      example: "psroi_pooling_param { spatial_scale: 1 output_dim: 1 group_size: 2 }"),
    "Python": LayerNote(
      "py-faster-rcnn lib/fast_rcnn/config.py", .reference,
      example: "python_param { module: \"rpn.proposal_layer\" layer: \"ProposalLayer\" param_str: \"feat_stride: 16\" }"
    ),
    "Quant": LayerNote("AMCT's Caffe layer Quant", .own, example: "quant_param { scale: 1 }"),
    "ReduceMax": LayerNote("Synopsys' Caffe reduce_max_layer.cpp", .own),
    "ReduceMean": LayerNote("Synopsys' Caffe reduce_mean_layer.cpp", .own),
    "ReduceMin": LayerNote("Synopsys' Caffe reduce_min_layer.cpp", .own),
    "ReduceProd": LayerNote("Synopsys' Caffe reduce_prod_layer.cpp", .own),
    "ReduceSum": LayerNote("Synopsys' Caffe reduce_sum_layer.cpp", .own),
    "Reduction": LayerNote("Caffe reduction_layer.cpp", .own),
    "Region": LayerNote("darknet region_layer.c, forward; fields of ATC's region_param", .reference),
    "ReLU": LayerNote("Caffe relu_layer.cpp", .own),
    "ReLU6": LayerNote("the ReLU6 layer that Caffe ports of MobileNet v2 add, relu6_layer.cpp", .own),
    "Reorg": LayerNote("darknet blas.c, reorg_cpu; the YOLO v2 forks' reorg_layer.hpp", .own),
    "Reshape": LayerNote("Caffe reshape_layer.cpp", .nothing),
    "Reverse": LayerNote("senlinuc/caffe_ocr reverse_layer.cpp; ATC's ReverseParameter", .own),
    "RNN": LayerNote(
      "Caffe rnn_layer.cpp, recurrent_layer.cpp", .own, parameters: ["recurrent_param"],
      example: "recurrent_param { num_output: 4 }"),
    "RNNCalibration": LayerNote(
      "Ours, after AMCT's Caffe layer LSTMCalibration", .own, parameters: ["recurrent_param", "rnn_calibration_param"],
      example: "recurrent_param { num_output: 4 }"),
    "RNNQuant": LayerNote(
      "Ours, after AMCT's Caffe layer LSTMQuant", .own, parameters: ["recurrent_param", "rnn_quant_param"],
      example: "recurrent_param { num_output: 4 } rnn_quant_param { w_h_quant_param { scale: 1 } }"),
    "ROIAlign": LayerNote(
      "He et al. 2017, arXiv:1703.06870; Caffe2's roi_align_op.cc; ATC's ROIAlign for roi_end_mode", .own,
      example: "roi_align_param { pooled_h: 1 pooled_w: 1 }"),
    "ROIPooling": LayerNote(
      "Fast R-CNN's Caffe, roi_pooling_layer.cpp; Girshick 2015, arXiv:1504.08083", .own,
      example: "roi_pooling_param { pooled_h: 1 pooled_w: 1 }"),
    "RReLU": LayerNote("Xu et al. 2015, arXiv:1505.00853, and the authors' rrelu_layer.cpp", .own),
    "Scale": LayerNote("Caffe scale_layer.cpp", .own),
    "ShuffleChannel": LayerNote(
      "farmingyard/ShuffleNet shuffle_channel_layer.cpp; Zhang et al. 2017, arXiv:1707.01083", .own),
    "Sigmoid": LayerNote("Caffe sigmoid_layer.cpp", .oneDNN),
    "SigmoidCrossEntropyLoss": LayerNote(
      "Caffe sigmoid_cross_entropy_loss_layer.cpp", .reference, parameters: ["loss_param"]),
    "Sign": LayerNote("The operator Sign of ONNX", .own, parameters: []),
    "Silence": LayerNote("Caffe silence_layer.cpp", .nothing),
    "Sin": LayerNote("The function sin; Synopsys' Caffe sin_layer.cpp", .own, parameters: []),
    "Slice": LayerNote("Caffe slice_layer.cpp", .own),
    "SmoothL1Loss": LayerNote("Fast R-CNN's Caffe, smooth_L1_loss_layer.cu; SSD's takes the first three", .reference),
    "Softmax": LayerNote("Caffe softmax_layer.cpp", .oneDNNOrOwn),
    "SoftmaxWithLoss": LayerNote(
      "Caffe softmax_loss_layer.cpp, loss_layer.cpp", .own, parameters: ["softmax_param", "loss_param"]),
    "Sort": LayerNote("Ours: numpy.sort and numpy.argsort", .own),
    "Split": LayerNote("Caffe split_layer.cpp", .nothing),
    "SPP": LayerNote(
      "Caffe spp_layer.cpp, pooling_layer.cpp; He et al. 2014, arXiv:1406.4729", .reference,
      example: "spp_param { pyramid_height: 1 }"),
    "Sqrt": LayerNote("The operator Sqrt of ONNX", .oneDNN, parameters: []),
    "Swish": LayerNote("Caffe swish_layer.cpp", .oneDNN),
    "TanH": LayerNote("Caffe tanh_layer.cpp", .oneDNN),
    "Threshold": LayerNote("Caffe threshold_layer.cpp", .own),
    "Tile": LayerNote("Caffe tile_layer.cpp", .own, example: "tile_param { tiles: 2 }"),
    "TopK": LayerNote("Ours: the operator TopK of ONNX", .own),
    "Transpose": LayerNote(
      "transpose_layer.cpp of the OCR and CTC forks", .own, example: "transpose_param { dim: 0 dim: 2 dim: 3 dim: 1 }"),
    "Unpooling": LayerNote(
      "DeconvNet's Caffe, unpooling_layer.cpp; Noh et al. 2015, arXiv:1505.04366", .own,
      example: "unpooling_param { kernel_size: 2 }"),
    "Upsample": LayerNote("eric612/Caffe-YOLOv3 upsample_layer.cpp; darknet upsample_layer.c", .own),
    "WindowData": LayerNote("Caffe window_data_layer.cpp", .nothing),
    "Yolo": LayerNote("darknet yolo_layer.c, forward; fields of ATC's yolo_param", .reference),
    "YoloDetectionOutput": LayerNote(
      "MobileNet-YOLO yolo_detection_output_layer.cpp; Redmon and Farhadi 2016, arXiv:1612.08242", .reference,
      example: "yolo_detection_output_param { num_classes: 2 coords: 4 num_box: 1 biases: 1 biases: 1 }"),
    "Yolov3DetectionOutput": LayerNote(
      "MobileNet-YOLO yolov3_detection_output_layer.cpp; Redmon and Farhadi 2018, arXiv:1804.02767", .reference,
      example:
        "yolov3_detection_output_param { num_classes: 2 num_box: 1 mask_group_num: 1 biases: 1 biases: 1 mask: 0 anchors_scale: 16 }"
    ),
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
