import CaffeFormat
import Diagnostics
import Tensors

/// A part of a net, named by the blobs where it begins and ends.
package struct NetPart: Sendable, Hashable, Codable {
  /// Blobs that become inputs; what makes them is left out.
  package var inputs: [String]
  /// Blobs that the part must make. Empty: all outputs of the net that depend on one of `inputs`.
  package var outputs: [String]

  package init(inputs: [String] = [], outputs: [String] = []) {
    self.inputs = inputs
    self.outputs = outputs
  }

  package var isWhole: Bool { inputs.isEmpty && outputs.isEmpty }

  /// "the part from pool1 to conv2"
  package var text: String {
    if isWhole { return "the whole net" }
    return "the part" + (inputs.isEmpty ? "" : " from " + inputs.joined(separator: ", "))
      + (outputs.isEmpty ? "" : " to " + outputs.joined(separator: ", "))
  }
}

extension NetParameter {
  /// The net with only those layers that the outputs of `part` need, from its inputs on.
  ///
  /// ```
  /// data - conv1 - pool1 - conv2 - fc        inputs: pool1, outputs: conv2
  ///                pool1 - conv2
  /// ```
  /// An input becomes an `Input` layer of the shape that the whole net gives it; a name stands for the blob's final value,
  /// behind every layer that works on it in place. Tops that somebody reads in the whole net and nobody in the part are
  /// read by a `Silence` layer, so that they are no outputs. Layers that are left out need neither known types nor shapes.
  /// - Parameter inputShapes: shapes of inputs, of the whole net or of the part, by blob name.
  /// - Throws: blobs that the net does not have, with near names; inputs that no output needs, or of unknown shape; blobs
  ///   that would have to be input and made at once.
  package func cut(
    to part: NetPart, catalog: LayerCatalog, inputShapes: [String: Shape] = [:], log: inout DiagnosticLog
  ) throws(DiagnosticError) -> NetParameter {
    if part.isWhole { return self }
    let table = BlobTable(self)
    var errors = DiagnosticLog()
    for (names, flag) in [(part.inputs, "--inputs"), (part.outputs, "--outputs")] {
      for name in names where table.last[name] == nil { errors.add(unknown(name, flag, table)) }
    }
    try errors.throwIfErrors()

    let starts = Dictionary(part.inputs.map { ($0, table.last[$0] ?? 0) }) { a, _ in a }
    // What is an input of the whole net stays as it is.
    let cuts = starts.filter { !isInput($0.key, table, catalog) }
    let wanted =
      part.outputs.isEmpty
      ? table.outputs(behind: Set(starts.values), self, catalog) : part.outputs.map { table.last[$0] ?? 0 }
    let needed = table.ancestors(of: wanted, stoppingAt: Set(cuts.values))
    for (name, value) in starts.sorted(by: { $0.key < $1.key }) where !needed.values.contains(value) {
      errors.add(
        .error(
          "no output of the part needs the input '\(name)'", at: SourceLocation(file: file),
          help: ["leave it out, or give --outputs with a blob that depends on it"]))
    }
    for (name, value) in cuts.sorted(by: { $0.key < $1.key }) {
      if let problem = conflict(name, value, needed, table) { errors.add(problem) }
    }
    for (name, value) in zip(part.outputs, wanted) {
      if let reader = needed.layers.sorted().first(where: { table.reads[$0].contains(value) }) {
        log.add(
          .warning(
            "'\(name)' is no output of the part: layer '\(layers[reader].name)' reads it on the way to another one",
            at: layers[reader].location, help: ["cortado forward --dump blobs writes such blobs too"]))
      }
    }
    try errors.throwIfErrors()

    var net = self
    var kept: [LayerParameter] = []
    for name in part.inputs where cuts[name] != nil && !kept.contains(where: { $0.tops == [name] }) {
      if let shape = inputShapes[name] {
        kept.append(inputLayer(name, shape))
      } else {
        kept.append(inputLayer(name, try inferredShape(of: name, table, catalog, inputShapes)))
      }
    }
    var silenced: [String] = []
    for index in needed.layers.sorted() {
      var layer = layers[index]
      let isUsed = table.makes[index].map { needed.values.contains($0) }
      if catalog[layer.type] is any InputLayerType.Type {
        layer.dropTops(isUsed)
      } else {
        silenced += zip(layer.tops, table.makes[index]).filter { !needed.values.contains($0.1) && table.isRead($0.1) }
          .map(\.0)
      }
      kept.append(layer)
    }
    if !silenced.isEmpty { kept.append(silence(silenced)) }
    net.layers = kept
    net.dropInputs { name in table.netInputs[name].map(needed.values.contains) ?? false }
    return net
  }

