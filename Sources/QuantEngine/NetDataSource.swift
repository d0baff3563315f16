import CaffeFormat
import Datasets
import Diagnostics
import Glibc
import LayerGraph
import Tensors

/// The data that a net's own data layer names: `data_param`, `hdf5_data_param` or `image_data_param` with their `source`.
///
/// Paths are those of the folder the program runs in, as in Caffe.
struct NetDataSource {
  let layer: String
  let tops: [String]
  /// What `--images` would say.
  let spec: String
  /// Images per batch; 1 where the layer says none.
  let batch: Int
  /// Folder of the paths in an ImageData layer's list.
  let root: String?
  /// Channels that an ImageData layer gives every image.
  let channels: Int?
  private let parameter: LayerParameter

  /// `nil` for layers that name no data.
  init?(_ parameter: LayerParameter) {
    let messages = ["Data": "data_param", "HDF5Data": "hdf5_data_param", "ImageData": "image_data_param"]
    guard let name = messages[parameter.type], let settings = parameter.message.message(name),
      let source = settings.string("source"), !source.isEmpty
    else { return nil }
    layer = parameter.name
    tops = parameter.tops
    spec = source
    batch = max(1, settings.int("batch_size") ?? 1)
    let isImages = parameter.type == "ImageData"
    root = isImages ? settings.string("root_folder") ?? "" : nil
    channels = isImages ? (settings.bool("is_color") == false ? 1 : 3) : nil
    self.parameter = parameter
  }

  /// The source of the layer that makes the net's first input.
  init?(of graph: Graph) {
    guard let node = graph.inputs.first.flatMap({ graph[$0].producer }).flatMap({ graph[$0] }) else { return nil }
    self.init(node.parameter)
  }

  var isAtHand: Bool { unsafe access(spec, F_OK) == 0 }

  /// What to say when nothing else was given.
  var help: String { "the net's layer '\(layer)' names '\(spec)', which is not in the folder this runs in" }

  /// Shapes of the layer's tops as its data have them; empty when they are not at hand or cannot be read.
  func shapes() -> [String: Shape] {
    guard isAtHand, let input = tops.first,
      let spec = try? PreprocessingSpec(transformOf: parameter),
      let source = try? open(limit: 1, preprocessing: spec), let info = try? source.info(0)
    else { return [:] }
    let preprocessing = Preprocessing(
      channelOrder: spec.channelOrder, resize: spec.resize, crop: spec.crop, origin: .net)
    var shapes: [String: Shape] = [:]
    for top in tops.dropFirst() {
      if let item = source.columnShape(top) { shapes[top] = Shape([batch] + item.dims) }
    }
    guard let item = preprocessing.inputShape(of: info, channels: channels ?? Self.forcedChannels(parameter, info))
    else { return shapes }
    let shape = Shape([batch] + item.dims)
    if shape.isLegal, shape.count > 0 { shapes[input] = shape }
    return shapes.filter { $0.value.isLegal && $0.value.count > 0 }
  }

  /// What `force_color` and `force_gray` of a layer make of an encoded image.
  static func forcedChannels(_ parameter: LayerParameter, _ info: ImageInfo) -> Int? {
    guard let t = parameter.message.message("transform_param"), ["JPEG", "PNG"].contains(info.storage) else {
      return nil
    }
    return t.bool("force_color") == true ? 3 : t.bool("force_gray") == true ? 1 : nil
  }

  private func open(limit: Int, preprocessing: PreprocessingSpec) throws(DiagnosticError) -> ImageSource {
    var options = ImageSource.Options(limit: limit, datumDecoder: { try DatumImage(decoding: $0) })
    options.inputName = tops.first
    options.labelName = tops.count > 1 ? tops[1] : nil
    options.root = root
    return try ImageSource(spec, options: options)
  }
}

extension Preprocessing {
  /// The shape that an image becomes without anybody saying the net's; `nil` when it cannot become one.
  /// - Parameter channels: what the image shall have; its own, or 1 for grey, where `nil`.
  func inputShape(of info: ImageInfo, channels: Int?) -> Shape? {
    guard info.shape.rank == 3, info.shape.isLegal, info.shape.count > 0 else { return info.shape }
    let isEncoded = ["JPEG", "PNG"].contains(info.storage)
    // Ready numbers stay as they are unless the user preprocesses.
    if origin == .net, !isEncoded, info.storage != "uint8", resize == nil, crop == nil { return info.shape }
    var extent = Extent(height: info.shape[1], width: info.shape[2])
    if let resize { extent = resize.applied(to: extent) }
    if let crop { extent = crop }
    let grey = channelOrder == .gray && (isEncoded || origin == .user)
    return [channels ?? (grey ? 1 : info.shape[0]), extent.height, extent.width]
  }
}
