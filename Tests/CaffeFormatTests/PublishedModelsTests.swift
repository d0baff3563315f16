import Diagnostics
import Foundation
import Testing

@testable import CaffeFormat

/// Models that other people published; the folder is found beside the package or through CORTADO_MODELS.
enum PublishedModels {
  static let folder: String? = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let named = ProcessInfo.processInfo.environment["CORTADO_MODELS"]
    let candidates =
      [named].compactMap { $0 }
      + ["../shared/models", "../../shared/models"].map {
        package.appendingPathComponent($0).standardized.path
      }
    return candidates.first { FileManager.default.fileExists(atPath: $0) }
  }()

  static func files(_ suffix: String) -> [String] {
    guard let folder, let all = FileManager.default.enumerator(atPath: folder) else { return [] }
    return all.compactMap { $0 as? String }.filter { $0.hasSuffix(suffix) }.sorted().map { folder + "/" + $0 }
  }
}

@Suite("Published models", .enabled(if: PublishedModels.folder != nil, "no folder of published models"))
struct PublishedModelsTests {
  @Test(arguments: PublishedModels.files(".prototxt"))
  func `every prototxt reads without an unknown field and reads back as printed`(_ path: String) throws {
    let schema = try ProtoSchema.builtIn()
    var log = DiagnosticLog()
    for phase in Phase.allCases {
      let net = try NetParameter.load(path: path, schema: schema, phase: phase, log: &log)
      let text = try schema.printText(net.encoded())
      let again = try NetParameter.parse(Array(text.utf8), file: path, schema: schema, phase: phase, log: &log)
      let isSame = again.encoded() == net.encoded()
      #expect(isSame, "phase \(phase)")
    }
  }

  @Test(arguments: PublishedModels.files(".caffemodel"))
  func `every caffemodel gives the layers of its net their blobs`(_ path: String) throws {
    let schema = try ProtoSchema.builtIn()
    let weights = try WeightsFile(path: path, schema: schema)
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    var log = DiagnosticLog()
    let net = try #require(
      PublishedModels.files(".prototxt").first { $0.hasPrefix(folder + "/") && !$0.hasSuffix("train_test.prototxt") })
    let layers = try NetParameter.load(path: net, schema: schema, log: &log).layers
    let weighted = layers.filter { ["Convolution", "InnerProduct", "ConvolutionDepthwise"].contains($0.type) }
    for layer in weighted {
      let blobs = try #require(weights[layer.name]?.blobs, "no weights for \(layer.name)")
      #expect(!blobs.isEmpty)
      #expect(blobs.allSatisfy { $0.values.array.allSatisfy(\.isFinite) })
    }
  }

  /// facts.json: the number of layers and the types that Google's own text parser finds.
  @Test func `published descriptions have the layers that protobuf's own tools find`() throws {
    let folder = try #require(PublishedModels.folder) + "/prototxt-only/"
    struct Fact: Decodable {
      var file: String
      var layers: Int
      var test_phase_layers: Int
    }
    let facts = try JSONDecoder().decode(
      [Fact].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "facts.json")))
    let schema = try ProtoSchema.builtIn()
    for fact in facts {
      let net = try schema.parseText("NetParameter", FileBuffer(reading: folder + fact.file).array, file: fact.file)
      #expect(net.count("layer") + net.count("layers") == fact.layers, "\(fact.file)")
      var log = DiagnosticLog()
      let test = try NetParameter.load(path: folder + fact.file, schema: schema, log: &log)
      #expect(test.layers.count == fact.test_phase_layers, "\(fact.file)")
    }
  }
}
