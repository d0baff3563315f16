import CaffeFormat
import Diagnostics
import LayerGraph

/// What calibration is to find for one layer: settings per quantized input.
package struct CalibrationTarget: Sendable {
  package var layer: String
  /// Index of the bottom, and the search settings of it. Joint inputs stand in one entry.
  package var searches: [InputSearch]

  package init(layer: String, searches: [InputSearch]) {
    self.layer = layer
    self.searches = searches
  }
}

/// One activation search: the bottoms whose data it sees together, and its settings.
package struct InputSearch: Sendable, Hashable {
  package var bottoms: [Int]
  /// Index of the factors of each bottom: its own, but for a recurrent layer's static input.
  package var indices: [Int]
  /// True when the search also sees all that the layer feeds back of its state.
  package var seesState: Bool
  package var batchNum: Int
  package var numBits: Int
  package var withOffset: Bool
  package var rangeStart: Float
  package var rangeEnd: Float
  package var step: Float
  package var maxPercentile: Float
  package var minPercentile: Float

  package init(
    bottoms: [Int], indices: [Int]? = nil, seesState: Bool = false, batchNum: Int, numBits: Int, withOffset: Bool,
    rangeStart: Float, rangeEnd: Float, step: Float, maxPercentile: Float, minPercentile: Float
  ) {
    self.bottoms = bottoms
    self.indices = indices ?? bottoms
    self.seesState = seesState
    self.batchNum = batchNum
    self.numBits = numBits
    self.withOffset = withOffset
    self.rangeStart = rangeStart
    self.rangeEnd = rangeEnd
    self.step = step
    self.maxPercentile = maxPercentile
    self.minPercentile = minPercentile
  }
}

/// Puts an IFMR layer on every input that calibration has to look at: the calibration model.
///
/// Before: `x -> conv1`. After: `x -> conv1_ifmr_layer` (no top) beside `x -> conv1`. Input i > 0 gets `_i` behind the name.
/// A recurrent layer has its searches inside: its type becomes LSTMCalibration and `lstm_calibration_param` holds them.
/// - Source: amct-facts 3.5, 4.10 (IFMRParameter, LstmCalibrationParameter).
package struct InsertIFMR: Pass {
  package let name = "insert IFMR"
  private let targets: [String: CalibrationTarget]
  private let recordPath: String

  package init(_ targets: [CalibrationTarget], recordPath: String) {
    self.targets = Dictionary(targets.map { ($0.layer, $0) }) { a, _ in a }
    self.recordPath = recordPath
  }

  package func patch(at node: Node, in graph: Graph) throws(DiagnosticError) -> GraphPatch? {
    guard let target = targets[node.name] else { return nil }
    if let layer = node.layer as? any StateFeedback { return recurrence(layer, target, node) }
    // A recurrent layer that has become one of calibration.
    if target.searches.contains(where: \.seesState) { return nil }
    for search in target.searches {
      guard let first = search.bottoms.first else { continue }
      let name = Self.layerName(node.name, first)
      if graph.node(named: name) != nil { continue }
      let parameter = InsertedLayer.make(
        name, "IFMR", bottoms: search.bottoms.map { graph[node.bottoms[$0]].name }, tops: [],
        settings: ("ifmr_param", settings(search, node.name)))
      return GraphPatch(
        [
          .insert(
            parameter, params: [], bottoms: search.bottoms.map { node.bottoms[$0] }, before: node.id, readers: .none)
        ], summary: "inserted '\(name)'")
    }
    return nil
  }

  private func recurrence(_ layer: any StateFeedback, _ target: CalibrationTarget, _ node: Node) -> GraphPatch {
    let kind = type(of: layer)
    var p = ProtoMessage("LstmCalibrationParameter")
    for search in target.searches {
      p.set(search.seesState ? "ifmr_param" : "static_ifmr_param", .message(settings(search, node.name)))
    }
    return GraphPatch(
      [.update(node.id, node.parameter.retyped(kind.calibrationType, kind.calibrationField, p), params: node.params)],
      summary: "made '\(node.name)' a \(kind.calibrationType)")
  }

  private func settings(_ search: InputSearch, _ layer: String) -> ProtoMessage {
    var p = ProtoMessage("IFMRParameter")
    p.set("batch_num", .uint(UInt64(search.batchNum)))
    p.set("with_offset", .bool(search.withOffset))
    p.set("search_range_start", .real(Double(search.rangeStart)))
    p.set("search_range_end", .real(Double(search.rangeEnd)))
    p.set("search_step", .real(Double(search.step)))
    p.set("max_percentile", .real(Double(search.maxPercentile)))
    p.set("min_percentile", .real(Double(search.minPercentile)))
    p.setAll("object_layer", search.bottoms.map { _ in .string(layer) })
    p.set("record_file_path", .string(recordPath))
    p.set("num_bits", .uint(UInt64(search.numBits)))
    p.set("index", .uint(UInt64(search.indices.first ?? 0)))
    return p
  }

  package static func layerName(_ object: String, _ bottom: Int) -> String {
    "\(object)_ifmr_layer" + (bottom > 0 ? "_\(bottom)" : "")
  }
}

/// What the names of inserted layers are made of; a model that has them already cannot be told from a quantized one.
package enum InsertedNames {
  package static let suffixes = ["_quant_layer", "_dequant_layer", "_ifmr_layer"]
}

extension LayerParameter {
  /// The layer under another type, with settings of that type.
  func retyped(_ type: String, _ field: String? = nil, _ settings: ProtoMessage? = nil) -> LayerParameter {
    var copy = self
    copy.type = type
    if let field, let settings { copy.message.set(field, .message(settings)) }
    return copy
  }
}

/// Makes the messages of layers that passes insert.
enum InsertedLayer {
  static func make(
    _ name: String, _ type: String, bottoms: [String], tops: [String], settings: (field: String, message: ProtoMessage)?
  ) -> LayerParameter {
    var m = ProtoMessage("LayerParameter")
    m.set("name", .string(name))
    m.set("type", .string(type))
    m.setAll("bottom", bottoms.map(ProtoValue.string))
    m.setAll("top", tops.map(ProtoValue.string))
    if let settings { m.set(settings.field, .message(settings.message)) }
    return LayerParameter(m)
  }
}
