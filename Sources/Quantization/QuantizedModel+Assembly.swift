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
    for layer in record.layers where layer.isWeighted {
      guard let node = graph.node(named: layer.layer), let weights = weightCodes[layer.layer],
        let data = layer.data.first
      else { continue }
      let deq = Dequantization.scales(data: data.scale, weights: layer.weightScales)
      let bias: [Int32]? =
        node.params.count > 1
        ? try Dequantization.quantizedBias(node.params[1].array, deq: deq, layer: layer.layer) : nil
      codes[layer.layer] = WeightCodes(
        weights: weights, codebook: codebooks[layer.layer], weightShape: node.params[0].shape, bias: bias)
    }
    self.init(graph: quantized, record: record, absorbed: absorbed, codes: codes, name: name)
    self.accelerated = accelerated
  }
}
