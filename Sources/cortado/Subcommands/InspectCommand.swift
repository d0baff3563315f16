import ArgumentParser
import QuantEngine

/// `cortado inspect`: layers, shapes, sizes, what quantization would do with each.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show a net's layers, shapes, parameters, MACs and quantization roles.",
    discussion: "Example: cortado inspect net.prototxt net.caffemodel --json")

  @OptionGroup var model: LooseModelOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  @Flag(help: "Also tell how much memory a run needs.")
  var memory = false

  func run() throws {
    let loaded = try LoadedModel(model.files(common), missing: model.weights == nil ? nil : .fillers)
    loaded.warnings.forEach(common.console.tell)
    common.show(try InspectReport(loaded, memory: memory, threads: threads.count), table)
  }

  private func table(_ r: InspectReport) -> String {
    var t = TextTable(["#", "layer", "type", "top shapes", "params", "MACs", "quantization"], right: [0, 4, 5])
    for l in r.layers {
      let role =
        l.passThrough == true
        ? "passed through"
        : l.fusedInto.map { "fused into \($0)" }
          ?? (l.role == "none" ? "-" : l.role + (l.enabledByDefault ? "" : " (off)"))
      t.add([
        "\(l.index)", l.name, l.type + (l.known ? "" : " ?"),
        l.topShapes.map { $0.map(String.init).joined(separator: "x") }.joined(separator: " "),
        l.params > 0 ? grouped(l.params) : "", l.macs > 0 ? grouped(l.macs) : "", role,
      ])
    }
    var lines = [
      "\(r.name): \(r.layers.count) layers, \(grouped(r.totals.params)) parameters, \(grouped(r.totals.macs)) MACs"
    ]
    lines.append("inputs  " + r.inputs.map { "\($0.blob) \($0.shape.map { "\($0)" } ?? "?")" }.joined(separator: ", "))
    lines.append("outputs " + r.outputs.joined(separator: ", "))
    if let m = r.memory {
      lines.append(
        "memory  \(grouped(m.total)) bytes at most: weights \(grouped(m.weights)), packed \(grouped(m.packed)), "
          + "activations \(grouped(m.activations)), scratch \(grouped(m.scratch)), program \(grouped(m.program))")
    }
    return (lines + ["", t.text]).joined(separator: "\n")
  }
}
