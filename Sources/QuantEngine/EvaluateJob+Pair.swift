import LayerGraph

extension EvaluateJob {
  /// Accuracy of a net on labelled images that are no part of what it was quantized with.
  /// - Parameters:
  ///   - spec: the images, as `--images` takes them.
  ///   - data: how they become the net's input.
  static func scores(
    _ model: LoadedModel, _ spec: String, _ labels: String?, _ data: DataOptions, threads: Int,
    progress: (Int, Int) -> Void
  ) throws(QuantError) -> Evaluation {
    let feed = try feed(model, spec, labels, data)
    return try evaluate(model, feed, output: nil, threads: threads, progress: progress)
  }

  /// The labelled images as batches.
  /// - Throws: what `scores` would throw of them, without running the net.
  static func feed(
    _ model: LoadedModel, _ spec: String, _ labels: String?, _ data: DataOptions
  ) throws(QuantError) -> DataFeed {
    _ = try scoreBlob(model.graph, nil)
    var options = data
    options.images = spec
    options.inputs = []
    options.labels = labels
    return try DataFeed(options, for: model)
  }
}

extension OutputPrefix {
  /// The fake-quant model that was saved under this prefix, read with what the original was read with.
  func fakeQuantModel(of model: LoadedModel) throws(QuantError) -> LoadedModel {
    try LoadedModel(
      ModelFiles(
        prototxt: file("fake_quant_model.prototxt"), weights: file("fake_quant_weights.caffemodel"),
        protos: model.files.protos, plugins: model.files.plugins, passThrough: model.files.passThrough,
        inputShapes: model.inputShapes))
  }
}
