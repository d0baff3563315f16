import CaffeFormat
import Diagnostics
import Foundation
import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

/// Nets of a layer or two with tops computed by Caffe itself (the test data of OpenCV's Caffe importer); the folder is
/// found beside the package or through CORTADO_MODELS.
enum PublishedLayers {
  static let folder: String? = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let named = ProcessInfo.processInfo.environment["CORTADO_MODELS"].map { $0 + "/layers" }
    let candidates = [named].compactMap { $0 } + ["../shared/models/layers", "../../shared/models/layers"].map {
      package.appendingPathComponent($0).standardized.path
    }
    return candidates.first { FileManager.default.fileExists(atPath: $0) }
  }()

  /// Folders whose every layer type is in the catalog.
  static let cases: [String] = {
    guard let folder, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return [] }
    return names.sorted().filter { name in
      var log = DiagnosticLog()
      guard let net = try? load("\(folder)/\(name)/\(name).prototxt", &log) else { return false }
      return net.layers.allSatisfy { LayerCatalog.builtIn[$0.type] != nil }
    }
  }()

  static func load(_ path: String, _ log: inout DiagnosticLog) throws -> NetParameter {
    try NetParameter.load(path: path, schema: ProtoSchema.builtIn(), log: &log)
  }

  /// A C-order little-endian float32 .npy file.
  static func npy(_ path: String) throws -> Tensor {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let start = 10 + Int(data[8]) + 256 * Int(data[9])
    let header = String(decoding: data[10..<start], as: UTF8.self)
    try #require(header.contains("'<f4'") && header.contains("'fortran_order': False"))
    let inside = try #require(header.split(separator: "(").last?.split(separator: ")").first)
    let dims = inside.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    let floats = data[start...].withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
    return Tensor(shape: Shape(dims), floats)
  }
}

private struct PublishedCase: Decodable {
  struct File: Decodable { let file: String }
  struct Tolerance: Decodable { let max_abs: Float }
  let inputs: [String: File]
  let expected: [String: File]
  let tolerance: Tolerance
  let caffemodel: String?
}

@Suite("Layers as Caffe computed them", .enabled(if: PublishedLayers.folder != nil, "no folder of published models"))
struct PublishedLayersTests {
  @Test(arguments: PublishedLayers.cases, [1, 2]) func `tops are Caffe's`(_ name: String, _ threads: Int) throws {
    let folder = try #require(PublishedLayers.folder) + "/" + name + "/"
    let c = try JSONDecoder().decode(PublishedCase.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "case.json")))
    var log = DiagnosticLog()
    var values: [String: Tensor] = [:]
    for (blob, file) in c.inputs { values[blob] = try PublishedLayers.npy(folder + file.file) }
    let net = try PublishedLayers.load(folder + name + ".prototxt", &log)
    var graph = try Graph.build(
      name: net.name, header: net.message, inputs: net.inputs, layers: net.layers, catalog: .builtIn,
      inputShapes: values.mapValues(\.shape), log: &log)
    if let model = c.caffemodel {
      let weights = try WeightsFile(path: folder + model, schema: ProtoSchema.builtIn())
      let stored = Dictionary(
        weights.layers.map { ($0.name, $0.blobs.map(\.values)) }, uniquingKeysWith: { $1 })
      graph = try graph.binding(stored, source: model, missing: .fillers, log: &log)
    }
    let backend = Backend(threads: threads)
    backend.enter()
    for node in graph.nodes {
      let layer = try #require(node.layer)
      if layer is any InputLayerType { continue }
      let shapes = try #require(graph.shapes(of: node))
      let bottoms = try node.parameter.bottoms.map { try #require(values[$0]) }
      let context = KernelContext(
        shapes: shapes, params: node.params, bottomLayouts: shapes.bottoms.map(Layout.plain), backend: backend)
      let kernel = try layer.makeKernel(context) ?? ReferenceKernel(layer, shapes, node.params)
      let tops = try LayerSuite.run(kernel, bottoms, shapes, backend)
      for (top, value) in zip(node.parameter.tops, tops) { values[top] = value }
    }
    for (blob, file) in c.expected {
      let want = try PublishedLayers.npy(folder + file.file)
      let got = try #require(values[blob])
      try #require(got.shape == want.shape)
      let largest = zip(got.array, want.array).map { abs($0 - $1) }.max() ?? 0
      #expect(largest <= c.tolerance.max_abs, "\(blob)")
    }
  }
}
