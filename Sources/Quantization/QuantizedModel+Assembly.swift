import CaffeFormat
import Diagnostics
import LayerGraph
import Passes
import Tensors

extension FactorRecord {
  /// The record of a run: weight factors and what calibration found, in graph order.
  ///
  /// - Throws: with the original's words when a layer that should have data factors has none.
  package init(
    _ graph: Graph, weights: [String: WeightFactors], results: [CalibrationResult], complete: Bool = true
  ) throws(DiagnosticError) {
    var found: [String: [LayerRecord.Data]] = [:]
    for r in results { found[r.layer, default: []] += r.data }
    var layers: [LayerRecord] = []
    for node in graph.nodes {
      let data = found[node.name]?.sorted { $0.index < $1.index }
      guard weights[node.name] != nil || data != nil else { continue }
      if data == nil, complete {
        throw DiagnosticError("Cannot find scale_d of layer '\(node.name)' in record file", at: node.location)
      }
      var record = LayerRecord(layer: node.name, data: data ?? [])
      if let w = weights[node.name] {
        record.weightScales = w.scales
        record.weightBits = w.numBits
      }
      layers.append(record)
    }
    self.init(layers: layers)
  }
}

extension QuantizedModel {
  /// Puts the quantized model together: Quant, DeQuant, AntiQuant inserted, biases as integers beside.
  ///
  /// - Parameters:
  ///   - graph: the prepared net with fake-quantized weights.
  ///   - codebooks: the levels behind the codes of non-uniform weights.
  ///   - accelerated: the layers that each inserted DepthwiseConv stands for.
  ///   - withOffset: whether an input of a layer was calibrated with an offset.
  /// - Throws: when a bias leaves the int32 range.
  package init(
    _ graph: Graph, record: FactorRecord, weightCodes: [String: [Int8]], codebooks: [String: [Int8]] = [:],
    absorbed: [String: [String]], accelerated: [String: [String]] = [:], name: String,
    withOffset: (String, Int) -> Bool
  ) throws(DiagnosticError) {
    let factors = record.layers.map { layer in layer.factors { withOffset(layer.layer, $0) } }
    let quantized = try PassPipeline.run([InsertQuant(factors)], on: graph).graph
    var codes: [String: WeightCodes] = [:]
    var recurrentBlobs: [String: [BlobPayload]] = [:]
    for layer in record.layers where layer.isWeighted {
      guard let node = graph.node(named: layer.layer), let weights = weightCodes[layer.layer],
        let data = layer.data.first
      else { continue }
      if let recurrence = node.layer as? any StateFeedback {
        recurrentBlobs[layer.layer] = try Self.blobs(of: node, recurrence.matrices, layer, weights)
        continue
      }
      let steps = InsertQuant.perChannel(layer.weightScales, node.params.count > 1 ? node.params[1].count : nil)
      let deq = Dequantization.scales(data: data.scale, weights: steps)
      let bias: [Int32]? =
        node.params.count > 1
        ? try Dequantization.quantizedBias(node.params[1].array, deq: deq, layer: layer.layer) : nil
      codes[layer.layer] = WeightCodes(
        weights: weights, codebook: codebooks[layer.layer], weightShape: node.params[0].shape, bias: bias)
    }
    self.init(graph: quantized, record: record, absorbed: absorbed, codes: codes, name: name)
    self.accelerated = accelerated
    self.recurrentBlobs = recurrentBlobs
  }

  /// The learned blobs of a recurrent layer: int8 matrices, each bias in units of its matrix's products.
  /// - Parameter codes: matrix by matrix.
  private static func blobs(
    of node: Node, _ matrices: [LearnedMatrix], _ record: LayerRecord, _ codes: [Int8]
  ) throws(DiagnosticError) -> [BlobPayload] {
    var blobs = node.params.map(BlobPayload.float)
    var start = 0
    for (matrix, scale) in zip(matrices, record.weightScales) {
      for blob in matrix.blobs {
        let shape = node.params[blob].shape
        blobs[blob] = .int8(shape, Array(codes[start..<start + shape.count]))
        start += shape.count
      }
      let data = record.data.first { $0.index == matrix.input } ?? record.data[0]
      for blob in matrix.biases {
        let bias = try Dequantization.quantizedBias(
          node.params[blob].array, deq: Dequantization.scales(data: data.scale, weights: [scale]), layer: node.name)
        blobs[blob] = .int32(node.params[blob].shape, bias)
      }
    }
    return blobs
  }
}
