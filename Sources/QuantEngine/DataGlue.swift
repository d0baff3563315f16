import CaffeFormat
import Datasets
import Diagnostics
import LayerGraph

extension DatumImage {
  /// An entry of a Caffe LMDB from its `Datum` message.
  init(decoding bytes: [UInt8]) throws(DiagnosticError) {
    let datum = try Datum(bytes, name: "datum")
    self.init(
      channels: datum.channels, height: datum.height, width: datum.width, label: datum.label,
      content: datum.isEncoded
        ? .encoded(datum.data) : datum.data.isEmpty ? .floats(datum.floatData) : .bytes(datum.data))
  }
}

extension PreprocessingSpec {
  /// What a data layer's own `transform_param` asks for; nothing for other layers.
  init(transformOf layer: LayerParameter) throws(DiagnosticError) {
    guard let t = layer.message.message("transform_param") else {
      self.init()
      origin = .net
      return
    }
    let image = layer.message.message("image_data_param")
    var extent: Extent?
    if let h = image?.int("new_height"), let w = image?.int("new_width"), h > 0, w > 0 {
      extent = Extent(height: h, width: w)
    }
    try self.init(
      transformScale: t.float("scale") ?? 1, meanValues: t.floats("mean_value"), meanFile: t.string("mean_file"),
      cropSize: t.int("crop_size") ?? 0, forceGray: t.bool("force_gray") ?? false,
      forceColor: t.bool("force_color") ?? false, newExtent: extent, at: t.location)
  }
}
