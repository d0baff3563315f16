import CaffeFormat
import Diagnostics
import LayerGraph
import Tensors

/// The factors of a user's record, found to fit a net.
package struct MatchedRecord: Sendable {
  package var record: FactorRecord
  /// The 16 levels of the layers with non-uniform weights, ascending.
  package var codebooks: [String: [Int8]]
}

extension RecordFile {
  /// The types of layers that a user may give factors for.
  /// - Source: AMCT user guide, convert_model.
  static let convertibleTypes: Set<String> = [
    "InnerProduct", "Convolution", "DepthwiseConv", "Deconvolution", "PassThrough", "Pooling", "PSROIPooling",
    "ROIPooling", "SPP", "Upsample", "Eltwise", "Slice", "Concat", "Softmax", "ROIAlign", "AbsVal", "BNLL", "CReLU",
    "ELU", "Exp", "Interp", "Log", "LRN", "Mvm", "Nms", "Normalize", "Power", "PReLU", "Reduction", "ReLU", "Sigmoid",
    "Sort", "Threshold", "Scale", "BatchNorm", "Bias", "Reshape", "ShuffleChannel", "Crop",
  ]

  /// Layers whose BatchNorm, Scale and Bias stay where they are.
  package var skipFusion: [String] { entries.filter(\.skipFusion).map(\.layer) }

  /// Checks names, types and inputs against the net as the user has it, before anything is fused.
  /// - Parameters:
  ///   - model: file of the net, for messages.
  ///   - log: gets the warnings.
  /// - Throws: up to 20 errors with their places in the record.
  package func check(against graph: Graph, model: String, log: inout DiagnosticLog) throws(DiagnosticError) {
    var found = DiagnosticLog()
    let nodes = graph.nodesByName
    for entry in entries {
      guard let node = nodes[entry.layer] else {
        found.add(
          .error(
            "find \(entry.layer) failure in \(model). Please match \(model) and \(file).", at: entry.location,
            help: Self.accelerated(entry.layer, nodes) ?? NearestName.help(entry.layer, among: graph.quantizableNames)))
        continue
      }
      guard node.isQuantizable, Self.convertibleTypes.contains(node.standardType) else {
        found.add(
          .error(
            "layer \(entry.layer) cannot be quantized", at: entry.location,
            notes: [.init("convert takes no factors for type \(graph.typeName(of: node.parameter))", at: node.location)]
          )
        )
        continue
      }
      entry.checkInputs(of: node, &found)
    }
    try found.throwErrorsInFileOrder()
    warnAboutShifts(&log)
    warnAboutUnusualScales(&log)
  }

  /// The factors for a net whose BatchNorm, Scale and Bias are fused, in its order.
  /// - Parameters:
  ///   - absorbed: layers taken into others, by their host.
  ///   - codebooks: levels of non-uniform weights that are known from elsewhere.
  /// - Throws: up to 20 errors with their places in the record: factors of layers that are gone, and of weights that
  ///   don't fit them.
  package func matched(
    to graph: Graph, absorbed: [String: [String]], codebooks: [String: [Int8]] = [:]
  ) throws(DiagnosticError) -> MatchedRecord {
    var found = DiagnosticLog()
    var result = MatchedRecord(record: FactorRecord(), codebooks: [:])
    let byLayer = Dictionary(uniqueKeysWithValues: entries.map { ($0.layer, $0) })
    for node in graph.nodes {
      guard let entry = byLayer[node.name], result.record[node.name] == nil else { continue }
      let before = found.errorCount
      entry.checkInputs(of: node, &found)
      guard found.errorCount == before else { continue }
      var record = LayerRecord(layer: node.name, data: entry.spread(over: node))
      record.skipFusion = entry.skipFusion
      if node.hasQuantizableWeights, let weights = entry.weights(of: node, codebooks[node.name], &found) {
        record.weightScales = weights.scales
        record.weightBits = weights.codebook == nil ? 8 : SNQ.numBits
        record.shiftBits = weights.shifts
        result.codebooks[node.name] = weights.codebook
      }
      result.record.layers.append(record)
    }
    for (host, layers) in absorbed.sorted(by: { $0.key < $1.key }) {
      for layer in layers {
        guard let entry = byLayer[layer] else { continue }
        found.add(
          .error(
            "layer '\(layer)' is fused into '\(host)', so it cannot have factors of its own", at: entry.location,
            help: ["take its record out, or set skip_fusion: true in the record of '\(host)'"]))
      }
    }
    let known = Set(graph.nodes.map(\.name) + absorbed.values.joined())
    for entry in entries where !known.contains(entry.layer) {
      found.add(.error("layer '\(entry.layer)' is not in the net that is to take these factors", at: entry.location))
    }
    try found.throwErrorsInFileOrder()
    return result
  }

