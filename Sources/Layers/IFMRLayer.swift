import CaffeFormat
import LayerGraph
import Tensors

/// Collects its bottoms for the search of an activation's scale and offset: the calibration reads the parameters and
/// watches the bottoms, the layer itself computes nothing.
/// - Source: AMCT's Caffe layer IFMR.
package struct IFMRLayer: LayerType {
  package static let caffeTypes = ["IFMR"]
  package static let arity = Arity(bottoms: 1...Int.max, tops: 0...0)

  package let batchCount: Int
  package let hasOffset: Bool
  package let bits: Int
  /// Which input of the layer is calibrated.
  package let index: Int
  /// First and last ratio of the clipping bound that is tried, and the ratio between two tries.
  package let searchRange: ClosedRange<Float>
  package let searchStep: Float
  /// Fractions of the values that lie below the largest and above the smallest one taken; above 0.5, at most 1.
  package let maxPercentile: Float
  package let minPercentile: Float
  /// The layer that each bottom belongs to.
  package let objectLayers: [String]
  /// Where the result goes; empty when the file says none.
  package let recordFile: String

  package init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("ifmr_param")
    func required(_ field: String) throws(LayerError) -> Float {
      guard p.has(field) else { throw source.error("needs \(field)", p) }
      return try source.finite(p, field, default: 0)
    }
    func percentile(_ field: String) throws(LayerError) -> Float {
      let v = try required(field)
      guard v > 0.5, v <= 1 else {
        throw source.error("The \(field) must be greater than 0.5 and less than or equal to 1.0", p, field: field)
      }
      return v
    }
    guard p.has("batch_num") else { throw source.error("needs batch_num", p) }
    batchCount = try source.positive(p, "batch_num")
    hasOffset = p.bool("with_offset") ?? false
    bits = p.int("num_bits") ?? 8
    guard (8...16).contains(bits) else {
      throw source.error("num_bits must be in 8 ... 16, is \(bits)", p, field: "num_bits")
    }
    index = try source.natural(p, "index", default: 0)
    let (start, end) = (try required("search_range_start"), try required("search_range_end"))
    guard start > 0 else {
      throw source.error("search_range[0] must be greater than zero", p, field: "search_range_start")
    }
    guard start < end else {
      throw source.error("search_range[0] must be less than search_range[1]", p, field: "search_range_start")
    }
    searchRange = start...end
    searchStep = try required("search_step")
    guard searchStep > 0 else {
      throw source.error("The search_step must be greater than zero", p, field: "search_step")
    }
    guard searchStep <= end - start else {
      throw source.error(
        "The search_step must be less than or equal to (search_range[1] - search_range[0])", p, field: "search_step")
    }
    maxPercentile = try percentile("max_percentile")
    minPercentile = try percentile("min_percentile")
    objectLayers = p.strings("object_layer")
    recordFile = p.string("record_file_path") ?? ""
  }

  package func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { [] }
  package func reference(_ run: LayerRun) {}
}
