import Foundation

/// One of the nets in `Samples`; its README tells what to expect of it.
enum Sample: String, CaseIterable, Sendable {
  case digits, shapes

  var folder: String {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return tests.deletingLastPathComponent().path + "/Samples/" + rawValue
  }

  static func / (sample: Sample, name: String) -> String { sample.folder + "/" + name }

  var prototxt: String { self / "\(rawValue).prototxt" }
  var weights: String { self / "\(rawValue).caffemodel" }
  var model: [String] { [prototxt, weights] }
  var preprocess: [String] { ["--preprocess", self / "preprocess.json"] }
  var calibration: [String] { ["--images", self / "calibration"] + preprocess }
  var evaluation: [String] { ["--images", self / "evaluation.npy"] + preprocess }
  var labels: [String] { ["--labels", self / "evaluation_labels.npy"] }

  /// The net's text with some of it replaced.
  func prototxt(_ old: String, _ new: String) throws -> String {
    try String(contentsOfFile: prototxt, encoding: .utf8).replacingOccurrences(of: old, with: new)
  }
}