  /// Those of `shapes` that this part of `whole` has a use for: blobs of the whole net that are no inputs here are left out.
  package func inputShapes(
    of shapes: [String: Shape], from whole: NetParameter, _ catalog: LayerCatalog
  ) -> [String: Shape] {
    let own = Set(
      inputs.map(\.name) + layers.filter { catalog[$0.type] is any InputLayerType.Type }.flatMap(\.tops))
    let known = Set(whole.inputs.map(\.name) + whole.layers.flatMap(\.tops))
    return shapes.filter { own.contains($0.key) || !known.contains($0.key) }
  }

  // MARK: what is wrong

  private func unknown(_ name: String, _ flag: String, _ table: BlobTable) -> Diagnostic {
    var help = NearestName.help(name, among: table.last.keys.sorted())
    if let layer = layers.first(where: { $0.name == name }), !layer.tops.isEmpty {
      help = ["'\(name)' is a layer; its top is \(layer.tops.map { "'\($0)'" }.joined(separator: ", "))"]
    }
    return .error("\(flag): the net has no blob '\(name)'", at: SourceLocation(file: file), help: help)
  }

  /// An input whose name a layer of the part makes as well.
  private func conflict(_ name: String, _ value: Int, _ needed: BlobTable.Needed, _ table: BlobTable) -> Diagnostic? {
    guard let maker = needed.layers.sorted().first(where: { layers[$0].tops.contains(name) }) else { return nil }
    let others = zip(layers[maker].tops, table.makes[maker]).filter { needed.values.contains($0.1) && $0.0 != name }
      .map(\.0)
    let isInPlace = !table.makes[maker].contains(value)
    return .error(
      "'\(name)' cannot be an input: layer '\(layers[maker].name)' of the part makes it too",
      at: layers[maker].location,
      help: [
        isInPlace
          ? "a layer of the part reads '\(name)' before other layers change it in place"
          : "the part needs \(others.map { "'\($0)'" }.joined(separator: ", ")) of that layer: name them as inputs as well"
      ])
  }

  // MARK: shapes

  private func isInput(_ name: String, _ table: BlobTable, _ catalog: LayerCatalog) -> Bool {
    guard let value = table.last[name] else { return false }
    guard let maker = table.maker(of: value) else { return true }
    return catalog[layers[maker].type] is any InputLayerType.Type
  }

  /// The shape that the net infers for the final value of a blob, from the layers before it alone.
  private func inferredShape(
    of name: String, _ table: BlobTable, _ catalog: LayerCatalog, _ inputShapes: [String: Shape]
  ) throws(DiagnosticError) -> Shape {
    let value = table.last[name] ?? 0
    let before = table.ancestors(of: [value], stoppingAt: [])
    let chosen = before.layers.sorted().map { layers[$0] }
    let netInputs = inputs.filter { table.netInputs[$0.name].map(before.values.contains) ?? false }
    let names = Set(netInputs.map(\.name) + chosen.flatMap(\.tops))
    var help = ["give it: --input-shape \(name)=N,C,H,W"]
    var notes: [Diagnostic.Note] = []
    var log = DiagnosticLog()
    do throws(DiagnosticError) {
      let graph = try Graph.build(
        name: self.name, header: message, inputs: netInputs, layers: chosen, catalog: catalog,
        inputShapes: inputShapes.filter { names.contains($0.key) && isInput($0.key, table, catalog) }, log: &log)
      if let top = graph.blobs.last(where: { $0.name == name }), let shape = top.shape { return shape }
      if let unknown = graph.unknownNodes.first {
        notes.append(.init("layer '\(unknown.name)' has the unknown type '\(unknown.type)'", at: unknown.location))
      }
      for input in graph.inputs where graph.shape(input) == nil {
        help.append("or that of the net's input: --input-shape \(graph[input].name)=N,C,H,W")
      }
    } catch {
      notes += error.diagnostics.filter { $0.severity == .error }.map { .init($0.text, at: $0.location) }
    }
    throw DiagnosticError(
      "the shape of '\(name)' is not known, so it cannot be an input", at: SourceLocation(file: file), notes: notes,
      help: help)
  }

  // MARK: layers that are added

  private func inputLayer(_ blob: String, _ shape: Shape) -> LayerParameter {
    var extents = ProtoMessage("BlobShape", location: location)
    extents.setAll("dim", shape.dims.map { .int(Int64($0)) })
    var settings = ProtoMessage("InputParameter", location: location)
    settings.set("shape", .message(extents))
    var layer = added("Input", named: blob)
    layer.message.set("input_param", .message(settings))
    layer.tops = [blob]
    layer.message.setAll("top", [.string(blob)])
    return layer
  }

