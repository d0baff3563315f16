import CaffeFormat
import Diagnostics
import Tensors

extension Graph {
  /// Where learned values come from when a layer has none in the weights file.
  package enum MissingParams: Sendable {
    /// The layer's fillers, with a warning for each layer; at least one layer must match.
    case fillers
    /// Random values for every layer, no warning: for measuring speed without weights.
    case random(seed: UInt64)
  }

  /// Gives every node its learned blobs.
  ///
  /// Blobs are found by layer name and must have the layer's shape; legacy 4-D shapes fit when they equal it with ones
  /// stripped from the front, as Caffe's `ShapeEquals` has it. Layers whose ParamSpecs carry one name share the first
  /// one's blob.
  /// - Throws: `DiagnosticError` naming both shapes or counts, at the layer's place; when no layer name matches.
  package func binding(
    _ weights: [String: [Tensor]], source: String, missing: MissingParams, log: inout DiagnosticLog
  ) throws(DiagnosticError) -> Graph {
    var graph = self
    var errors = DiagnosticLog()
    var shared: [String: (tensor: Tensor, layer: String)] = [:]
    var matched = 0
    var learning = 0
    var filler = ParamFiller(seed: 1)
    if case .random(let seed) = missing { filler = ParamFiller(seed: seed) }
    for i in graph.nodes.indices {
      let node = graph.nodes[i]
      guard let layer = node.layer, !(layer is PassedLayer), let bottoms = graph.knownShapes(node.bottoms) else {
        // Without shapes nothing can be checked; the blobs are kept so that they can be written again.
        graph.nodes[i].params = weights[node.name] ?? []
        if weights[node.name] != nil { matched += 1 }
        continue
      }
      do throws(LayerError) {
        let specs: [ParamBlobSpec]
        do throws(LayerError) { specs = try layer.paramBlobs(bottoms) } catch { throw graph.located(error, node) }
        if specs.isEmpty { continue }
        learning += 1
        var params: [Tensor]
        if let found = weights[node.name], !found.isEmpty {
          matched += 1
          params = try graph.fitted(found, specs, node, source)
          do throws(LayerError) { try layer.validate(params) } catch { throw graph.located(error, node) }
        } else {
          if case .random = missing {
            params = specs.map { filler.plausible($0) }
          } else {
            params = specs.map { filler.fill($0) }
            log.add(
              .warning(
                "layer '\(node.name)' (\(node.type)) has no weights in \(source); filled by its fillers",
                at: node.location))
          }
        }
        for (k, spec) in node.parameter.params.enumerated() where k < params.count && !spec.name.isEmpty {
          if let first = shared[spec.name] {
            params[k] = try graph.sharedBlob(first, spec, params[k], node)
          } else {
            shared[spec.name] = (params[k], node.name)
          }
        }
        graph.nodes[i].params = params
      } catch {
        errors.add(contentsOf: error.diagnostics)
      }
    }
    if case .fillers = missing, learning > 0, matched == 0 {
      let names = weights.keys.sorted().prefix(5).joined(separator: ", ")
      errors.add(
        .error(
          weights.isEmpty
            ? "\(source): no layer in it has weights" : "\(source): no layer name matches the net's",
          notes: weights.isEmpty ? [] : [.init("the file has \(names)\(weights.count > 5 ? ", ..." : "")")]))
    }
    try errors.throwIfErrors()
    return graph
  }

  func knownShapes(_ ids: [BlobID]) -> [Shape]? {
    let shapes = ids.compactMap { shape($0) }
    return shapes.count == ids.count ? shapes : nil
  }

  private func fitted(
    _ found: [Tensor], _ specs: [ParamBlobSpec], _ node: Node, _ source: String
  ) throws(LayerError) -> [Tensor] {
    guard found.count == specs.count else {
      throw .parameter(
        "layer '\(node.name)' (\(node.type)) has \(specs.count) blobs, \(source) gives it \(found.count)",
        at: node.location)
    }
    var out: [Tensor] = []
    for (blob, spec) in zip(found, specs) {
      guard Self.fits(blob.shape, spec.shape) else {
        throw .parameter(
          "layer '\(node.name)' (\(node.type)): its \(spec.name) needs shape \(spec.shape), \(source) has \(blob.shape)",
          at: node.location)
      }
      out.append(blob.reshaped(spec.shape))
    }
    return out
  }

  /// Equal shapes, or a legacy `[1, .., ] ` shape that equals `want` padded with ones in front.
  static func fits(_ got: Shape, _ want: Shape) -> Bool {
    if got == want { return true }
    guard got.rank == 4, want.rank <= 4 else { return got.count == want.count && want.rank == 0 && got.count == 1 }
    return got.dims == [Int](repeating: 1, count: 4 - want.rank) + want.dims
  }

  private func sharedBlob(
    _ first: (tensor: Tensor, layer: String), _ spec: ParamSpec, _ own: Tensor, _ node: Node
  ) throws(LayerError) -> Tensor {
    if first.tensor.shape == own.shape { return first.tensor }
    if spec.permissive, first.tensor.count == own.count { return first.tensor.reshaped(own.shape) }
    throw .parameter(
      "layer '\(node.name)' (\(node.type)) cannot share '\(spec.name)': its shape is \(own.shape), that of layer "
        + "'\(first.layer)' is \(first.tensor.shape)", at: node.location)
  }
}
