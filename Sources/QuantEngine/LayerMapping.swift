import Diagnostics
import Foundation
import LayerGraph
import Passes

/// Which value of the quantized net stands for which value of the original.
package struct LayerMapping: Sendable {
  package struct Layer: Sendable {
    /// In the original; a DepthwiseConv that stands for a chain goes by the chain's first layer.
    package let layer: String
    /// In the quantized net.
    package let quantizedLayer: String
    package let type: String
    package let isQuantized: Bool
    package let original: BlobID
    package let quantized: BlobID
  }
  package struct Output: Sendable {
    package let blob: String
    package let original: BlobID
    package let quantized: BlobID
  }

  package let layers: [Layer]
  package let outputs: [Output]

  /// Maps by layer name; a layer of the quantized net that absorbed others stands for the last of them, as quant.json says
  /// or, without that file, as far as the chain behind the layer is missing from the quantized net.
  /// - Throws: when the two nets have nothing in common.
  package init(original: Graph, quantized: Graph, quantJSON: QuantJSONFile?) throws(DiagnosticError) {
    let inserted: Set<String> = ["Quant", "DeQuant", "AntiQuant", "IFMR", "SearchN"]
    let present = Set(quantized.nodes.map(\.name))
    let chains = FusionPlan(original, skip: []).chains
    var objects = Set<String>()
    for node in quantized.nodes where node.type == "Quant" {
      if let object = node.parameter.message.message("quant_param")?.string("object_layer") { objects.insert(object) }
    }
    var layers: [Layer] = []
    for node in quantized.nodes where !inserted.contains(node.type) && !(node.layer is any InputLayerType) {
      let first = quantJSON?.firstOriginal(of: node.name) ?? node.name
      guard let own = original.node(named: first), !node.tops.isEmpty else { continue }
      var last = own
      if let name = quantJSON?.lastOriginal(of: node.name), let found = original.node(named: name) {
        last = found
      } else if let chain = chains[own.id] {
        for id in chain { if let next = original[id], !present.contains(next.name) { last = next } }
      }
      for (a, b) in zip(last.tops, node.tops).prefix(1) {
        layers.append(
          Layer(
            layer: own.name, quantizedLayer: node.name, type: node.type, isQuantized: objects.contains(node.name),
            original: a, quantized: b))
      }
    }
    var outputs: [Output] = []
    let quantizedOutputs = quantized.outputs
    for blob in original.outputs {
      let name = original[blob].name
      if let match = quantizedOutputs.first(where: { quantized[$0].name == name }) {
        outputs.append(Output(blob: name, original: blob, quantized: match))
      }
    }
    guard !layers.isEmpty, !outputs.isEmpty else {
      throw DiagnosticError(
        "the two nets have no \(layers.isEmpty ? "layer" : "output") in common",
        help: ["give the original model first, the fake-quant model second"])
    }
    self.layers = layers
    self.outputs = outputs
  }
}

/// What `*_quant.json` says about fusion: the original layers behind each layer of the quantized net.
package struct QuantJSONFile: Sendable {
  private let originals: [String: [String]]

  /// - Throws: a located error when the file is not JSON of that form.
  package init(path: String) throws(DiagnosticError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw DiagnosticError("cannot read \(path)", at: SourceLocation(file: path))
    }
    let parsed: Root
    do {
      parsed = try JSONDecoder().decode(Root.self, from: data)
    } catch {
      throw DiagnosticError("not a quant.json: \(error)", at: SourceLocation(file: path))
    }
    var table: [String: [String]] = [:]
    for op in parsed.graph.flatMap(\.op) {
      for attr in op.attr ?? [] where attr.key == "_datadump_original_op_names" {
        table[op.name] = attr.value.list?.s ?? []
      }
    }
    originals = table
  }

  package func firstOriginal(of layer: String) -> String? { originals[layer]?.first }
  package func lastOriginal(of layer: String) -> String? { originals[layer]?.last }

  private struct Root: Decodable { let graph: [SubGraph] }
  private struct SubGraph: Decodable { let op: [Op] }
  private struct Op: Decodable {
    let name: String
    let attr: [Attr]?
  }
  private struct Attr: Decodable {
    let key: String
    let value: Value
  }
  private struct Value: Decodable { let list: List? }
  private struct List: Decodable { let s: [String]? }
}
