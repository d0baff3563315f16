import CaffeFormat
import Diagnostics
import Tensors

extension Graph {
  /// Makes the graph of a net: layers from the catalog, blobs in single-assignment form, shapes inferred.
  ///
  /// - Parameters:
  ///   - header: the net's message without layers.
  ///   - inputShapes: shapes that replace or supply those of inputs, by blob name.
  ///   - log: gets a warning for each unknown layer type.
  /// - Throws: every error found: unknown bottoms with the nearest blob, arity, parameters, shapes.
  package static func build(
    name: String, header: ProtoMessage, inputs: [NetInput], layers: [LayerParameter], catalog: LayerCatalog,
    inputShapes: [String: Shape] = [:], log: inout DiagnosticLog
  ) throws(DiagnosticError) -> Graph {
    var errors = DiagnosticLog()
    var graph = Graph(
      name: name, header: header, nodes: [], blobs: [], netInputs: [], inputShapes: inputShapes, catalog: catalog)
    var current: [String: BlobID] = [:]
    for input in inputs {
      if current[input.name] != nil {
        errors.add(.error("input '\(input.name)' is declared twice", at: input.location))
        continue
      }
      let id = graph.addBlob(input.name, producer: nil)
      current[input.name] = id
      graph.netInputs.append(id)
      graph.blobs[id.index].shape = inputShapes[input.name] ?? input.shape
    }
    var places: [String: SourceLocation] = [:]
    for parameter in layers {
      if errors.isFull { break }
      if let first = places[parameter.name] {
        // As in Caffe: legal, and both take the weights stored under that name.
        log.add(
          Diagnostic(
            .warning, "two layers are named '\(parameter.name)'; both take the weights of that name",
            at: parameter.location, notes: [.init("the first is here", at: first)]))
      }
      places[parameter.name] = parameter.location
      graph.addNode(parameter, current: &current, errors: &errors, log: &log)
    }
    for shape in inputShapes.keys.sorted() where !graph.inputs.contains(where: { graph[$0].name == shape }) {
      errors.add(
        .error(
          "the net has no input '\(shape)'",
          help: NearestName.help(shape, among: graph.inputs.map { graph[$0].name })
            + ["its inputs are " + graph.inputs.map { graph[$0].name }.joined(separator: ", ")]))
    }
    try errors.throwIfErrors()
    return graph
  }

  private mutating func addNode(
    _ parameter: LayerParameter, current: inout [String: BlobID], errors: inout DiagnosticLog, log: inout DiagnosticLog
  ) {
    var bottoms: [BlobID] = []
    for (i, bottom) in parameter.bottoms.enumerated() {
      guard let id = current[bottom] else {
        let places = parameter.message.all("bottom")
        errors.add(
          .error(
            "layer '\(parameter.name)' (\(parameter.type)): unknown bottom blob '\(bottom)'",
            at: i < places.count && places[i].location.line > 0 ? places[i].location : parameter.location,
            help: NearestName.help(bottom, among: current.keys.sorted())))
        continue
      }
      bottoms.append(id)
    }
    if bottoms.count != parameter.bottoms.count { return declareTops(parameter, current: &current) }
    let node = NodeID(index: nextNode)
    do throws(LayerError) {
      var layer: (any LayerType)?
      if let found = try catalog.layer(parameter) {
        layer = found.layer
        try checkArity(parameter, found.arity)
      } else {
        log.add(
          .warning(
            "layer '\(parameter.name)': unknown layer type '\(typeName(of: parameter))'", at: parameter.location,
            help: NearestName.help(typeName(of: parameter), among: catalog.names)))
      }
      var own = Set<String>()
      for top in parameter.tops
      where !own.insert(top).inserted || (current[top] != nil && !parameter.bottoms.contains(top)) {
        let how = current[top] == nil ? "twice" : "by another layer already"
        throw .parameter(
          "layer '\(parameter.name)' (\(parameter.type)): top '\(top)' is made \(how)", at: parameter.location)
      }
      let tops = parameter.tops.map { addBlob($0, producer: node) }
      for (name, id) in zip(parameter.tops, tops) { current[name] = id }
      nextNode += 1
      nodes.append(
        Node(id: node, parameter: parameter, layer: layer, bottoms: bottoms, tops: tops, params: []))
      try inferShapes(at: nodes.count - 1)
    } catch {
      errors.add(contentsOf: error.diagnostics)
      declareTops(parameter, current: &current)
    }
  }

