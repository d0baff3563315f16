import CaffeFormat
import LayerGraph
import Tensors

/// Faster R-CNN's proposal layer (module `rpn.proposal_layer`, layer `ProposalLayer`); code of other modules is not run.
///
/// As Proposal, with the settings of py-faster-rcnn for testing: the best 6000 before and 300 after suppression by 0.7,
/// boxes from 16 image places on. `param_str` has `feat_stride` and may have `scales` and `ratios`. Tops: `[300, 5]`, and
/// as a second one the scores `[300, 1]`; rows behind the regions found are zero.
/// - Source: `ProposalGenerator`; py-faster-rcnn `lib/fast_rcnn/config.py`.
struct PythonLayer: LayerType {
  static let caffeTypes = ["Python"]
  static let arity = Arity(bottoms: 3...3, tops: 1...2)
  static let agreement = Agreement.exact

  private let generator: ProposalGenerator
  private let topCount: Int

  static func unknownName(_ parameter: LayerParameter) -> String? {
    let p = parameter.message.message("python_param")
    let name = "\(p?.string("module") ?? "?").\(p?.string("layer") ?? "?")"
    return name == "rpn.proposal_layer.ProposalLayer" ? nil : "Python \(name)"
  }

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("python_param")
    topCount = source.topCount
    if let name = Self.unknownName(source.parameter) { throw source.error("\(name) is unknown", p, field: "module") }
    let settings = try Self.settings(p.string("param_str") ?? "", source, p)
    guard let stride = settings["feat_stride"] else {
      throw source.error("param_str needs feat_stride", p, field: "param_str")
    }
    guard stride.count == 1 else {
      throw source.error("feat_stride must be one number, has \(stride.count)", p, field: "param_str")
    }
    generator = ProposalGenerator(
      stride: stride[0], baseSize: 16, minSize: 16, ratios: settings["ratios"] ?? [0.5, 1, 2],
      scales: settings["scales"] ?? [8, 16, 32], preTopN: 6000, postTopN: 300, threshold: 0.7, halves: .toNearestOrEven)
  }

  /// The few forms of YAML that such strings have: `key: value` by commas or lines, with or without braces and quotes; a
  /// value is a number or a list in brackets or parentheses.
  private static func settings(
    _ text: String, _ source: LayerSource, _ p: ProtoMessage
  ) throws(LayerError) -> [String: [Float]] {
    var entries: [String] = [""]
    var depth = 0
    for character in text where character != "{" && character != "}" {
      if "[(".contains(character) { depth += 1 }
      if "])".contains(character) { depth -= 1 }
      if depth == 0, character == "," || character == "\n" {
        entries.append("")
      } else {
        entries[entries.count - 1].append(character)
      }
    }
    func trimmed(_ text: Substring, _ others: String = "") -> String {
      let outside = { (c: Character) in c.isWhitespace || others.contains(c) }
      let tail = text.drop(while: outside)
      return String(tail.reversed().drop(while: outside).reversed())
    }
    var settings: [String: [Float]] = [:]
    for entry in entries where !trimmed(entry[...]).isEmpty {
      let halves = entry.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let key = trimmed(halves[0], "'\"")
      guard ["feat_stride", "scales", "ratios"].contains(key) else {
        throw source.error(
          "param_str has '\(key)', which is not known (feat_stride, scales, ratios are)", p, field: "param_str")
      }
      let values = halves.count < 2 ? [] : trimmed(halves[1], "[]()").split(separator: ",").map { Float(trimmed($0)) }
      let numbers = values.compactMap(\.self)
      guard !numbers.isEmpty, numbers.count == values.count, numbers.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw source.error("param_str: \(key) needs numbers above 0", p, field: "param_str")
      }
      settings[key] = numbers
    }
    return settings
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let rows = try generator.rows(bottoms)
    return Array([[rows, 5], [rows, 1]].prefix(topCount))
  }

  func reference(_ run: LayerRun) { generator.reference(run) }
}
