import Diagnostics
import Foundation

/// What tuning is to reach, and how far it may go.
package struct TuningGoal: Codable, Sendable, Hashable {
  /// The least chain cosine of the net's outputs, in (0, 1).
  package var outputCosine = 0.99
  /// Layers that may be float or wider than 8 bit.
  package var maxLayers: Int?
  /// Share of the MACs that may leave 8 bit, in [0, 1].
  package var maxMacShare: Double?

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case outputCosine = "output_cosine"
    case maxLayers = "max_layers"
    case maxMacShare = "max_mac_share"
  }

  /// As it is typed: `0.99 layers 6 mac 10%`.
  package var text: String {
    var words = ["\(outputCosine)"]
    if let maxLayers { words.append("layers \(maxLayers)") }
    if let maxMacShare { words.append("mac \(Self.percent(maxMacShare))%") }
    return words.joined(separator: " ")
  }

  /// Without digits that say nothing: 10, 2.5.
  package static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
  }

  /// Reads what `text` prints.
  /// - Throws: the word that is wrong, and what should stand there.
  package init(parsing text: String) throws(DiagnosticError) {
    var words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard let first = words.first, let value = Double(first), value > 0, value < 1 else {
      throw DiagnosticError("the output's cosine comes first: above 0, below 1")
    }
    outputCosine = value
    words.removeFirst()
    while let word = words.first {
      guard words.count > 1 else { throw DiagnosticError("a number must follow '\(word)'") }
      let number = words[1]
      switch word {
      case "layers":
        guard let n = Int(number), n >= 0 else { throw DiagnosticError("layers: a whole number, 0 or more") }
        maxLayers = n
      case "mac":
        let digits = number.hasSuffix("%") ? String(number.dropLast()) : number
        guard let n = Double(digits), (0...100).contains(n) else {
          throw DiagnosticError("mac: per cent, from 0 to 100")
        }
        maxMacShare = n / 100
      default: throw DiagnosticError("no limit is called '\(word)': layers N, mac N%")
      }
      words.removeFirst(2)
    }
  }

  // MARK: Judging

  package struct Judgement: Sendable, Hashable {
    package var isAccurate: Bool
    package var hasTooManyLayers: Bool
    package var leavesTooManyMacs: Bool

    package var isMet: Bool { isAccurate && !hasTooManyLayers && !leavesTooManyMacs }
  }

  package func judge(output: Double, _ footprint: PrecisionFootprint) -> Judgement {
    Judgement(
      isAccurate: output >= outputCosine,
      hasTooManyLayers: maxLayers.map { footprint.outOfInt8 > $0 } ?? false,
      leavesTooManyMacs: maxMacShare.map { 1 - footprint.int8Share > $0 + 1e-9 } ?? false)
  }

  // MARK: File

  /// `goal.json` of a project.
  package static func path(in project: ProjectFolder) -> String { project.path + "/goal.json" }

  /// What is missing, damaged or out of range counts as not said.
  package init(of project: ProjectFolder) {
    guard let read = JSONText.decode(TuningGoal.self, file: Self.path(in: project)), read.outputCosine > 0,
      read.outputCosine < 1, read.maxLayers ?? 0 >= 0, (0...1).contains(read.maxMacShare ?? 0)
    else { return }
    self = read
  }

  package func write(to project: ProjectFolder) throws(QuantError) {
    try attempting(.runFailed) {
      try AtomicFile.write(path: Self.path(in: project), text: JSONText.encode(self, pretty: true) + "\n")
    }
  }
}