  /// A layer's type as messages say it: with what it asks for, where that is what nobody knows.
  package func typeName(of parameter: LayerParameter) -> String {
    catalog[parameter.type]?.unknownName(parameter) ?? parameter.type
  }

  /// After an error: the tops exist, so that one mistake is reported once.
  private mutating func declareTops(_ parameter: LayerParameter, current: inout [String: BlobID]) {
    for top in parameter.tops where current[top] == nil { current[top] = addBlob(top, producer: nil) }
  }

  mutating func addBlob(_ name: String, producer: NodeID?) -> BlobID {
    let id = BlobID(index: blobs.count)
    blobs.append(Blob(id: id, name: name, shape: nil, producer: producer))
    return id
  }

  func checkArity(_ p: LayerParameter, _ arity: Arity) throws(LayerError) {
    func text(_ r: ClosedRange<Int>) -> String {
      r.upperBound == Int.max
        ? "at least \(r.lowerBound)"
        : r.lowerBound == r.upperBound ? "\(r.lowerBound)" : "\(r.lowerBound) to \(r.upperBound)"
    }
    if !arity.bottoms.contains(p.bottoms.count) {
      throw .parameter(
        "layer '\(p.name)' (\(p.type)) takes \(text(arity.bottoms)) bottoms, has \(p.bottoms.count)", at: p.location)
    }
    if !arity.tops.contains(p.tops.count) {
      throw .parameter(
        "layer '\(p.name)' (\(p.type)) makes \(text(arity.tops)) tops, has \(p.tops.count)", at: p.location)
    }
    if arity.paired, p.bottoms.count != p.tops.count {
      throw .parameter(
        "layer '\(p.name)' (\(p.type)) needs as many tops as bottoms, has \(p.tops.count) and \(p.bottoms.count)",
        at: p.location)
    }
  }

  /// Sets the shapes of the tops of `nodes[position]` from those of its bottoms; leaves them unknown where a bottom is.
  mutating func inferShapes(at position: Int) throws(LayerError) {
    let node = nodes[position]
    guard let layer = node.layer else { return setShapes(of: node, []) }
    if let input = layer as? any InputLayerType {
      let declared = input.declaredShapes(topCount: node.tops.count)
      for (i, top) in node.tops.enumerated() {
        blobs[top.index].shape = inputShapes[blobs[top.index].name] ?? (i < declared.count ? declared[i] : nil)
      }
      return
    }
    let bottoms = node.bottoms.compactMap { shape($0) }
    guard bottoms.count == node.bottoms.count else { return setShapes(of: node, []) }
    let tops: [Shape]
    do throws(LayerError) {
      tops = try layer.topShapes(bottoms)
    } catch {
      throw located(error, node)
    }
    if let bad = tops.first(where: { !$0.isLegal || $0.rank > 12 }) {
      throw .parameter(
        "layer '\(node.name)' (\(node.type)): top of shape \(bad) is too large "
          + "(at most \(Shape.countLimit) elements, 12 axes)",
        at: node.location)
    }
    if tops.contains(where: { $0.dims.contains(0) }) {
      throw .parameter("layer '\(node.name)' (\(node.type)) would make an empty top \(tops)", at: node.location)
    }
    setShapes(of: node, tops)
  }

  private mutating func setShapes(of node: Node, _ shapes: [Shape]) {
    for (i, top) in node.tops.enumerated() { blobs[top.index].shape = i < shapes.count ? shapes[i] : nil }
  }

  /// Adds layer name, place and the makers of its bottoms to an error that a layer threw about shapes.
  func located(_ error: LayerError, _ node: Node) -> LayerError {
    guard var first = error.diagnostics.first, first.location == nil else { return error }
    first.text = "layer '\(node.name)' (\(node.type)) \(first.text)"
    first.location = node.location
    for bottom in node.bottoms {
      guard let producer = blobs[bottom.index].producer.flatMap({ self[$0] }), let shape = shape(bottom) else {
        continue
      }
      first.notes.append(
        .init("'\(blobs[bottom.index].name)' \(shape) is made here, by \(producer.type)", at: producer.location))
    }
    return LayerError(first)
  }
}