  private func silence(_ blobs: [String]) -> LayerParameter {
    var layer = added("Silence", named: "silence")
    layer.bottoms = blobs
    layer.message.setAll("bottom", blobs.map(ProtoValue.string))
    return layer
  }

  /// A layer without bottoms and tops, under a name that no layer of the net has.
  private func added(_ type: String, named base: String) -> LayerParameter {
    let taken = Set(layers.map(\.name))
    var name = base
    var number = 1
    while taken.contains(name) {
      name = "\(base)_\(type.lowercased())" + (number > 1 ? "\(number)" : "")
      number += 1
    }
    var message = ProtoMessage("LayerParameter", location: SourceLocation(file: file))
    message.set("name", .string(name))
    message.set("type", .string(type))
    return LayerParameter(message)
  }

  /// Leaves net-level inputs out; the shapes of those that stay are written as `input_shape`.
  private mutating func dropInputs(_ isKept: (String) -> Bool) {
    let kept = inputs.filter { isKept($0.name) }
    if kept.count == inputs.count { return }
    inputs = kept
    message.remove("input_dim")
    message.setAll("input", kept.map { .string($0.name) })
    let shapes = kept.compactMap(\.shape).map { shape in
      var extents = ProtoMessage("BlobShape", location: location)
      extents.setAll("dim", shape.dims.map { .int(Int64($0)) })
      return ProtoValue.message(extents)
    }
    message.setAll("input_shape", shapes.count == kept.count ? shapes : [])
  }
}

extension LayerParameter {
  /// Leaves out tops of a layer that is an input: of `Input` with their shapes, of data layers those at the end.
  fileprivate mutating func dropTops(_ isUsed: [Bool]) {
    guard isUsed.contains(false), isUsed.contains(true) else { return }
    let all = tops
    if type == "Input" {
      tops = zip(all, isUsed).filter(\.1).map(\.0)
      if var settings = message.message("input_param"), settings.count("shape") == all.count {
        settings.setAll("shape", zip(settings.all("shape"), isUsed).filter(\.1).map(\.0.value))
        message.set("input_param", .message(settings))
      }
    } else {
      tops = Array(all.prefix((isUsed.lastIndex(of: true) ?? 0) + 1))
    }
    message.setAll("top", tops.map(ProtoValue.string))
  }
}

/// The blobs of a net in single-assignment form, by number, without types and shapes.
private struct BlobTable {
  struct Needed {
    var layers: Set<Int> = []
    var values: Set<Int> = []
  }

  /// The final value of each name.
  private(set) var last: [String: Int] = [:]
  private(set) var netInputs: [String: Int] = [:]
  /// Per layer: the values it reads, and those it makes.
  private(set) var reads: [[Int]] = []
  private(set) var makes: [[Int]] = []
  private var makers: [Int?] = []
  private var readValues: Set<Int> = []

  init(_ net: NetParameter) {
    for input in net.inputs {
      last[input.name] = makers.count
      netInputs[input.name] = makers.count
      makers.append(nil)
    }
    for (index, layer) in net.layers.enumerated() {
      // A bottom that nobody makes is found by the graph, when the part needs its layer.
      reads.append(layer.bottoms.compactMap { last[$0] })
      readValues.formUnion(reads[index])
      makes.append([])
      for top in layer.tops {
        makes[index].append(makers.count)
        last[top] = makers.count
        makers.append(index)
      }
    }
  }

  func maker(of value: Int) -> Int? { makers[value] }
  func isRead(_ value: Int) -> Bool { readValues.contains(value) }

  /// All that `values` are computed from, and the values themselves.
  func ancestors(of values: [Int], stoppingAt cuts: Set<Int>) -> Needed {
    var needed = Needed()
    var open = values
    while let value = open.popLast() {
      guard needed.values.insert(value).inserted, !cuts.contains(value), let maker = makers[value] else { continue }
      if needed.layers.insert(maker).inserted { open += reads[maker] }
    }
    return needed
  }

  /// The net's outputs that depend on one of `cuts`.
  func outputs(behind cuts: Set<Int>, _ net: NetParameter, _ catalog: LayerCatalog) -> [Int] {
    var reached = cuts
    var outputs: [Int] = []
    for index in makes.indices {
      let depends = reads[index].contains(where: reached.contains)
      if depends { reached.formUnion(makes[index]) }
      if catalog[net.layers[index].type] is any InputLayerType.Type { continue }
      outputs += makes[index].filter { reached.contains($0) && !readValues.contains($0) }
    }
    return outputs
  }
}
