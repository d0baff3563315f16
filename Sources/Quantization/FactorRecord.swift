import CaffeFormat
import Diagnostics
import Passes
import Tensors

/// The quantization factors of one layer, as `scale_offset_record.txt` keeps them.
package struct LayerRecord: Sendable, Hashable {
  /// Factors of one input.
  package struct Data: Sendable, Hashable {
    package var index: Int
    /// The step, > 0.
    package var scale: Float
    /// In `-2^(n-1) ..< 2^(n-1)`.
    package var offset: Int
    /// 8...16.
    package var numBits: Int
    /// Legacy axes 1, 2, 3 of the input; 1 where it has none.
    package var channels: Int
    package var height: Int
    package var width: Int

    package init(index: Int, scale: Float, offset: Int, numBits: Int, channels: Int, height: Int, width: Int) {
      self.index = index
      self.scale = scale
      self.offset = offset
      self.numBits = numBits
      self.channels = channels
      self.height = height
      self.width = width
    }
  }

  package var layer: String
  /// Steps of the weights, one per output channel or one; empty for data-only layers.
  package var weightScales: [Float]
  package var weightBits: Int
  package var shiftBits: [Int]
  package var skipFusion: Bool
  /// By input index.
  package var data: [Data]

  package init(layer: String, weightScales: [Float] = [], weightBits: Int = 8, data: [Data] = []) {
    self.layer = layer
    self.weightScales = weightScales
    self.weightBits = weightBits
    self.data = data
    shiftBits = []
    skipFusion = false
  }

  package var isWeighted: Bool { !weightScales.isEmpty }

  /// What the passes that insert Quant and DeQuant need.
  package func factors(withOffset: (Int) -> Bool) -> LayerFactors {
    LayerFactors(
      layer: layer,
      inputs: data.sorted { $0.index < $1.index }.map {
        .init(
          bottom: $0.index, scale: $0.scale, offset: $0.offset, numBits: $0.numBits, withOffset: withOffset($0.index))
      }, weightScales: weightScales, shiftBits: shiftBits)
  }
}

/// All factors of a run, in graph order.
package struct FactorRecord: Sendable, Hashable {
  package var layers: [LayerRecord]

  package init(layers: [LayerRecord] = []) { self.layers = layers }

  package subscript(layer: String) -> LayerRecord? { layers.first { $0.layer == layer } }

  /// The `ScaleOffsetRecord` message: weights first, then one `record_d` per input.
  ///
  /// Data-only layers carry `scale_w: 1` and `offset_w: 0`, as the original's sample has it (amct-facts 4.4).
  package var message: ProtoMessage {
    var root = ProtoMessage("ScaleOffsetRecord")
    for layer in layers {
      var single = ProtoMessage("SingleLayerRecord")
      let scales = layer.isWeighted ? layer.weightScales : [1]
      single.setAll("scale_w", scales.map { .real(Double($0)) })
      single.setAll("offset_w", scales.map { _ in .int(0) })
      single.setAll("shift_bit", layer.shiftBits.map { .uint(UInt64($0)) })
      if layer.skipFusion { single.set("skip_fusion", .bool(true)) }
      if layer.isWeighted { single.set("num_bits_w", .int(Int64(layer.weightBits))) }
      single.setAll(
        "record_d",
        layer.data.sorted { $0.index < $1.index }.map { d in
          var m = ProtoMessage("ActivationQuantParam")
          m.set("scale_d", .real(Double(d.scale)))
          m.set("offset_d", .int(Int64(d.offset)))
          m.set("index", .int(Int64(d.index)))
          m.set("channels", .uint(UInt64(d.channels)))
          m.set("height", .uint(UInt64(d.height)))
          m.set("width", .uint(UInt64(d.width)))
          m.set("num_bits_d", .int(Int64(d.numBits)))
          return .message(m)
        })
      var entry = ProtoMessage("MapFiledEntry")
      entry.set("key", .string(layer.layer))
      entry.set("value", .message(single))
      root.append("record", .message(entry))
    }
    return root
  }
}