  /// What to say of a layer that quantization made of BatchNorm, Scale or Bias.
  private static func accelerated(_ layer: String, _ nodes: [String: Node]) -> [String]? {
    let suffix = "_depthwise_conv"
    guard layer.hasSuffix(suffix), nodes[String(layer.dropLast(suffix.count))] != nil else { return nil }
    return ["quantize made it of '\(layer.dropLast(suffix.count))', which convert leaves float: take its record out"]
  }

  private func warnAboutShifts(_ log: inout DiagnosticLog) {
    let shifted = entries.filter { !$0.shiftBits.isEmpty }
    guard let first = shifted.first else { return }
    log.add(
      .warning(
        "shift_bit is kept in the DeQuant layer, and not simulated: "
          + (shifted.count == 1
            ? "layer '\(first.layer)' has it" : "'\(first.layer)' and \(shifted.count - 1) more layers have it"),
        at: first.message.location(of: "shift_bit")))
  }

  private func warnAboutUnusualScales(_ log: inout DiagnosticLog) {
    for entry in entries {
      for (data, place) in zip(entry.data, entry.dataLocations)
      where data.scale < .ulpOfOne || data.scale > ScaleError.largest {
        log.add(
          .warning(
            "scale_d \(data.scale) of layer '\(entry.layer)' is outside the range that calibration keeps to, "
              + "\(Float.ulpOfOne) to \(ScaleError.largest)", at: place))
      }
    }
  }
}

extension RecordFile.Entry {
  /// Refuses factors of inputs that a layer hasn't, and inputs without factors.
  fileprivate func checkInputs(of node: Node, _ log: inout DiagnosticLog) {
    let count = node.role.inputs == .all || node.hasQuantizableWeights ? max(1, node.bottoms.count) : 1
    for (data, place) in zip(data, dataLocations) where data.index >= count {
      log.add(
        .error(
          "layer '\(layer)' (\(node.type)) has no input \(data.index) to quantize: index is at most \(count - 1)",
          at: place))
    }
    let given = Set(data.map(\.index))
    let needed = node.hasQuantizableWeights ? 1 : count
    for index in 0..<needed where !given.contains(index) {
      log.add(
        .error(
          "Cannot find scale_d of layer '\(layer)' in record file", at: location,
          notes: count > 1 ? [.init("its input \(index) has no record_d")] : []))
    }
    guard node.hasQuantizableWeights, let first = data.first else { return }
    for (data, place) in zip(data, dataLocations).dropFirst()
    where (data.scale, data.offset, data.numBits) != (first.scale, first.offset, first.numBits) {
      log.add(
        .error(
          "the inputs of layer '\(layer)' (\(node.type)) share weights and bias, so they need equal factors", at: place)
      )
    }
  }

  /// One entry per quantized input: those of a layer with weights and several bottoms share what one of them has.
  fileprivate func spread(over node: Node) -> [LayerRecord.Data] {
    guard node.hasQuantizableWeights, let first = data.first else { return data }
    return node.bottoms.indices.map { bottom in
      var copy = data.first { $0.index == bottom } ?? first
      copy.index = bottom
      return copy
    }
  }

