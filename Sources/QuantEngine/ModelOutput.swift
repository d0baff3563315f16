import CaffeFormat
import Diagnostics
import Foundation
import LayerGraph
import Quantization
import Writers

/// Which of the final models are written.
package enum SaveType: String, Sendable, CaseIterable {
  case both = "Both"
  case fakeQuant = "Fakequant"
  case deploy = "Deploy"
}

/// Names of saved files: `PREFIX_deploy_model.prototxt`, or without underscore when the prefix is empty.
///
/// - Source: amct-facts 4.7.
package struct OutputPrefix: Sendable, Hashable {
  package let folder: String
  package let name: String

  /// - Throws: usage error for a prefix over 241 bytes.
  package init(_ path: String) throws(QuantError) {
    if let slash = path.lastIndex(of: "/") {
      folder = slash == path.startIndex ? "/" : String(path[..<slash])
      name = String(path[path.index(after: slash)...])
    } else {
      folder = "."
      name = path
    }
    guard name.utf8.count < 242 else {
      throw QuantError(
        .usage, "prefix{\(name)} is invalid. '/' is reserved characters, length should be less than 242.")
    }
  }

  static let quantJSON = "quant.json"
  static let deploySuffixes = ["deploy_model.prototxt", "deploy_weights.caffemodel"]
  static let fakeQuantSuffixes = ["fake_quant_model.prototxt", "fake_quant_weights.caffemodel"]
  private static let commonSuffixes = [quantJSON, "quant_param_record.txt", "quant_param_record.bin"]

  /// What of a file's name comes after the prefix; `nil` for a file that is none of a saved model's.
  static func suffix(of path: String) -> String? {
    let name = path.split(separator: "/").last ?? ""
    return (deploySuffixes + fakeQuantSuffixes + commonSuffixes).first { name == $0 || name.hasSuffix("_" + $0) }
  }

  package func file(_ suffix: String) -> String { folder + "/" + (name.isEmpty ? suffix : name + "_" + suffix) }

  /// The files of a save.
  func files(_ type: SaveType) -> [String] {
    ((type == .fakeQuant ? [] : Self.deploySuffixes) + (type == .deploy ? [] : Self.fakeQuantSuffixes)
      + Self.commonSuffixes).map(file)
  }

  /// - Throws: exit 3 when a file to be written is one that the models are made of.
  func refuseInputs(_ inputs: [String], _ type: SaveType) throws(QuantError) {
    for file in files(type) {
      if let input = inputs.first(where: { SameFile.are($0, file) }) {
        throw QuantError(.badInput, "\(file) would overwrite \(input), which is read", help: ["give another --out"])
      }
    }
  }
}

/// Writes nets and weights with the schema and unknown bytes of the model they came from.
struct ModelOutput {
  let model: LoadedModel

  func write(
    _ graph: Graph, blobs: [String: [BlobPayload]], prototxt: String, weights: String
  ) throws(DiagnosticError) {
    let net = graph.netMessage()
    try AtomicFile.write(path: prototxt, text: try model.schema.printText(net))
    try WeightsWriter.write(net: model.addingUnknownBytes(to: net), blobs: blobs, to: weights, schema: model.schema)
  }

  /// The final files of a run.
  /// - Returns: their paths.
  func save(
    _ quantized: QuantizedModel, _ prefix: OutputPrefix, _ type: SaveType, news: (Diagnostic) -> Void
  ) throws(DiagnosticError) -> [String] {
    var files: [String] = []
    func path(_ suffix: String) -> String {
      let path = prefix.file(suffix)
      if FileManager.default.fileExists(atPath: path) {
        news(.warning("The file already exists at \(path), and it will be overwritten by AMCT"))
      }
      files.append(path)
      return path
    }
    if type != .fakeQuant {
      try write(
        quantized.graph, blobs: DeployModelWriter.blobs(quantized), prototxt: path("deploy_model.prototxt"),
        weights: path("deploy_weights.caffemodel"))
    }
    if type != .deploy {
      try write(
        quantized.graph, blobs: FakeQuantModelWriter.blobs(quantized), prototxt: path("fake_quant_model.prototxt"),
        weights: path("fake_quant_weights.caffemodel"))
    }
    try AtomicFile.write(path: path("quant.json"), text: QuantJSONWriter.text(quantized))
    let record = QuantParamRecordWriter.message(quantized)
    try AtomicFile.write(path: path("quant_param_record.txt"), text: try model.schema.printText(record))
    try AtomicFile.write(path: path("quant_param_record.bin"), bytes: try model.schema.serialize(record))
    return files
  }
}
