import CaffeFormat
import Diagnostics
import LayerGraph
import Layers
import Tensors

/// Nets written out in tests as prototxt text, with the layer types there are; the file is called `net.prototxt`.
package enum NetText {
  /// - Parameter log: gets the warnings.
  package static func build(
    _ text: String, inputShapes: [String: Shape] = [:], log: inout DiagnosticLog
  ) throws -> Graph {
    let net = try NetParameter.parse(Array(text.utf8), file: "net.prototxt", schema: .builtIn(), log: &log)
    return try Graph.build(
      name: net.name, header: net.message, inputs: net.inputs, layers: net.layers, catalog: .builtIn,
      inputShapes: inputShapes, log: &log)
  }

  /// The graph of a net with learned blobs: those of `params` by layer name, plausible random ones of `seed` elsewhere.
  package static func graph(_ text: String, params: [String: [Tensor]] = [:], seed: UInt64 = 5) throws -> Graph {
    var log = DiagnosticLog()
    let graph = try build(text, log: &log)
    return try graph.binding(params, source: "net.caffemodel", missing: .random(seed: seed), log: &log)
  }

  /// `input` fields for one net-level input.
  package static func input(_ name: String, _ shape: Shape) -> String {
    "input: \"\(name)\" input_shape { \(shape.dims.map { "dim: \($0)" }.joined(separator: " ")) }\n"
  }

  /// One layer on a line of its own.
  /// - Parameter settings: what stands inside `layer { }` besides name, type, bottoms and tops.
  package static func layer(
    _ name: String, _ type: String, _ bottoms: [String], _ tops: [String], _ settings: String = ""
  ) -> String {
    let blobs = bottoms.map { "bottom: \"\($0)\" " } + tops.map { "top: \"\($0)\" " }
    return "layer { name: \"\(name)\" type: \"\(type)\" \(blobs.joined())\(settings) }\n"
  }

  /// What `body` throws, as diagnostics; none when it doesn't throw.
  package static func problems(_ body: () throws -> Void) -> [Diagnostic] {
    do {
      try body()
      return []
    } catch let error as any DiagnosticConvertible {
      return error.diagnostics
    } catch {
      return [.error("no located error: \(error)")]
    }
  }
}
