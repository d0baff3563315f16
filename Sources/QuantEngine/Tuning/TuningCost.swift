import LayerGraph
import Quantization

/// What a choice of precisions makes of a net.
package struct PrecisionFootprint: Sendable, Hashable {
  package var totalMacs: Int
  /// MACs of layers whose data have 8 bits.
  package var int8Macs = 0
  /// MACs of quantized layers whose data have more: they are stored as 16 bit.
  package var wideMacs = 0
  /// Float stretches between quantized layers.
  package var islands = 0
  /// Values turned from float to codes or back, the net's inputs and outputs included.
  package var conversions = 0
  /// Values stored as 16 bit.
  package var wideTensors = 0
  /// Bytes of the weights that quantization is about: 1 for 8 bits, 4 for a float.
  package var weightBytes = 0
  /// Layers that are quantized.
  package var quantized = 0
  /// Layers that would be 8 bit by default and are float or wider.
  package var outOfInt8 = 0

  package init(totalMacs: Int) { self.totalMacs = totalMacs }

  /// 0...1; 1 for a net without MACs.
  package var int8Share: Double { totalMacs > 0 ? Double(int8Macs) / Double(totalMacs) : 1 }
}

/// What proposals would cost on the device, counted on the graph: a footprint before and after.
package struct TuningCost: Sendable, Hashable {
  package let before: PrecisionFootprint
  package let after: PrecisionFootprint

  package init(before: PrecisionFootprint, after: PrecisionFootprint) {
    self.before = before
    self.after = after
  }

  /// One change for each of some layers, all together: islands of neighbours join, so costs don't just add up.
  /// - Parameter precisions: those of the config that the effects start from.
  package init(of effects: [TuningEffect], map: PrecisionMap, precisions: [PrecisionMap.Precision]) {
    var changed = precisions
    for effect in effects { changed[effect.index] = effect.precision }
    self.init(before: map.footprint(precisions), after: map.footprint(changed))
  }

  /// Share of the net's MACs that leaves 8 bit: above 0, the net gets slower.
  package var macShare: Double { before.int8Share - after.int8Share }
  package var islands: Int { after.islands - before.islands }
  package var conversions: Int { after.conversions - before.conversions }
  package var wideTensors: Int { after.wideTensors - before.wideTensors }
  package var weightBytes: Int { after.weightBytes - before.weightBytes }

  package var isFree: Bool {
    before.int8Macs == after.int8Macs && islands == 0 && conversions == 0 && wideTensors == 0 && weightBytes == 0
  }

  /// In words, what matters most first: `+1 island`, `16-bit data`, `+2 conversions`, `-3.0% int8`, `+1.2 kB`.
  package var parts: [String] {
    func signed(_ n: Int) -> String { n > 0 ? "+\(n)" : "\(n)" }
    var parts: [String] = []
    if islands != 0 { parts.append("\(signed(islands)) island\(abs(islands) == 1 ? "" : "s")") }
    if wideTensors != 0 { parts.append("\(signed(wideTensors)) 16-bit tensor\(abs(wideTensors) == 1 ? "" : "s")") }
    if conversions != 0 { parts.append("\(signed(conversions)) conversion\(abs(conversions) == 1 ? "" : "s")") }
    if weightBytes != 0 { parts.append(Self.bytes(weightBytes)) }
    return parts
  }

  /// `+1.2 kB`, `-300 B`.
  private static func bytes(_ n: Int) -> String {
    let sign = n < 0 ? "-" : "+"
    let size = n.magnitude
    for (unit, word) in [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")] as [(UInt, String)] where size >= unit
    {
      let tenths = (size * 10 + unit / 2) / unit
      return "\(sign)\(tenths / 10).\(tenths % 10) \(word)"
    }
    return "\(sign)\(size) B"
  }
}
