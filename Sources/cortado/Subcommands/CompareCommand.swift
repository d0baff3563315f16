import ArgumentParser
import QuantEngine

/// `cortado compare`: per-layer similarity of the original and the fake-quant net.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare every layer of the original and the fake-quant net.",
    discussion: """
      Example: cortado compare net.prototxt net.caffemodel out/net_fake_quant_model.prototxt \
      out/net_fake_quant_weights.caffemodel --quant-json out/net_quant.json --images calibration --fail-under 0.99
      """)

  @OptionGroup var model: ModelOptions

  @Argument(help: ArgumentHelp("The fake-quant net.", valueName: "fake_quant.prototxt"))
  var quantizedModel: String

  @Argument(help: ArgumentHelp("Its weights.", valueName: "fake_quant.caffemodel"))
  var quantizedWeights: String

  @Option(help: ArgumentHelp("quant.json: says which layers were fused.", valueName: "file"))
  var quantJson: String?

  @Option(help: ArgumentHelp("Exit 5 when an output's cosine is lower.", valueName: "x"))
  var failUnder: Double?

  @OptionGroup var data: DataFlags
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let console = common.console
    let job = CompareJob(
      original: model.files(common),
      quantized: ModelFiles(prototxt: quantizedModel, weights: quantizedWeights, protos: common.proto),
      quantJSON: quantJson, data: try data.options(threads: threads.count), threads: threads.count)
    let report = try job.run(console.tell) { console.progress("compare", done: $0, of: $1) }
    console.clearProgress()
    common.show(report, CompareCommand.table)
    if let failUnder, !(report.outputCosine >= failUnder) {
      throw QuantError(
        .thresholdMissed, "output cosine \(fixed(report.outputCosine, 6)) is under \(failUnder)")
    }
  }

  static func table(_ r: ComparisonReport) -> String {
    var t = TextTable(["layer", "type", "state", "cos", "min", "SQNR dB", "max|err|", "slope"], right: [3, 4, 5, 6, 7])
    for l in r.layers {
      t.add([
        l.layer, l.type, l.state, fixed(l.cosine, 5), fixed(l.cosineMin, 5), fixed(l.sqnr_db, 1), fixed(l.max_abs, 4),
        fixed(l.slope, 4),
      ])
    }
    for o in r.outputs {
      t.add([
        o.blob, "output", "", fixed(o.cosine, 5), fixed(o.cosineMin, 5), fixed(o.sqnr_db, 1), fixed(o.max_abs, 4),
        fixed(o.slope, 4),
      ])
    }
    return "\(r.images) images, chain error (all layers quantized)\n" + t.text
  }
}
