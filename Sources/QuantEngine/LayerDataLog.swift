import Diagnostics
import Engine
import Foundation
import LayerGraph
import Tensors

/// One file for each Quant, DeQuant and AntiQuant layer with the values that go in and come out, as the original's layers
/// write them at level DEBUG: of the first image of a program's first forward pass, appended.
///
///     2025-01-01 12:00:00[DEBUG][file][function][line]
///     [AMCT] bottom data of fake quant:
///
///     2025-01-01 12:00:00[DEBUG][file][function][line]
///     0.5 0.25 ... channels * height * width values, six digits
///
/// then the same for the top. The file has the layer's name, `/` written `%2F`.
/// - Source: amct-facts 4.11.
struct LayerDataLog {
  /// What the original's lines call the layers.
  private static let words = ["Quant": "fake quant", "DeQuant": "dequant", "AntiQuant": "anti_quant"]

  let folder: String

  /// `nil` unless the file level is DEBUG.
  init?(_ levels: AMCTLog.Levels, folder: String = AMCTLog.folder) {
    if levels.file != .debug { return nil }
    self.folder = folder
  }

  /// Runs a batch through the net and writes; nothing happens where the net has none of the layers.
  func write(
    _ model: LoadedModel, _ batch: [(name: String, tensor: Tensor)], threads: Int
  ) throws(QuantError) {
    let nodes = model.graph.nodes.filter { Self.words[$0.type] != nil && !$0.bottoms.isEmpty && !$0.tops.isEmpty }
    if nodes.isEmpty { return }
    let tap = Tap(Set(nodes.flatMap { [$0.bottoms[0], $0.tops[0]] }))
    try NetRunner(model, threads: threads, observed: .only(tap.wanted)).forward(batch, tap)
    try attempting(.runFailed) { try nodes.forEach { try write($0, tap.values) } }
  }

  private func write(_ node: Node, _ values: [BlobID: [Float]]) throws {
    let words = Self.words[node.type] ?? ""
    let header = "\(AMCTLog.stamp(Date()).prefix(19))[DEBUG][\(#fileID)][\(#function)][\(#line)]\n"
    var text = ""
    for (side, blob) in [("bottom", node.bottoms[0]), ("top", node.tops[0])] {
      text += header + "[AMCT] \(side) data of \(words):\n\n" + header
      for value in values[blob] ?? [] { text += String(format: "%g ", Double(value)) }
      text += "\n"
    }
    let path = folder + "/" + node.name.replacingOccurrences(of: "/", with: "%2F") + ".log"
    try AtomicFile.makeParents(of: path)
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o640])
    }
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw DiagnosticError("cannot write the layer's log", at: SourceLocation(file: path))
    }
    defer { try? handle.close() }
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
  }

  /// Keeps the first image's part of the blobs.
  private final class Tap: RunObserver {
    let wanted: Set<BlobID>
    private(set) var values: [BlobID: [Float]] = [:]

    init(_ wanted: Set<BlobID>) { self.wanted = wanted }

    func wants(_ blob: BlobID) -> Bool { wanted.contains(blob) }

    func observe(_ blob: BlobID, _ lanes: LaneValues) {
      let shape = lanes.shape
      let count = shape.legacy(1) * shape.legacy(2) * shape.legacy(3)
      values[blob] = Array(lanes.lanes[0].array.prefix(count))
    }
  }
}