  /// The steps of a layer's weights, its levels when they are non-uniform, and its shifts; `nil` after an error.
  fileprivate func weights(
    of node: Node, _ known: [Int8]?, _ log: inout DiagnosticLog
  ) -> (scales: [Float], codebook: [Int8]?, shifts: [Int])? {
    let before = log.errorCount
    let scales = message.all("scale_w")
    if scales.isEmpty {
      log.add(.error("Cannot find scale_w of layer '\(layer)' in record file", at: location))
      return nil
    }
    checkOffsets(scales.count, &log)
    for scale in scales {
      let value = scale.value.doubleValue.map(Float.init) ?? 0
      if !RecordFile.isLegal(value) {
        log.add(
          .error(
            "Exist illegal scale \(value) in \"\(layer)\"", at: scale.location, notes: [.init(RecordFile.scaleRange)]))
      }
    }
    let channels = node.params.first.map { $0.shape.rank > node.role.outputAxis ? $0.shape[node.role.outputAxis] : 1 }
    if scales.count > 1, !node.role.channelWise {
      log.add(
        .error(
          "The channel_wise must be False for layer type \(node.type)", at: message.location(of: "scale_w"),
          notes: [.init("layer '\(layer)' has \(scales.count) scale_w; it takes one")]))
    } else if scales.count > 1, scales.count != channels {
      log.add(
        .error(
          "layer '\(layer)' (\(node.type)) has \(scales.count) scale_w; it takes one, or \(channels ?? 0): one for each "
            + "output channel", at: message.location(of: "scale_w")))
    }
    if shiftBits.count > 1, shiftBits.count != scales.count {
      log.add(
        .error(
          "layer '\(layer)' has \(shiftBits.count) shift_bit and \(scales.count) scale_w: they must be as many",
          at: message.location(of: "shift_bit")))
    }
    let codebook = known ?? codebook(&log)
    guard log.errorCount == before else { return nil }
    return (message.floats("scale_w"), codebook, shiftBits)
  }

  private func checkOffsets(_ count: Int, _ log: inout DiagnosticLog) {
    let offsets = message.all("offset_w")
    if offsets.isEmpty {
      log.add(.error("Cannot find offset_w of layer '\(layer)' in record file", at: location))
    } else if offsets.count != count {
      log.add(
        .error(
          "\(layer) scale_w and offset_w must be same length", at: offsets[0].location,
          notes: [.init("there are \(count) scale_w and \(offsets.count) offset_w")]))
    }
    if let bad = offsets.first(where: { $0.value.intValue != 0 }) {
      log.add(.error("offset_w's value should be 0 in layer \(layer).", at: bad.location))
    }
  }

  /// The levels of non-uniform weights. Only the older line's records have a field for them; without levels four bits
  /// mean nothing, because a step says how far apart the codes of uniform weights are.
  private func codebook(_ log: inout DiagnosticLog) -> [Int8]? {
    let bits = message.int("num_bits_w") ?? 8
    let cluster = message.all("cluster")
    let place = message.location(of: "num_bits_w")
    guard bits == 8 || bits == SNQ.numBits else {
      log.add(.error("num_bits_w's value should be 8 or 4 in layer \(layer).", at: place))
      return nil
    }
    guard bits == SNQ.numBits else {
      if let first = cluster.first {
        log.add(
          .error("layer '\(layer)' has a cluster, so num_bits_w must be 4", at: first.location))
      }
      return nil
    }
    guard !cluster.isEmpty else {
      log.add(
        .error(
          "layer '\(layer)' has num_bits_w 4, but not the levels of its non-uniform weights", at: place,
          notes: [.init("the fields of a record hold uniform weights of 8 bits")],
          help: [
            "quantize the layer with snq_quantize in config.json, or give its 16 levels as cluster: -128 ... 127"
          ]))
      return nil
    }
    if cluster.count != Clusters.count {
      log.add(
        .error(
          "layer '\(layer)' has \(cluster.count) values of cluster; it takes \(Clusters.count)", at: cluster[0].location
        ))
      return nil
    }
    var levels: [Int8] = []
    for value in cluster {
      guard let level = value.value.intValue.flatMap(Int8.init(exactly:)) else {
        log.add(
          .error(
            "Cluster center should between [-128, 127], but is \(value.value.intValue ?? 0)", at: value.location))
        continue
      }
      levels.append(level)
    }
    return levels.count == Clusters.count ? levels.sorted() : nil
  }
}
