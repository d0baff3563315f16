import Diagnostics
import Tensors

/// Which of the two nets in a train_val file is meant.
package enum Phase: String, Sendable, CaseIterable {
  case train = "TRAIN"
  case test = "TEST"
}

/// A net as read: upgraded to today's format, with the layers that its state includes.
package struct NetParameter: Sendable {
  package var name: String
  /// Net-level `input:` fields, in file order; `Input` layers stay layers.
  package var inputs: [NetInput]
  package var layers: [LayerParameter]
  /// The net-level fields: the `NetParameter` message without its layers.
  package var message: ProtoMessage
  package var location: SourceLocation
  package var file: String

  /// The whole net as one message, for writing.
  package func encoded() -> ProtoMessage {
    var net = message
    net.setAll("layer", layers.map { .message($0.encoded()) })
    return net
  }
}

extension LayerParameter {
  /// The layer's message with its present name, type, bottoms and tops.
  package func encoded() -> ProtoMessage {
    var m = message
    m.set("name", .string(name))
    m.set("type", .string(type))
    m.setAll("bottom", bottoms.map(ProtoValue.string))
    m.setAll("top", tops.map(ProtoValue.string))
    return m
  }
}

extension NetParameter {
  /// Reads a net, text or binary, from a file.
  /// - Parameter log: gets a note for each upgrade of an old format.
  /// - Throws: unreadable files, everything the text reader finds, nets without layers, wrong input shapes, layers that
  ///   both include and exclude.
  package static func load(
    path: String, schema: ProtoSchema, phase: Phase = .test, level: Int = 0, stages: [String] = [],
    log: inout DiagnosticLog
  ) throws(DiagnosticError) -> NetParameter {
    let file = try FileBuffer(reading: path)
    return try parse(file, file: path, schema: schema, phase: phase, level: level, stages: stages, log: &log)
  }

  /// Reads a net from bytes; `file` names them in messages.
  package static func parse(
    _ bytes: [UInt8], file: String, schema: ProtoSchema, phase: Phase = .test, level: Int = 0, stages: [String] = [],
    log: inout DiagnosticLog
  ) throws(DiagnosticError) -> NetParameter {
    try parse(
      FileBuffer(bytes, path: file), file: file, schema: schema, phase: phase, level: level, stages: stages, log: &log)
  }

  private static func parse(
    _ bytes: FileBuffer, file: String, schema: ProtoSchema, phase: Phase, level: Int, stages: [String],
    log: inout DiagnosticLog
  ) throws(DiagnosticError) -> NetParameter {
    var net: ProtoMessage
    do throws(DiagnosticError) {
      net =
        bytes.looksBinary
        ? try schema.parseBinary("NetParameter", bytes.array, file: file)
        : try schema.parseText("NetParameter", bytes.array, file: file)
    } catch {
      throw bytes.looksBinary ? error.adding(context: "\(file) is taken for a binary net") : error
    }
    net = try NetUpgrade.upgraded(net, schema: schema, log: &log)
    let state = NetState(net.message("state"), phase: phase, level: level, stages: stages)
    let layers = try state.filter(net.messages("layer"))
    if layers.isEmpty {
      let excluded = net.has("layer")
      throw DiagnosticError(
        excluded ? "no layer of the net is included in phase \(phase.rawValue)" : "the net has no layers",
        at: SourceLocation(file: file))
    }
    let inputs = try self.inputs(of: net)
    net.remove("layer")
    return NetParameter(
      name: net.string("name") ?? "", inputs: inputs, layers: layers.map(LayerParameter.init), message: net,
      location: net.location, file: file)
  }

  /// Net-level inputs with `input_shape` (one each) or `input_dim` (four each), as Caffe's `Net::Init` wants them.
  private static func inputs(of net: ProtoMessage) throws(DiagnosticError) -> [NetInput] {
    let names = net.all("input")
    let shapes = net.messages("input_shape")
    let dims = net.ints("input_dim")
    if !shapes.isEmpty, shapes.count != names.count {
      throw DiagnosticError(
        "the net has \(names.count) inputs but \(shapes.count) input_shape", at: net.location(of: "input_shape"))
    }
    if shapes.isEmpty, !dims.isEmpty, dims.count != 4 * names.count {
      throw DiagnosticError(
        "the net has \(names.count) inputs, so \(4 * names.count) input_dim, but \(dims.count) are given",
        at: net.location(of: "input_dim"))
    }
    var log = DiagnosticLog()
    let inputs = names.enumerated().map { i, field in
      let shape: Shape? =
        shapes.isEmpty ? (dims.isEmpty ? nil : Shape(Array(dims[4 * i..<4 * i + 4]))) : Shape(shapes[i].ints("dim"))
      if let shape, !shape.isLegal {
        log.add(
          .error(
            "shape \(shape) of input '\(field.value.stringValue ?? "")' is not possible",
            at: shapes.isEmpty ? net.location(of: "input_dim") : shapes[i].location))
      }
      return NetInput(name: field.value.stringValue ?? "", shape: shape, location: field.location)
    }
    try log.throwIfErrors()
    return inputs
  }
}
